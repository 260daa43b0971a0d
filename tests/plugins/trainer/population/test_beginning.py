"""What a trial begins with: another's policy, or the state of its segment before with parts of it anew."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file

from eureka.errors import ConfigError
from eureka.spaces import Box, Discrete
from eureka.training import LoadRequest
from eureka_population import segment
from eureka_population.cohort import Cohort
from eureka_population.network import network
from eureka_population.policy import load_policy
from eureka_population.spaces import actions

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")

ALL = {"normalize_observations": True, "normalize_rewards": True, "learning_rate_schedule": "linear", "clip_range_schedule": "linear"}
SEEN, DONE = Box(shape=(2,), low=(-np.inf,) * 2, high=(np.inf,) * 2, dtype="float64"), Discrete(n=3, start=1)
PLACES = np.random.default_rng(0).uniform(-1.5, 1.5, (64, 2))
NORMALISERS = ("reward_statistics", "observations.mean", "observations.variance", "observations.count")
FRESH = {"reward_statistics": [0, 1, 1e-4], "observations.mean": 0, "observations.variance": 1, "observations.count": 1e-4}


def acts(lab, job, trial):
    """The deterministic actions of its best policy."""
    return load_policy(LoadRequest(lab.directory(job, trial) / "checkpoint", SEEN, DONE)).act(PLACES)


def arrays(cohort, trial):
    """All that its training goes on from, by name."""
    learner = cohort.learners[trial]
    kept = {name: np.array(array) for name, array in segment._arrays(cohort, trial).items()}
    counts = {"adam_steps": learner.adam_steps, "schedules_begin": learner.schedules_begin}
    return {**kept, **counts, "generator": learner.generator.bit_generator.state}


def saved(directory):
    state = json.loads((directory / "state" / "state.json").read_text())
    names = ("adam_steps", "schedules_begin", "generator")
    return {**load_file(directory / "state" / "state.safetensors"), **{name: state[name] for name in names}}


@pytest.fixture
def began(monkeypatch):
    """Trial → what it began with, and how that acts, before it saw anything; of the cohort trained last."""
    found, see = {}, Cohort._see

    def first(cohort, observations, trials):
        if found.get("cohort") is not cohort:
            found.clear()
            found["cohort"] = cohort
            found.update({trial.id: (arrays(cohort, k), cohort._policies[k].act(PLACES)) for k, trial in enumerate(cohort.trials)})
        see(cohort, observations, trials)

    monkeypatch.setattr(Cohort, "_see", first)
    return found


@pytest.mark.parametrize("options", [{}, ALL], ids=["plain", "all options"])
def test_each_trial_of_a_cohort_begins_with_its_own_policy_or_none_and_trains_as_alone(lab, rewards, began, options):
    lab.train({"a": rewards["near"], "b": rewards["far"]}, **options)
    codes, policies = dict.fromkeys(("none", "a", "b"), rewards["square"]), {"a": (1, "a"), "b": (1, "b")}
    mixed = lab.train(codes, policies=policies, **options)
    for id_ in policies:
        kept, acted = began[id_]
        np.testing.assert_array_equal(acted, acts(lab, 1, id_))
        assert not kept["moments"].any() and kept["adam_steps"] == 0
        assert (kept["observations.count"] > 1) == bool(options)
    assert (began["a"][1] != began["b"][1]).any() and (began["none"][1] != began["b"][1]).any()
    for id_, trained in mixed.items():
        alone = lab.train({id_: codes[id_]}, policies={id_: policies[id_]} if id_ in policies else None, **options)
        assert alone[id_].numbers == trained.numbers
    assert len({trained.policy for trained in mixed.values()}) == 3


def test_a_new_lesson_begins_with_the_policy_of_the_one_before_on_episodes_of_its_own(lab, rewards, began):
    codes, follow = {"new": rewards["near"], "same": rewards["near"]}, {"new": 1, "same": 1}
    kept = {"total": 513, **ALL}
    lab.train(codes, end=256, **kept)
    both = lab.train(codes, start=256, end=512, after=follow, anew={"new": ("environment",)}, **kept)
    before, (now, acted) = saved(lab.directory(1, "new")), began["new"]
    assert sorted(before) == sorted(now)
    for name in before:
        same = np.array_equal(before[name], now[name]) if isinstance(now[name], np.ndarray) else before[name] == now[name]
        assert same == (name not in ("returns", "seen")), name
    assert not now["returns"].any()
    np.testing.assert_array_equal(acted, began["same"][1])
    assert both["new"].numbers[2:] != both["same"].numbers[2:]
    whole = lab.train({"same": codes["same"]}, end=512, **kept)["same"]
    assert both["same"].state == whole.state  # beside one whose rows were reset
    again = lab.train({"new": codes["new"]}, start=256, end=512, after=follow, anew={"new": ("environment",)}, **kept)
    assert again["new"].numbers == both["new"].numbers


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("optimizer", ("moments", "adam_steps")),
        ("learning_rate", ("schedules_begin",)),
        ("value_head", ("parameters",)),
        ("normalizers", NORMALISERS),
    ],
)
def test_what_is_begun_anew_is_as_from_scratch_and_nothing_else_is(lab, rewards, began, part, names):
    codes, kept = {"a": rewards["near"]}, {"total": 513, **ALL}
    lab.train(codes, end=256, **kept)
    lab.train(codes, start=256, end=384, after={"a": 1}, anew={"a": ("environment", part)}, **kept)
    before, now = saved(lab.directory(1, "a")), began["a"][0]
    for name in before:
        same = np.array_equal(before[name], now[name]) if isinstance(now[name], np.ndarray) else before[name] == now[name]
        assert same == (name not in (*names, "returns", "seen")), name
    assert not (part == "optimizer" and now["moments"].any()) and now["adam_steps"] == (0 if part == "optimizer" else before["adam_steps"])
    assert now["schedules_begin"] == (256 if part == "learning_rate" else 0)
    for name in NORMALISERS if part == "normalizers" else ():
        np.testing.assert_array_equal(now[name], np.broadcast_to(FRESH[name], now[name].shape))
    if part == "value_head":
        net = network(((16,), (16,)), "tanh", 2, actions(DONE))
        fresh, critic = net.initial(np.random.Generator(np.random.PCG64(7))), slice(*net.parts)
        np.testing.assert_array_equal(now["parameters"][critic], fresh[critic])
        np.testing.assert_array_equal(now["parameters"][: net.parts[0]], before["parameters"][: net.parts[0]])


def test_a_schedule_begun_anew_falls_from_there_to_the_end_of_the_budget_also_over_later_segments(lab, monkeypatch):
    from eureka_population.learner import Learner

    told, learn = [], Learner.learn
    monkeypatch.setattr(
        Learner, "learn", lambda self, rollout, rewards, progress: (told.append(progress), learn(self, rollout, rewards, progress))
    )
    lab.train({"a": "fitness"}, end=128, total=384)
    lab.train({"a": "fitness"}, start=128, end=256, total=384, after={"a": 1}, anew={"a": ("environment", "learning_rate")})
    lab.train({"a": "fitness"}, start=256, end=384, total=384, after={"a": 2})
    assert told == pytest.approx([5 / 6, 4 / 6, 3 / 4, 2 / 4, 1 / 4, 0])


def test_a_policy_of_other_networks_trainer_or_spaces_is_an_error_that_names_both(lab):
    lab.train({"a": "fitness"}, end=64)
    begin = {"end": 64, "policies": {"b": (1, "a")}}
    ours = r"net_arch: {pi: \[16\], vf: \[16\]}"
    with pytest.raises(ConfigError, match=rf"trainer.net_arch: the policy to begin with, .*policy.safetensors, is of {ours}.*\[64, 8\]"):
        lab.train({"b": "fitness"}, net_arch=(64, 8), **begin)
    with pytest.raises(ConfigError, match=r"trainer.normalize_observations: the policy to begin with, .*false.*true"):
        lab.train({"b": "fitness"}, normalize_observations=True, **begin)
    with pytest.raises(ConfigError, match=r"the policy to begin with: .*the checkpoint's action space has type discrete instead of box"):
        lab.train({"b": "fitness"}, sim={"actions": "box"}, **begin)
    about = lab.directory(1, "a") / "checkpoint" / "checkpoint.json"
    about.write_text(about.read_text().replace("population", "sb3"))
    with pytest.raises(ConfigError, match=r"the policy to begin with: .*checkpoint's trainer is sb3, but here it is population"):
        lab.train({"b": "fitness"}, **begin)


def test_a_state_of_an_earlier_version_whose_schedules_had_one_beginning_is_gone_on_from(lab):
    whole = lab.train({"a": "fitness"}, end=256, total=257, **ALL)["a"]
    lab.train({"a": "fitness"}, end=128, total=257, **ALL)
    file = lab.directory(2, "a") / "state" / "state.json"
    state = json.loads(file.read_text())
    del state["schedules_begin"]
    file.write_text(json.dumps(state))
    assert lab.train({"a": "fitness"}, start=128, end=256, total=257, after={"a": 2}, **ALL)["a"].state == whole.state
