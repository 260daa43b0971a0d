"""Rewards written with torch: what they get and return, TorchScript, and the same confinement."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

pytest.importorskip("torch")

from eureka.errors import ConfigError, RewardFailed
from eureka.worker.functions import load_human
from eureka.worker.reward_client import RewardHost, RewardLimits

NEAR = """
import torch

def shaped(x):
    return torch.exp(-x.abs())

def compute_reward(x, action):
    near = shaped(x)
    effort = -0.1 * (action ** 2).sum(dim=-1)
    return near + effort, {"near": near, "effort": effort}
"""
X, ACTION = np.linspace(-2, 2, 64), np.linspace(0, 1, 128).reshape(64, 2)


@pytest.fixture(scope="module")
def host():
    with contextlib.closing(RewardHost(RewardLimits(), "require", "torch")) as host:
        yield host


def called(host, code, arguments=("x", "action"), x=X):
    with contextlib.closing(host.start(code, "compute_reward", arguments)) as process:
        return (*process.call({"x": x, "action": ACTION}), process.remark)


def failure(host, body, arguments=("x", "action")):
    with pytest.raises(RewardFailed) as caught:
        called(host, f"import torch\n\ndef compute_reward({', '.join(arguments)}):\n    {body}\n", arguments)
    return caught.value


def test_it_gets_float32_tensors_and_its_tensors_come_back_as_float64_arrays(host):
    total, components, remark = called(host, NEAR)
    x, action = X.astype(np.float32), ACTION.astype(np.float32)
    near, effort = np.exp(-np.abs(x)), -np.float32(0.1) * (action**2).sum(1)
    assert total.dtype == np.float64 and remark == ""
    np.testing.assert_allclose(components["near"], near, rtol=1e-6)
    np.testing.assert_allclose(total, near + effort, rtol=1e-6, atol=1e-7)
    _, seen, _ = called(host, "def compute_reward(x):\n    return x, {'single': (x * 0 + (1.0 + 1e-9) - 1.0) + x.element_size()}", ("x",))
    assert (seen["single"] == 4).all()


def test_it_is_confined_like_any_other(host):
    with contextlib.closing(host.start(NEAR, "compute_reward", ("x", "action"))) as process:
        assert process.isolation.startswith("seccomp")
    error = failure(host, "return x, {'x': x, 'read': open('/etc/hostname')}")
    assert "Operation not permitted" in error.message or "Permission" in error.message


def test_what_torchscript_cannot_compile_runs_all_the_same_and_says_why(host):
    code = (
        "def compute_reward(x):\n    parts = {name: x * k for k, name in enumerate(['a', 'b'], 1)}\n    return sum(parts.values()), parts\n"
    )
    total, components, remark = called(host, code, ("x",))
    np.testing.assert_allclose(total, 3 * X.astype(np.float32), rtol=1e-6)
    assert set(components) == {"a", "b"} and remark and "\n" not in remark


def test_what_fails_only_as_compiled_runs_all_the_same_and_says_so(host):
    code = "def compute_reward(x: float):\n    near = -abs(x)\n    return near, {'near': near}\n"  # given a tensor, as any reward
    with contextlib.closing(host.start(code, "compute_reward", ("x",))) as process:
        assert process.remark == process.gave_up == ""
        for x in (X, np.tile(X, 20_000)):  # the second takes a process anew
            np.testing.assert_allclose(process.call({"x": x})[0], -np.abs(x), rtol=1e-6)
            assert process.gave_up.startswith("it runs uncompiled, compiled it fails where Python does not: "), process.gave_up


def test_a_failure_names_the_line_of_the_candidate_compiled_or_not(host):
    error = failure(host, "y = x[:3]\n    return x + y, {'y': y}")
    assert error.line == 5 and "must match the size" in error.message
    error = failure(host, "raise ValueError(f'{x.shape}')")
    assert error.line == 4 and "ValueError" in error.message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return x.numpy(), {'x': x}", "total is an ndarray; expected a tensor of shape (64,)"),
        ("return 1.0, {'x': x}", "total is a float; expected a tensor of shape (64,)"),
        ("return action, {'x': x}", "total has shape (64, 2); expected (64,)"),
        ("return x, {'x': torch.complex(x, x)}", 'component "x" has dtype complex64; expected real numbers'),
        ("x += 1.0\n    return x, {'x': x}", "the reward writes to its argument 'x'; compute a new tensor, or clone it first"),
        ("return torch.log(x - 9), {'x': x}", "total is nan in row 0 of 64; expected finite numbers"),
    ],
)
def test_what_breaks_the_contract_is_told(host, body, words):
    assert words in failure(host, body).message


def test_half_precision_and_counts_are_numbers_too(host):
    code = "import torch\n\ndef compute_reward(x):\n    return x.bfloat16(), {'up': x > 0, 'steps': (x > 1).int()}\n"
    total, components, _ = called(host, code, ("x",))
    np.testing.assert_allclose(total, X, atol=0.01)
    assert components["up"].sum() == 32 and components["steps"].max() == 1


def test_the_arithmetic_of_robots_works_confined(host):
    code = """
import torch

def compute_reward(x):
    m = torch.eye(3, dtype=x.dtype, device=x.device).expand(len(x), 3, 3) * (1 + x.abs())[:, None, None]
    parts = {
        "inverse": torch.linalg.inv(m).sum(dim=(1, 2)),
        "singular": torch.linalg.svdvals(m).sum(dim=1),
        "product": torch.bmm(m, m).sum(dim=(1, 2)),
        "einsum": torch.einsum("bij,bj->b", m, m[:, 0]),
        "softmax": torch.softmax(m[:, 0], dim=-1).amax(dim=-1),
        "cross": torch.cross(m[:, 0], m[:, 1], dim=-1).norm(dim=-1),
    }
    return sum(parts.values()), parts
"""
    _, found, _ = called(host, code, ("x",))
    size = 1 + np.abs(X)
    for name, expected in {"inverse": 3 / size, "singular": 3 * size, "product": 3 * size**2, "einsum": size**2, "cross": size**2}.items():
        np.testing.assert_allclose(found[name], expected, rtol=1e-5, err_msg=name)


def test_a_human_reward_gets_tensors_too(tmp_path):
    (tmp_path / "human.py").write_text(NEAR)
    human = load_human(tmp_path / "human.py", ("x", "action"), "torch")
    total, components = human({"x": X, "action": ACTION})
    assert total.dtype == np.float64 and set(components) == {"near", "effort"}
    (tmp_path / "wrong.py").write_text("def compute_reward(x):\n    return x.numpy(), {'x': x}\n")
    with pytest.raises(ConfigError, match="total is an ndarray; expected a tensor"):
        load_human(tmp_path / "wrong.py", ("x", "action"), "torch")({"x": X, "action": ACTION})
