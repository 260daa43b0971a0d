"""Rewards in the process that trains: the same contract and the same words as in processes of their own."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

from eureka.errors import RewardFailed
from eureka.worker.functions import load_human
from eureka.worker.reward_client import RewardHost
from eureka.worker.rewards_here import RewardsHere

X, ACTION = np.linspace(-2, 2, 64), np.linspace(0, 1, 128).reshape(64, 2)
NEAR = "import numpy as np\n\ndef compute_reward(x, action):\n    near = -np.abs(x)\n    return near + action[:, 0], {'near': near}\n"
OUT_OF_MEMORY = "class OutOfMemoryError(RuntimeError): pass\n\ndef compute_reward(x):\n    raise OutOfMemoryError('CUDA out of memory')\n"


def body(*lines: str) -> str:
    return "import numpy as np\n\ndef compute_reward(x):\n" + "".join(f"    {line}\n" for line in lines)


@pytest.fixture
def here():
    return RewardsHere("numpy", "cpu", lambda: "worker:tested")


def test_it_computes_what_a_process_of_its_own_computes(here):
    with contextlib.closing(RewardHost(isolation="best-effort")) as host:
        apart = host.start(NEAR, "compute_reward", ("x", "action")).call({"x": X, "action": ACTION})
    reward = here.start(NEAR, "compute_reward", ("x", "action"))
    total, components = reward.call({"x": X, "action": ACTION, "other": X})
    np.testing.assert_array_equal(total, apart[0])
    np.testing.assert_array_equal(components["near"], apart[1]["near"])
    assert reward.isolation == "worker:tested" and total.dtype == np.float64


@pytest.mark.parametrize(
    "code",
    [
        body("return x / nothing, {'x': x}"),
        body("return x[:3], {'x': x}"),
        body("x[0] = 1.0", "return x, {'x': x}"),
        body("return x, {'x': np.where(x > 0, np.nan, x)}"),
        body("return x, {}"),
        body("raise SystemExit(3)"),
        "def compute_reward(x:\n",
        "1 / 0\n",
        "def other(x):\n    return x, {'x': x}\n",
    ],
)
def test_it_fails_with_the_words_and_the_line_of_a_process_of_its_own(here, code):
    with contextlib.closing(RewardHost(isolation="best-effort")) as host:
        failures = []
        for rewards in (host, here):
            with pytest.raises(RewardFailed) as caught:
                rewards.start(code, "compute_reward", ("x",)).call({"x": X})
            failures.append(
                (caught.value.code, caught.value.message.replace("reward_0.py", "reward.py"), caught.value.line, caught.value.row)
            )
    assert failures[0] == failures[1]


def test_a_gpu_s_want_of_memory_is_no_reward_s_fault(here):
    with pytest.raises(RuntimeError, match="CUDA out of memory"):
        here.start(OUT_OF_MEMORY, "compute_reward", ("x",)).call({"x": X})


def test_nor_is_it_where_the_reward_is_compiled_which_it_stays(monkeypatch):
    torch = pytest.importorskip("torch")
    reward = RewardsHere("torch", "cpu", lambda: "worker:tested").start(
        "def compute_reward(x):\n    return x, {'x': x}\n", "compute_reward", ("x",)
    )
    compiled = reward._loaded._function
    assert isinstance(compiled, torch.jit.ScriptFunction)

    def starved(**given):
        # As TorchScript words it.
        raise RuntimeError(
            "The following operation failed in the TorchScript interpreter.\nRuntimeError: CUDA out of memory. Tried to allocate 2 MB"
        )

    monkeypatch.setattr(reward._loaded, "_function", starved)
    with pytest.raises(MemoryError):
        reward.call({"x": X})
    assert reward._loaded._function is starved and not reward.gave_up


def test_nor_the_human_reward_s(tmp_path):
    (tmp_path / "human.py").write_text(OUT_OF_MEMORY)
    with pytest.raises(RuntimeError, match="CUDA out of memory"):
        load_human(tmp_path / "human.py", ("x",))({"x": X})


def test_the_process_is_confined_before_the_first_program_and_once():
    told = []
    here = RewardsHere("numpy", "cpu", lambda: told.append(1) or "worker:tested")
    with pytest.raises(RewardFailed):
        here.start("1 / 0\n", "compute_reward", ("x",))
    here.start(NEAR, "compute_reward", ("x", "action"))
    assert told == [1]


def test_programs_of_one_process_keep_their_helpers_apart(here):
    helper = "def scaled(x):\n    return {} * x\n\ndef compute_reward(x):\n    return scaled(x), {{'x': scaled(x)}}\n"
    first, second = (here.start(helper.format(k), "compute_reward", ("x",)) for k in (2.0, 3.0))
    np.testing.assert_array_equal(second.call({"x": X})[0], 3 * X)
    np.testing.assert_array_equal(first.call({"x": X})[0], 2 * X)


def test_torch_s_are_compiled_each_for_itself_and_leave_the_trainer_its_gradients():
    torch = pytest.importorskip("torch")
    here = RewardsHere("torch", "cpu", lambda: "worker:tested")
    helper = "import torch\n\ndef near(x):\n    return {} * torch.tanh(x)\n\ndef compute_reward(x):\n    return near(x), {{'x': near(x)}}\n"
    with contextlib.closing(RewardHost(isolation="best-effort", library="torch")) as host:
        for k in (2.0, 3.0):
            reward = here.start(helper.format(k), "compute_reward", ("x",))
            assert reward.remark == ""
            apart = host.start(helper.format(k), "compute_reward", ("x",))
            for _ in range(3):
                np.testing.assert_array_equal(reward.call({"x": X})[0], apart.call({"x": X})[0])
    assert torch.is_grad_enabled()
    with pytest.raises(RewardFailed, match="writes to its argument 'x'"):
        here.start("def compute_reward(x):\n    x += 1\n    return x, {'x': x}\n", "compute_reward", ("x",)).call({"x": X})
