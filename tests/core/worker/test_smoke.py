"""What the smoke check refuses and what it must let pass, with real reward processes on made-up recordings."""

from __future__ import annotations

import sys
import textwrap
from contextlib import closing

import numpy as np
import pytest

from eureka.errors import RewardFailed
from eureka.types import EnvContext, VariableInfo
from eureka.worker.reward_client import RewardHost
from eureka.worker.smoke import LIMITS, Smoke

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")

COUNT = 300


def recordings():
    rng = np.random.default_rng(0)
    turn = rng.uniform(-0.3, 0.3, (COUNT, 4)) + np.array([1, 0, 0, 0])
    angle = rng.uniform(-0.2, 0.2, COUNT)
    return {
        "angle": angle,
        "speed": rng.normal(size=COUNT),
        "distance": rng.uniform(0.1, 2, COUNT),
        "joints": rng.normal(size=(COUNT, 3)),
        "turn": turn / np.linalg.norm(turn, axis=1, keepdims=True),
        "action": rng.integers(3, size=(COUNT, 1)).astype(float),
        "terminated": np.zeros(COUNT),
        "cosine": np.cos(angle),
        "sine": np.sin(angle),
        "left": np.resize([0.0, 0, 1], COUNT),
        "right": np.resize([0.0, 1, 0], COUNT),
        "prev_angle": np.roll(angle, 1),
    }


def info(name, column):
    entries = column.reshape(COUNT, -1)
    bounds = {"terminated": ((0,), (1,)), "action": ((0,), (2,))}.get(name)
    return VariableInfo(name=name, shape=column.shape[1:], low=entries.min(0), mean=entries.mean(0), high=entries.max(0), bounds=bounds)


@pytest.fixture(scope="module")
def failure():
    """Tries `compute_reward(arguments)` with a body: how it failed, or None."""
    recorded = recordings()
    variables = [info(name, column) for name, column in recorded.items() if name != "prev_angle"]
    smoke = Smoke(EnvContext(task="t", description="d", text="", variables=variables, has_prev=("angle",)), recorded)

    def failure(body, *arguments, before=""):
        names = arguments or ("angle", "speed", "action")
        code = f"import numpy as np\n{before}\ndef compute_reward({', '.join(names)}):\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
        try:
            with closing(host.start(code, "compute_reward", names)) as process:
                smoke.check(process, names)
        except RewardFailed as error:
            return error
        return None

    with closing(RewardHost(LIMITS, "best-effort")) as host:
        yield failure


