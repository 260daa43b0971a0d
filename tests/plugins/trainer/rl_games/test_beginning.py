"""What a trial begins with: another's policy, or the state of its segment before with parts of it anew."""

from __future__ import annotations

import types

import numpy as np
import pytest
import torch

from eureka.errors import ConfigError
from eureka.training import LoadRequest
from eureka_rl_games.learner import Learner
from eureka_rl_games.policy import load_policy

LINEAR = {"lr_schedule": "linear", "schedule_entropy": True, "entropy_coef": 0.01}
NORMALISERS, VALUE = ("running_mean_std.", "value_mean_std."), ("a2c_network.value.", "a2c_network.critic_")
PLACES = np.random.default_rng(0).uniform(-1.5, 1.5, (64, 2))
SEPARATE = {"network": {"separate": True}}


def parts(learner):
    """What it goes on from, as text, in parts of which each is begun anew alone."""
    agent = learner.agent
    weights = {name: tensor for name, tensor in agent.model.state_dict().items() if not name.startswith(NORMALISERS)}
    normalisers = {name: tensor for name, tensor in agent.model.state_dict().items() if name.startswith(NORMALISERS)}
    return {
        "optimizer": repr(agent.optimizer.state_dict()["state"]),
        "value_head": repr({name: tensor for name, tensor in weights.items() if name.startswith(VALUE)}),
        "acting": repr({name: tensor for name, tensor in weights.items() if not name.startswith(VALUE)}),
        "learning_rate": repr((agent.last_lr, agent.entropy_coef, agent.optimizer.param_groups[0]["lr"], learner.schedules_begin)),
        "normalizers": repr(normalisers),
        "counters": repr((agent.frame, agent.epoch_num)),
    }


@pytest.fixture
def began(monkeypatch):
    """Trial → its parts and its first deterministic actions, before anything was learnt, and its parts at the end; of the last training."""
    torch.set_printoptions(threshold=10**6, precision=12)
    found, run = {}, Learner.run

    def first(learner):
        found[learner.trial.id] = types.SimpleNamespace(parts=parts(learner), acts=learner.policy.act(PLACES))
        run(learner)
        found[learner.trial.id].ended = parts(learner)

    monkeypatch.setattr(Learner, "run", first)
    return found


def acts(directory, tools):
    return load_policy(LoadRequest(directory, tools.envs[0].observation_space, tools.envs[0].action_space)).act(PLACES)


@pytest.mark.parametrize(("actions", "options"), [("discrete", {}), ("box", SEPARATE)])
def test_a_trial_begins_with_its_networks_and_normalisers_and_all_else_new_whoever_is_beside_it(rl_games, began, actions, options):
    first = rl_games.train(steps=96, env={"actions": actions}, **options)
    policy, options = first.checkpoint("a", 96), {**options, "env": {"actions": actions}}
    ended = began["a"].ended
    mixed = rl_games.train({"none": rl_games.near, "warm": rl_games.near}, steps=64, begins={"warm": policy}, **options)
    scratch, warm = began["none"], began["warm"]
    np.testing.assert_array_equal(warm.acts, acts(policy, first))
    assert (warm.acts != scratch.acts).any()
    for name in warm.parts:
        assert warm.parts[name] == (ended if name in ("acting", "value_head", "normalizers") else scratch.parts)[name], name
    alone = rl_games.train({"warm": rl_games.near}, steps=64, begins={"warm": policy}, **options)
    assert alone.updates["warm"] == mixed.updates["warm"] != mixed.updates["none"]


def test_a_trials_own_policy_comes_before_that_of_the_options(rl_games, began):
    ours, theirs = rl_games.train(steps=64), rl_games.train(steps=32)
    file = theirs.checkpoint("a", 32) / "rl_games.pth"
    rl_games.train(steps=32, load_checkpoint=file, begins={"a": ours.checkpoint("a", 64)})
    np.testing.assert_array_equal(began["a"].acts, acts(ours.checkpoint("a", 64), ours))
    assert began["a"].parts["optimizer"] == "{}"


@pytest.mark.parametrize("config", [LINEAR, {}], ids=["linear", "adaptive"])
def test_a_new_lesson_begins_as_the_one_before_ended_on_episodes_of_its_own_and_is_the_same_twice(rl_games, began, config):
    first = rl_games.train(steps=64, total=192, config=config)
    ended = began["a"].ended
    follow = {"start": 64, "steps": 128, "total": 192, "segment": 64, "starts": first.states, "config": config}
    new, again = (rl_games.train(**follow, anews={"a": ("environment",)}) for _ in range(2))
    assert began["a"].parts == ended
    assert new.envs[0].resets == [new.row_seeds("a", 4)]
    assert new.updates == again.updates != rl_games.train(**follow).updates


@pytest.mark.parametrize("part", ["optimizer", "learning_rate", "value_head", "normalizers"])
@pytest.mark.parametrize("options", [{"config": LINEAR}, SEPARATE], ids=["linear", "separate"])
def test_what_is_begun_anew_is_as_from_scratch_and_nothing_else_is(rl_games, began, options, part):
    first = rl_games.train(steps=64, total=192, **options)
    ended, fresh = began["a"].ended, began["a"].parts
    follow = {"start": 64, "steps": 96, "total": 192, "segment": 64, "starts": first.states}
    rl_games.train(**follow, anews={"a": (part,)}, **options)
    assert {name for name in ended if began["a"].parts[name] != ended[name]} == {part}
    if part == "learning_rate":
        entropy = LINEAR["entropy_coef"] if options is not SEPARATE else 0.0
        assert began["a"].parts[part] == repr((3e-3, entropy, 3e-3, 2))
    else:
        assert began["a"].parts[part] == fresh[part]


def rates(directory):
    return [float(line.split(",")[7]) for line in (directory / "rl_games.csv").read_text().splitlines()[1:]]


def test_a_linear_schedule_begun_anew_falls_from_there_to_the_end_also_over_later_segments(rl_games):
    config = {"lr_schedule": "linear"}
    first = rl_games.train(steps=64, total=192, config=config)
    anew = {"anews": {"a": ("environment", "learning_rate")}}
    second = rl_games.train(start=64, steps=128, total=192, segment=64, starts=first.states, config=config, **anew)
    third = rl_games.train(start=128, steps=192, total=192, segment=128, starts=second.states, config=config)
    left = [5 / 6, 4 / 6, 3 / 4, 2 / 4, 1 / 4, 0]
    assert rates(third.checkpoint("a", 192)) == pytest.approx([1e-6 + (3e-3 - 1e-6) * share for share in left])


def test_a_policy_of_other_networks_is_an_error_that_names_both(rl_games):
    begin = {"steps": 32, "begins": {"a": rl_games.train(steps=32).checkpoint("a", 32)}}
    with pytest.raises(ConfigError, match=r"params.network.mlp.units: the policy to begin with, .*, has \[16\], and here it is \[8\]"):
        rl_games.train(network={"mlp": {"units": [8]}}, **begin)
    with pytest.raises(ConfigError, match=r'trainer.params.network.mlp.activation: .*, has "elu", and here it is "relu"'):
        rl_games.train(network={"mlp": {"units": [16], "activation": "relu"}}, **begin)
    with pytest.raises(ConfigError, match=r"trainer.params.config.normalize_input: .*, has true, and here it is false"):
        rl_games.train(config={"normalize_input": False}, **begin)
