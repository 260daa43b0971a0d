"""What a trial begins with: another's policy, or the state of its segment before with parts of it anew."""

from __future__ import annotations

import ast
import types

import numpy as np
import pytest
import torch

from eureka.errors import ConfigError
from eureka.training import LoadRequest
from eureka_sb3 import SB3Trainer
from eureka_sb3.learner import Learner
from eureka_sb3.networks import value_parameters
from eureka_sb3.policy import load_policy

ALL = {"normalize_rewards": True, "normalize_observations": True, "learning_rate_schedule": "linear"}
PPO = {**ALL, "clip_range_schedule": "linear"}
SAC = {"algorithm": "SAC", "every": 1, **ALL}
PLACES = np.random.default_rng(0).uniform(-1.5, 1.5, (64, 2))


def parts(learner):
    """What it goes on from, as text, in parts of which each is begun anew alone."""
    model, torch_parts = learner.model, learner.model.get_parameters()
    value = value_parameters(model.policy)
    normalisers = [normaliser and normaliser.statistics for normaliser in (learner.observation_normaliser, learner.reward_normaliser)]
    observations, rewards = [n and [n.mean.tolist(), np.asarray(n.var).tolist(), n.count] for n in normalisers]
    schedules = [model.lr_schedule(0.5), model.clip_range(0.5) if hasattr(model, "clip_range") else None, learner.schedules_begin]
    return {
        "optimizer": repr([part["state"] for name, part in torch_parts.items() if name.endswith("optimizer")]),
        "value_head": repr(value),
        "acting": repr({name: tensor for name, tensor in model.policy.state_dict().items() if name not in value}),
        "learning_rate": repr(schedules),
        "normalizers": repr((observations, rewards)),
        "counters": repr((model.num_timesteps, model._n_updates)),
    }


@pytest.fixture
def began(monkeypatch):
    """Trial → its parts, its first deterministic actions, and the learner, before anything was learnt; of the last training."""
    torch.set_printoptions(threshold=10**6, precision=12)
    found, run = {}, Learner.run

    def first(learner):
        buffer = getattr(learner.model, "replay_buffer", None)
        found[learner.trial.id] = types.SimpleNamespace(
            parts=parts(learner), acts=learner.policy.act(PLACES), learner=learner, replay=None if buffer is None else buffer.size()
        )
        run(learner)
        found[learner.trial.id].ended = parts(learner)

    monkeypatch.setattr(Learner, "run", first)
    return found


def checkpoint(tools, trial="a"):
    """Its last policy's, as core keeps it."""
    return tools.checkpoint(trial, tools.updates[trial][-1][0])