GOOD = {
    "a variable itself": (("angle",), "return angle, {'angle': angle}"),
    "whole numbers": (("action",), "a = action[:, 0].astype(int)\nreturn a, {'a': a}"),
    "truth values": (("angle",), "a = angle > 0\nreturn a, {'a': a}"),
    "single precision": (("angle", "joints"), "a = (joints @ np.ones(3) * 1e3).astype(np.float32)\nreturn a, {'a': np.cos(angle)}"),
    "sorted dimensions": (("joints",), "a = np.sort(joints, axis=1)[:, 0]\nreturn a, {'a': a}"),
    "a matrix product": (("joints",), "a = np.einsum('bi,ij,bj->b', joints, np.eye(3), joints)\nreturn -a, {'a': a}"),
    "a square root of a distance": (("distance",), "r = -np.sqrt(distance) - np.log(distance) + 1 / distance\nreturn r, {'r': r}"),
    "half of a unit vector's angle": (("turn",), "r = -2 * np.arccos(np.clip(np.abs(turn[:, 0]), 0, 1))\nreturn r, {'r': r}"),
    "an angle from its sine and one from its cosine": (
        ("cosine", "sine"),
        "r = np.arcsin(sine) - np.arccos(cosine)\nreturn r, {'r': r, 'back': np.sqrt(1 - cosine**2)}",
    ),
    "an angle from its cosine alone": (("cosine",), "r = -np.arccos(cosine)\nreturn r, {'r': r}"),
    "two flags that were never set together": (("left", "right"), "r = left * right\nreturn r, {'both': r}"),
    "normalising a unit vector": (("turn",), "u = turn / np.linalg.norm(turn, axis=1, keepdims=True)\nreturn u[:, 0], {'u': u[:, 1]}"),
    "looking a choice up": (("action",), "a = np.array([0.0, 1.0, 5.0])[action[:, 0].astype(int)]\nreturn a, {'a': a}"),
    "a bonus never reached": (("angle",), "b = np.where(np.abs(angle) > 9, 1.0, 0.0)\nreturn b - angle**2, {'b': b}"),
    "a reward for the end alone": (("terminated",), "return -100 * terminated, {'end': terminated}"),
    "a rate": (("angle", "prev_angle"), "d = (angle - prev_angle) / 0.02\nreturn -np.abs(d), {'d': d}"),
    "a component that is constant": (("angle",), "return np.cos(angle), {'alive': np.ones_like(angle)}"),
    "a result it keeps no other hand on": (("angle",), "r = np.zeros(len(angle))\nr += angle\nreturn r, {'a': r, 'b': r}"),
    "a constant looked up by itself": (("angle",), "W.setdefault('w', 2.0)\nreturn W['w'] * angle, {'a': angle}"),
    "what the rows number only in shapes": (("angle",), "r = np.tile(angle, 2)[: angle.shape[0]]\nreturn r, {'r': r}"),
    "large but bearable": (("speed",), "r = -(speed**4) * 10\nreturn r, {'r': r}"),
    "tiny": (("angle",), "r = 1e-10 * angle\nreturn r, {'r': r}"),
}


