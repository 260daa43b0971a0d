"""A trial's learner gives the kernels what its options say, each in its place: its update is torch's with the same options."""

from __future__ import annotations

import copy
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from reference import INPUTS, Case, Settings, evaluate, torch_parameters
from test_update import distance, row

from eureka.types import Trial
from eureka_population.learner import Learner
from eureka_population.options import Options
from eureka_population.rollout import TrialRollout

T, N, PROGRESS = 40, 3, 0.4
COMMON = {"num_envs": N, "n_steps": T, "batch_size": 30, "n_epochs": 3, "gamma": 0.9, "gae_lambda": 0.7, "learning_rate": 1e-2}
COMMON |= {"ent_coef": 0.04, "vf_coef": 0.8, "max_grad_norm": 0.3}
OPTIONS = {
    "constant": {},
    "linear clip range": {"clip_range_schedule": "linear"},
    "linear learning rate": {"learning_rate_schedule": "linear"},
    "value clipped, advantages as they are": {"clip_range_vf": 0.25, "normalize_advantage": False},
    "stopped": {"target_kl": 0.025, "learning_rate": 4e-2},
}


def as_settings(options):
    """What the options mean, after 60 % of the budget."""
    kept = options.model_dump(include=set(Settings._fields))
    kept |= {name: kept[name] or 0.0 for name in ("clip_range_vf", "target_kl")}
    left = {name: PROGRESS if getattr(options, f"{name}_schedule") == "linear" else 1.0 for name in ("clip_range", "learning_rate")}
    return Settings(**kept | {name: kept[name] * share for name, share in left.items()})


def estimates(rewards, expected, ends, options):
    """Generalised advantage estimates (Schulman et al. 2016, eq. 16), float64 (T, N)."""
    found, running = np.zeros((T, N)), np.zeros(N)
    for t in reversed(range(T)):
        error = rewards[t] + options.gamma * np.where(ends[t], 0, expected[t + 1]) - expected[t]
        running = error + options.gamma * options.gae_lambda * np.where(ends[t], 0, running)
        found[t] = running
    return found


@pytest.mark.parametrize("different", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("kind", ["discrete", "continuous"])
def test_an_update_is_torchs_with_the_same_options(kind, different):
    options, case = Options(**COMMON | different), Case(kind, count=T * N, seed=3, adam_steps=7)
    parameters, rng = np.empty_like(case.parameters), np.random.default_rng(0)
    learner = Learner(options, case.network, Trial(id="", reward="fitness", seed=5, dir=""), parameters)
    parameters[:], learner.moments[:], learner.adam_steps = case.parameters, case.moments, case.adam_steps
    seen, acted, log_probabilities = case.rollout[:3]
    seen = np.concatenate([seen, rng.normal(0, 1, (N, INPUTS)).astype(np.float32)])
    ends, rewards = rng.random((T, N)) < 0.1, rng.normal(0, 2, (T, N))
    rollout = TrialRollout(
        seen.reshape(T + 1, N, -1),
        acted.reshape(T, N, -1),
        log_probabilities.reshape(T, N),
        ends,
        np.empty((0, 2), np.int64),
        np.empty((0, INPUTS), np.float32),
    )
    named = torch_parameters(case.network, case.parameters)
    expected = evaluate(case.network, named, seen, np.zeros((len(seen), acted.shape[1])))[1].detach().numpy().reshape(T + 1, N)
    advantages = estimates(rewards, expected, ends, options)
    case.rollout = (*case.rollout[:3], advantages.ravel(), (advantages + expected[:-1]).ravel(), expected[:-1].ravel())
    case.order = copy.deepcopy(learner.generator).permuted(np.tile(np.arange(T * N), (options.n_epochs, 1)), axis=1)

    learner.learn(rollout, rewards, PROGRESS)
    theirs, moments, steps = case.reference(as_settings(options))
    assert learner.adam_steps == steps
    assert 0 < steps - case.adam_steps < 12 if options.target_kl else steps - case.adam_steps == 12
    assert distance({"": parameters - case.parameters.astype(np.float64)}, {"": row(theirs) - case.parameters}) < 1e-5
    for ours, expected_ones in zip(learner.moments, moments, strict=True):
        assert distance({"": ours}, {"": row(expected_ones)}) < 1e-5


def test_an_update_holds_no_more_than_its_permutation():
    options = Options(num_envs=1, n_steps=20_000, batch_size=20_000, n_epochs=10, net_arch=())
    net = Case("discrete", widths=((), ())).network
    learner = Learner(options, net, Trial(id="", reward="fitness", seed=5, dir=""), np.empty(net.size, np.float32))
    seen, acted = np.zeros((20_001, 1, INPUTS), np.float32), np.zeros((20_000, 1, 1), np.float32)
    empty = np.empty((0, 2), np.int64), np.empty((0, INPUTS), np.float32)
    rollout = TrialRollout(seen, acted, acted[:, :, 0], acted[:, :, 0] > 0, *empty)
    learner.learn(rollout, np.zeros((20_000, 1)), 1.0)  # what is compiled or loaded at first is not the update's
    tracemalloc.start()
    learner.learn(rollout, np.zeros((20_000, 1)), 1.0)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    permutation = 8 * options.n_epochs * options.rollout
    assert permutation < most < 1.5 * permutation


@pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")
def test_schedules_go_by_what_is_left_of_the_whole_budget_after_each_rollout(lab, monkeypatch):
    told, learn = [], Learner.learn
    monkeypatch.setattr(
        Learner, "learn", lambda self, rollout, rewards, progress: (told.append(progress), learn(self, rollout, rewards, progress))
    )
    lab.train({"a": "fitness"}, end=128, total=256)
    lab.train({"a": "fitness"}, start=128, end=256, total=256, after={"a": 1})
    assert told == [0.75, 0.5, 0.25, 0.0]