def acts(directory, tools):
    return load_policy(LoadRequest(directory, tools.envs[0].observation_space, tools.envs[0].action_space)).act(PLACES)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"env": {"actions": "box"}},
        {"algorithm": "SAC", "every": 1},
        {"algorithm": "DQN", "every": 1, "gradient_steps": 20},
        pytest.param({"algorithm": "TD3", "every": 1}, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_a_trial_begins_with_its_policy_and_all_else_new_whoever_is_beside_it(sb3, began, options):
    first = sb3.train(steps=128, **options)
    rewards = {"none": sb3.near, "warm": sb3.near}
    mixed = sb3.train(rewards, steps=128, begins={"warm": checkpoint(first)}, **options)
    scratch, warm = began["none"], began["warm"]
    np.testing.assert_array_equal(warm.acts, acts(checkpoint(first), first))
    assert (warm.acts != scratch.acts).any()
    assert {name for name in warm.parts if warm.parts[name] != scratch.parts[name]} == {"acting"}  # and the critics are this seed's own
    alone = sb3.train({"warm": sb3.near}, steps=128, begins={"warm": checkpoint(first)}, **options)
    assert alone.updates["warm"] == mixed.updates["warm"] != mixed.updates["none"]


def test_it_begins_with_the_checkpoints_normalisation(sb3, began):
    first = sb3.train(steps=128, normalize_observations=True)
    sb3.train(steps=64, begins={"a": checkpoint(first)}, normalize_observations=True)
    with np.load(checkpoint(first) / "policy.npz") as saved:
        known = float(saved["observations.count"])
    observations, _ = ast.literal_eval(began["a"].parts["normalizers"])
    assert observations[2] == pytest.approx(known + 4)  # beside what the checkpoint knew, the observations of the first reset


def test_an_algorithm_with_a_replay_buffer_acts_with_its_policy_from_the_first_step(sb3):
    first = sb3.train(steps=128, algorithm="TD3")
    scratch, warm = (
        sb3.train(steps=64, algorithm="TD3", begins=begins, learning_starts=60, env={"actions": "box"})
        for begins in ({}, {"a": checkpoint(first)})
    )
    start = np.stack([np.random.default_rng(seed).uniform(-1, 1, 1) for seed in warm.row_seeds("a", 4)])
    seen = np.concatenate([start, np.zeros((4, 1))], axis=1)
    expected = load_policy(LoadRequest(checkpoint(first), warm.envs[0].observation_space, warm.envs[0].action_space)).act(seen)
    np.testing.assert_allclose(warm.envs[0].applied[0], expected, atol=1e-6)
    assert np.abs(scratch.envs[0].applied[0] - expected).max() > 1e-3


@pytest.mark.parametrize("options", [PPO, SAC], ids=["PPO", "SAC"])
def test_a_new_lesson_begins_as_the_one_before_ended_on_episodes_of_its_own_and_is_the_same_twice(sb3, began, options):
    first = sb3.train(steps=128, total=384, **options)
    ended = began["a"].ended
    follow = {"start": 128, "steps": 256, "total": 384, "segment": 128, "starts": first.states}
    new, again = (sb3.train(**follow, anews={"a": ("environment",)}, **options) for _ in range(2))
    assert {name for name in ended if began["a"].parts[name] != ended[name]} == {"normalizers"}  # which saw the reset
    assert new.envs[0].resets == [new.row_seeds("a", 4)]
    assert new.updates == again.updates
    assert new.updates != sb3.train(**follow, **options).updates
    if options is SAC:
        assert began["a"].replay == 32 and began["a"].learner.replay_begin == 0  # of the last, which went on
        assert new.states["a"].joinpath("generators.json").read_text().count('"replay_begin": 128') == 1


@pytest.mark.parametrize("part", ["optimizer", "learning_rate", "value_head", "normalizers"])
@pytest.mark.parametrize("options", [PPO, SAC], ids=["PPO", "SAC"])
def test_what_is_begun_anew_is_as_from_scratch_and_nothing_else_is(sb3, began, options, part):
    first = sb3.train(steps=128, total=384, **options)
    ended, fresh = began["a"].ended, began["a"].parts
    follow = {"start": 128, "total": 384, "segment": 128, "starts": first.states}
    sb3.train(**follow, steps=144, anews={"a": (part,)}, **options)
    assert {name for name in ended if began["a"].parts[name] != ended[name]} == {part}
    if part == "learning_rate":
        model = began["a"].learner.model
        left = 1 - 128 / 384
        assert model.lr_schedule(left) == pytest.approx(3e-3) and model.lr_schedule(left / 2) == pytest.approx(1.5e-3)
        assert options is SAC or model.clip_range(left) == pytest.approx(0.2)
    elif part == "normalizers":  # as before the first reset
        assert ast.literal_eval(began["a"].parts[part]) == ([[0.0, 0.0], [1.0, 1.0], 1e-4], [0.0, 1.0, 1e-4])
    else:
        assert began["a"].parts[part] == fresh[part]


def test_a_schedule_begun_anew_is_gone_on_with_in_later_segments(sb3, began):
    first = sb3.train(steps=128, total=384, **PPO)
    second = sb3.train(
        start=128, steps=256, total=384, segment=128, starts=first.states, anews={"a": ("environment", "learning_rate")}, **PPO
    )
    sb3.train(start=256, steps=384, total=384, segment=256, starts=second.states, **PPO)
    model = began["a"].learner.model
    assert model.lr_schedule(1 - 256 / 384) == pytest.approx(1.5e-3) and model.lr_schedule(0.0) == 0


def test_dqn_has_no_value_function_beside_its_policy():
    renews = {name: SB3Trainer(SB3Trainer.Options(algorithm=name)).renews for name in ("PPO", "DQN")}
    assert renews["PPO"] - renews["DQN"] == {"value_head"}


def test_a_policy_of_other_options_is_an_error_that_names_both(sb3):
    first = sb3.train(steps=64)
    begin = {"steps": 64, "begins": {"a": checkpoint(first)}}
    with pytest.raises(ConfigError, match=r"trainer.net_arch: the policy to begin with, .*, has \[16\], .* here give \[8, 8\]"):
        sb3.train(net_arch=(8, 8), **begin)
    with pytest.raises(ConfigError, match=r"trainer.activation: .* has null, and the options here give .*ReLU"):
        sb3.train(activation="relu", **begin)
    with pytest.raises(ConfigError, match=r"trainer.normalize_observations: .* has false, and the options here give true"):
        sb3.train(normalize_observations=True, **begin)
    with pytest.raises(ConfigError, match=r'trainer.algorithm: .* has "PPO", and the options here give "DQN"'):
        sb3.train(algorithm="DQN", **begin)