@pytest.mark.parametrize("name", GOOD)
def test_sound_rewards_pass(failure, name):
    arguments, body = GOOD[name]
    error = failure(body, *arguments, before="W = {}")
    assert error is None, error.message


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ("return angle[:, None], {'a': angle}", "contract", "total has shape (64, 1); expected (64,)"),
        ("return angle, {'a': action}", "contract", 'component "a" has shape (64, 1); expected (64,)'),
        ("return 1.5, {'a': angle}", "contract", "total is a float; expected a numpy array of shape (64,)"),
        ("return angle, {'a': float(angle[0])}", "contract", 'component "a" is a float'),
        ("return list(angle), {'a': angle}", "contract", "total is a list"),
        ("return angle, {'a': angle.tolist()}", "contract", 'component "a" is a list'),
        ("return {'a': angle}", "contract", "a dict; expected a tuple (total, components)"),
        ("return angle, {'a': angle}, 0", "contract", "a tuple of 3"),
        ("return None", "contract", "returned None"),
        ("return angle, {}", "contract", "there are 0 components; expected 1 to 32"),
        ("return angle, {f'c{i}': angle for i in range(33)}", "contract", "there are 33 components"),
        ("return angle, {'a b': angle}", "contract", "expected a name of letters, digits and underscores"),
        ("return angle, {'total': 2 * angle}", "contract", 'component "total"'),
        ("return angle, {1: angle}", "contract", "a component's name is an int"),
        ("return angle.astype(object), {'a': angle}", "contract", "total has dtype object; expected real numbers"),
        ("return angle.astype(str), {'a': angle}", "contract", "expected real numbers"),
        ("r = np.atleast_1d(np.squeeze(action))\nreturn (r if len(angle) > 1 else r[0]), {'a': angle}", "contract", "batch of one row"),
        ("return angle, {'a' if len(angle) == 64 else 'b': angle}", "contract", "components were a in one call and b in another"),
        ("return (angle if len(angle) != 257 else angle[1:]), {'a': angle}", "contract", "shape (256,); expected (257,)"),
        ("return angle + nothing, {'a': angle}", "error", "NameError: name 'nothing' is not defined"),
        ("angle *= 0\nreturn angle, {'a': angle}", "error", "arguments cannot be written to: compute a new array, or copy first"),
        ("angle.reshape(2, -1)[0] = 0\nreturn angle, {'a': angle}", "error", "arguments cannot be written to"),
        ("np.clip(angle, 0, 1, out=angle)\nreturn angle, {'a': angle}", "error", "arguments cannot be written to"),
        ("action.sort(axis=0)\nreturn angle, {'a': angle}", "error", "arguments cannot be written to"),
        ("return compute_reward(angle, speed, action), {}", "error", "RecursionError"),
        ("return np.ones((10**6, 10**6))[0, : len(angle)], {'a': angle}", "memory", "Unable to allocate"),
        ("return np.log(angle), {'a': angle}", "non_finite", "total is nan in row"),
        ("return angle, {'a': np.sqrt(0.5 - np.abs(angle))}", "non_finite", 'component "a" is nan'),
        ("return 1 / speed, {'a': angle}", "non_finite", "; so it is where speed = 0 (recorded: -"),
        ("return 1 / (np.abs(angle) + np.abs(speed)), {'a': angle}", "non_finite", "; so it is where "),
        ("return np.exp(0.1 * speed**4), {'a': angle}", "non_finite", "; expected finite numbers; so it is where speed = "),
        ("return np.where(action[:, 0] == 2, np.inf, angle), {'a': angle}", "non_finite", "action = [2]"),
        ("r = angle.copy()\nr[-1] = np.nan if len(r) == 257 else r[-1]\nreturn r, {'a': angle}", "non_finite", "in row 256 of 257"),
        (
            "return np.where(np.abs(angle) > 1, -1e9, 0) + angle, {'a': angle}",
            "too_large",
            "expected less than 1e+08 in size; so it is where angle =",
        ),
        ("return angle, {'a': 1e12 * angle}", "too_large", 'component "a" is '),
        ("return np.zeros(len(angle)), {'a': angle}", "constant", "total is 0 in all "),
        ("return np.sin(angle)**2 + np.cos(angle)**2, {'a': angle}", "constant", "expected it to tell good states from bad"),
        (
            "return np.cumsum(angle), {'a': angle}",
            "impure",
            "when the rows come in another order; expected each row's reward from that row alone",
        ),
        ("return np.diff(angle, prepend=0), {'a': angle}", "impure", "when the rows come in another order"),
        ("return angle, {'a': np.argsort(np.argsort(speed)) / 1.0}", "impure", 'component "a" of a row is'),
        ("return angle - angle.mean(), {'a': angle}", "impure", "in a batch of 257 rows; expected each row's reward from that row alone"),
        ("return angle / angle.std(), {'a': angle}", "impure", "in a batch of 257 rows"),
        ("return np.where(speed == speed.max(), 1.0, 0.0) + angle, {'a': angle}", "impure", "in a batch of 257 rows"),
        ("return angle * len(angle), {'a': angle}", "impure", "in a batch of 257 rows"),
        ("return angle * (len(angle) != 1) + speed, {'a': angle}", "impure", "in a batch of one row"),
        ("return angle + np.random.normal(size=len(angle)), {'a': angle}", "impure", "when the same batch comes again"),
        ("STATE[0] += 1\nreturn angle * STATE[0], {'a': angle}", "impure", "when the same batch comes again"),
        (
            "F.calls = getattr(F, 'calls', 0) + 1\nreturn angle + F.calls, {'a': angle}",
            "impure",
            "nothing kept between calls, nothing random",
        ),
        ("return angle + COUNT(), {'a': angle}", "impure", "when the same batch comes again"),
        ("STATE[0] += 1\nreturn angle + (STATE[0] > 7), {'a': angle}", "impure", "when the same batch comes again later"),
        (
            "end = process_time() + 0.55 * (len(angle) == 1024)\nwhile process_time() < end: pass\nreturn angle, {'a': angle}",
            "slow",
            "s of CPU time; expected at most 0.5 s: operations on whole arrays",
        ),
        ("import os\nos._exit(0)", "error", "exited with status 0"),
        (
            "if angle > 0.5:\n    return angle, {'a': angle}\nreturn -angle, {'a': angle}",
            "error",
            "row by row with np.where, not with `if`",
        ),
        (
            "return angle - action, {'a': angle}",
            "contract",
            "has shape (64, 64); expected (64,); it was given angle (64,), speed (64,), action (64, 1): "
            "of (B, d) take a column, as in action[:, 0]",
        ),
        ("return np.dot(speed, action[:3]), {}", "error", "it was given angle (64,), speed (64,), action (64, 1): of"),
    ],
)
def test_what_would_spoil_a_training_is_refused_with_words_for_a_model(failure, body, code, words):
    before = """
from time import process_time
STATE = [0.0]
def F(): pass
def counter(start=[0]):
    n = 0
    def count():
        nonlocal n
        n += 1
        return n
    return count
COUNT = counter()
"""
    error = failure(body, before=before)
    assert error is not None and (error.code, words in error.message) == (code, True), error and (error.code, error.message)


