"""What describing an environment gives, with the fake simulator that derives variables."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

import eureka
from eureka.config_loading import load_config
from eureka.errors import ConfigError, IsolationMissing, PluginContractError
from eureka.job_types import DescribeJob
from eureka.spaces import Box, Discrete
from eureka.types import ComponentSpec, EnvContext, Task
from eureka.worker import describe, random_rollout
from eureka.worker.describe import RECORDINGS
from eureka.worker.protocol import Events
from eureka.worker.reward_client import RewardHost

PARTS = Path(__file__).parents[1] / "fakes" / "parts.py"


@pytest.fixture
def context(tmp_path):
    """Describes a task over the point and returns its context."""

    def context(sim="DerivingSim", options=None, isolation=None, trainer=None, **task):
        data = {
            "name": "point",
            "description": "Go to zero.",
            "sim": {"use": f"{PARTS}:{sim}", "options": options or {}},
            "fitness": {"value": "native"},
            **task,
        }
        job = DescribeJob(run_dir=tmp_path, task=Task.model_validate(data), seed=0, isolation=isolation, trainer=trainer)
        return describe.run(job, tmp_path, Events(tmp_path)).context

    return context


def recordings(folder):
    with np.load(folder / RECORDINGS, allow_pickle=False) as archive:
        return {name: archive[name].shape for name in archive.files}


def test_derived_variables_are_kept_but_for_those_that_follow_the_reward(context, tmp_path):
    found = context()
    assert list(found.derived) == ["x", "distance", "action"] and found.derived["x"].meaning == "the point's x"
    assert [(d.name, d.source, d.reason) for d in found.dropped] == [
        ("prev_shaping", "prev_shaping", "only reward code uses it"),
        ("score", "score", "its change follows the environment's own reward (correlation 1.00)"),
    ]
    assert [v.name for v in found.variables] == ["x", "distance", "action", "terminated"]
    assert found.has_prev == ("x", "distance", "action")
    assert found.text == "A point with x, distance, action."
    scalars = ("x", "distance", "prev_x", "prev_distance", "terminated")
    assert recordings(tmp_path) == dict.fromkeys(scalars, (1024,)) | {"action": (1024, 1), "prev_action": (1024, 1)}


def test_state_that_follows_the_reward_is_kept_with_a_warning(context):
    (warning,) = context().warnings
    assert "distance (correlation -1.00) follows the environment's own reward" in warning and "list the task's variables" in warning


def test_what_is_hidden_is_neither_a_variable_nor_warned_of(context):
    found = context(options={"hide": ["distance"]})
    assert "distance" not in found.derived and found.warnings == ()


def test_a_listed_variable_that_follows_the_reward_is_kept_with_a_warning(context, tmp_path):
    found = context(variables={"total": {"from": "score"}, "x": {"from": "x"}})
    assert [v.name for v in found.variables] == ["total", "x", "terminated"]
    assert (found.derived, found.dropped) == ({}, ())
    (warning,) = found.warnings
    assert "the change of total (correlation 1.00)" in warning and "remove it from the task's variables" in warning
    assert "total" in recordings(tmp_path)


@pytest.mark.parametrize("place", ["fitness", "human"])
def test_what_the_users_own_function_takes_stays_a_variable(context, tmp_path, place):
    code = "def best(score, prev_score):\n    return score\n\ndef compute_reward(score):\n    return score, {'score': score}\n"
    (tmp_path / "task.py").write_text(code)
    own = {"fitness": {"fitness": {"value": f"{tmp_path / 'task.py'}:best"}}, "human": {"human": str(tmp_path / "task.py")}}
    found = context(**own[place])
    assert "score" in found.derived and any("score" in warning for warning in found.warnings)


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("def compute_reward(x)\n", "cannot be loaded: SyntaxError"),
        ("def reward(x):\n    return x\n", "has no function 'compute_reward'; it has: reward"),
        ("def compute_reward(y):\n    return y, {'y': y}\n", "argument 'y' is not available here"),
        ("def compute_reward(x):\n    return x / (0 * x), {'x': x}\n", "not finite"),
        ("def compute_reward(x):\n    return y, {'x': x}\n", "NameError"),
    ],
)
def test_a_human_reward_that_does_not_work_shows_before_anything_is_spent(context, tmp_path, code, why):
    (tmp_path / "human.py").write_text(code)
    human = str(tmp_path / "human.py")
    with pytest.raises(ConfigError, match=rf"^human: .*human\.py: .*{why}"):
        context(human=human, trainer=ComponentSpec(use=f"{PARTS}:HillClimber", options={"log": str(tmp_path / "log")}))
    found = context(human=human)  # nothing is to be trained
    assert [v.name for v in found.variables] == ["x", "distance", "action", "terminated"]
    assert re.search(rf"The human reward is faulty, .*: human: .*human\.py: .*{why}", found.warnings[-1])


@pytest.mark.parametrize("names", [["score"], []])
def test_nothing_to_compute_a_reward_from_is_an_error_that_names_what_was_left_out(context, names):
    with pytest.raises(ConfigError, match=r"^variables: .* left out: prev_shaping \(only reward code uses it\)") as raised:
        context(options={"derive": names})
    assert ("score (its change follows" in str(raised.value)) == bool(names)
    assert "Declare them in the task: variables: {" in str(raised.value)


def test_a_simulator_that_derives_nothing_asks_for_variables(context):
    with pytest.raises(ConfigError, match=r"^variables: the task declares none and simulator .*:PointSim cannot derive them; declare them"):
        context(sim="PointSim")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nonsense", "eureka_derive_variables returned dict; expected eureka.hookspecs.Derived or None"),
        ("prev_x", "'prev_x': a name must not begin with prev_"),
        ("terminated", "is reserved"),
        ("native", "is reserved"),
        ("hull.angle", "no Python name"),
    ],
)
def test_what_a_simulator_derives_is_held_to_what_holds_for_declared_variables(context, name, why):
    with pytest.raises(PluginContractError, match=why):
        context(options={"derive": ["x", name]})


def test_declared_bounds_are_told_and_hold_for_what_was_recorded(tmp_path):
    task = load_config("cartpole", only={"task"}).task
    context = describe.run(DescribeJob(run_dir=tmp_path, task=task, seed=0), tmp_path, Events(tmp_path)).context
    bounds = {v.name: v.bounds for v in context.variables}
    assert bounds == {
        "cart_position": ((pytest.approx(-4.8),), (pytest.approx(4.8),)),
        "cart_velocity": None,
        "pole_angle": ((pytest.approx(-0.41888, abs=1e-5),), (pytest.approx(0.41888, abs=1e-5),)),
        "pole_velocity": None,
        "action": ((0.0,), (1.0,)),
        "terminated": ((0.0,), (1.0,)),
    }
    for variable in context.variables:
        low, high = variable.bounds or ((-np.inf,), (np.inf,))
        assert low <= variable.low and variable.high <= high
    assert EnvContext.model_validate_json(context.model_dump_json()) == context


def test_a_bound_the_environment_does_not_keep_to_is_none():
    declared = np.array([-1.0, -1.0]), np.array([1.0, 1.0])
    assert describe._kept(declared, np.array([[-1.0, 0.0], [0.5, 1.5]])) == ((-1.0, -1.0), (1.0, np.inf))


@pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")
def test_what_holds_a_reward_process_is_told_where_it_is_asked_for(context):
    assert context().isolation == ""
    assert context(isolation="none").isolation == "none"


def test_what_cannot_be_confined_as_required_ends_it_before_an_environment_is_made(context, monkeypatch):
    def probe(host):
        raise IsolationMissing("isolation: require cannot be met")

    monkeypatch.setattr(RewardHost, "probe", probe)
    monkeypatch.setattr(describe, "make_recorder", lambda *args: pytest.fail("an environment was made"))
    with pytest.raises(IsolationMissing):
        context(isolation="require")


def test_images_are_rolled_out_for_fewer_steps():
    image = Box(shape=(96, 96, 3), low=(0,), high=(255,), dtype="uint8")
    flat = Box(shape=(348,), low=(-np.inf,), high=(np.inf,))
    assert [random_rollout._steps(space) for space in (image, flat, Discrete(n=500))] == [32, 256, 256]


def test_fitness_that_is_not_finite_under_random_actions_is_the_tasks_mistake(context, tmp_path):
    (tmp_path / "f.py").write_text("import numpy as np\n\ndef f(x):\n    return np.where(x > 0.5, np.nan, x)\n")
    with pytest.raises(ConfigError, match=r"^fitness.value: .*:f is nan at environment step \d+ \(row \d\); .* must be mended"):
        context(fitness={"value": f"{tmp_path / 'f.py'}:f"})


def test_a_function_that_gives_no_finite_number_under_random_actions_is_the_tasks_mistake(context, tmp_path):
    (tmp_path / "f.py").write_text("import numpy as np\n\ndef f(x):\n    return np.where(x > 0.5, np.nan, x)\n")
    with pytest.raises(ConfigError, match=r"^variables.far.from: .*:f: it returned nan where x = .*; expected finite numbers"):
        context(variables={"x": {"from": "x"}, "far": {"from": f"{tmp_path / 'f.py'}:f"}})


class Anxious(eureka.Component):
    """A trainer that would train, with doubts."""

    @eureka.hookimpl
    def eureka_train(self, job, tools): ...

    @eureka.hookimpl
    def eureka_load_policy(self, request): ...

    @eureka.hookimpl
    def eureka_check_training(self, request):
        return [f"{request.steps} steps are few.", "Rewards are not normalised."]


def test_what_the_trainer_warns_of_stands_beside_what_was_found(tmp_path):
    data = {"name": "point", "description": "", "sim": f"{PARTS}:DerivingSim", "fitness": {"value": "native"}}
    job = DescribeJob(run_dir=tmp_path, task=Task.model_validate(data), trainer=f"{__file__}:Anxious", steps=7, seed=0)
    distance, *warned = describe.run(job, tmp_path, Events(tmp_path)).context.warnings
    assert "distance (correlation -1.00)" in distance and warned == ["7 steps are few.", "Rewards are not normalised."]