def test_a_counter_in_a_default_is_found(failure):
    body = "def step(n=[0]):\n    n[0] += 1\n    return n[0]\nKEPT = KEPT or step\nreturn angle + KEPT(), {'a': angle}"
    assert failure(f"global KEPT\n{body}", "angle", before="KEPT = None").code == "impure"


def test_an_entry_of_a_vector_is_named_with_its_value_and_its_recorded_range(failure):
    error = failure("return np.sqrt(8 - joints[:, 1]), {'a': joints[:, 0]}", "joints", "angle")
    assert "; so it is where joints[1] = " in error.message and "(recorded: -" in error.message and ", angle = " in error.message
    assert len(error.message) < 300


def test_all_zero_is_tried_where_each_argument_may_be_zero(failure):
    ratio = "return angle / np.hypot(angle, speed), {'a': angle}"
    assert "angle = 0, speed = 0" in failure(ratio, "angle", "speed").message
    assert failure("return angle / (np.hypot(angle, speed) + 0.1 * distance), {'a': angle}", "angle", "speed", "distance") is None


def test_the_batches_are_the_same_each_time():
    contexts = [EnvContext(task="t", description="d", text="", variables=[info(n, c) for n, c in recordings().items()], has_prev=())] * 2
    one, other = (Smoke(context, recordings()) for context in contexts)
    assert np.array_equal(one._many, other._many) and one._synthetic.changes == other._synthetic.changes


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("scale = torch.tensor([0.5])\n    near = -x.abs() * scale", 5),
        ("near = torch.where(x > 0, torch.zeros(len(x)), -x.abs())", 4),
        ("near = -(x.abs() * torch.tensor(0.5, device=x.device) + torch.zeros_like(x))", None),
        ("near = -x.abs() * (1.0 if bool((x > 1e6).any()) else 2.0)", None),  # without numbers it gets no further
        ("near = -x.abs() * torch.tensor(0.5)", None),  # one number goes with tensors of any device
    ],
)
def test_a_torch_reward_that_makes_tensors_on_the_cpu_is_refused_where_training_is_on_a_gpu(body, line):
    pytest.importorskip("torch")
    columns = {"x": np.random.default_rng(0).normal(size=COUNT)}
    context = EnvContext(
        task="t", description="d", text="", variables=(info("x", columns["x"]),), has_prev=(), array_library="torch", reward_device="cuda:0"
    )
    code = f"import torch\n\ndef compute_reward(x):\n    {body}\n    return near, {{'near': near}}\n"
    with closing(RewardHost(LIMITS, "best-effort", "torch")) as host:
        for device in (None, "cuda:0"):
            smoke = Smoke(context.model_copy(update={"reward_device": device}), columns)
            with closing(host.start(code, "compute_reward", ("x",))) as process:
                if line is None or device is None:
                    smoke.check(process, ("x",))
                    continue
                with pytest.raises(RewardFailed) as caught:
                    smoke.check(process, ("x",))
                assert caught.value.line == line and "on device c" in caught.value.message
                assert caught.value.message.endswith("as in torch.zeros_like(x) or with device=x.device")
