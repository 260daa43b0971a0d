"""Actions are drawn with the probabilities that torch's distributions give them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

sys.path.insert(0, str(Path(__file__).parent))
from reference import INPUTS, SPACES, Case, evaluate, torch_parameters

from eureka.spaces import Box, Discrete, MultiDiscrete
from eureka_population.actor import Actors, Statistics
from eureka_population.spaces import actions

ROWS = 20_000


def act(case, seen, greedy=False):
    """What a case's actor does in each of the rows (B, d): actions (B, h) and their log probabilities (B,)."""
    net, rng = case.network, np.random.default_rng(3)
    actors = Actors(net, case.parameters[None], Statistics(1, INPUTS), scale=False)
    shape = (1, len(seen), net.actions.width)
    noise = rng.random(shape, np.float32) if net.actions.choices else rng.standard_normal(shape, np.float32)
    drawn, log_probabilities = np.empty(shape, np.float32), np.empty(shape[:2], np.float32)
    actors.act(np.arange(1), seen[None], noise, greedy, drawn, log_probabilities)
    return drawn[0], log_probabilities[0]


@pytest.mark.parametrize("kind", SPACES)
def test_log_probabilities_are_torchs(kind):
    case = Case(kind, "relu")
    seen = np.random.default_rng(1).normal(0, 1, (200, INPUTS)).astype(np.float32)
    drawn, ours = act(case, seen)
    theirs, _, _ = evaluate(case.network, torch_parameters(case.network, case.parameters), seen, drawn)
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["discrete", "multi-discrete"])
def test_choices_come_as_often_as_their_probabilities_say(kind):
    case = Case(kind)
    seen = np.repeat(np.random.default_rng(1).normal(0, 1, (1, INPUTS)).astype(np.float32), ROWS, axis=0)
    drawn, _ = act(case, seen)
    named = torch_parameters(case.network, case.parameters)
    for head, n in enumerate(case.network.actions.choices):
        every = np.repeat(drawn[:1], n, axis=0)
        every[:, head] = np.arange(n)
        # Of independent choices, the others' share of the log probability is the same in every row.
        logs = evaluate(case.network, named, seen[:n], every)[0].detach().numpy()
        probabilities = np.exp(logs - np.logaddexp.reduce(logs))
        counts = np.bincount(drawn[:, head].astype(int), minlength=n)
        assert stats.chisquare(counts, probabilities * ROWS).pvalue > 0.001
        assert probabilities.min() < 0.9 / n  # far enough from uniform for the test to mean something


def test_continuous_actions_are_normal_around_the_mean_and_the_likeliest_is_the_mean():
    case = Case("continuous")
    seen = np.repeat(np.random.default_rng(1).normal(0, 1, (1, INPUTS)).astype(np.float32), ROWS, axis=0)
    drawn, _ = act(case, seen)
    mean, _ = act(case, seen[:1], greedy=True)
    deviation = np.exp(case.network.arrays(case.parameters)["log_std"])
    for column in range(2):
        assert stats.kstest(drawn[:, column], "norm", (mean[0, column], deviation[column])).pvalue > 0.001
    hidden = seen[:1].astype(float)
    arrays = case.network.arrays(case.parameters)
    for layer in (0, 1):
        hidden = np.tanh(hidden @ arrays[f"actor.{layer}.weights"] + arrays[f"actor.{layer}.biases"])
    np.testing.assert_allclose(mean, hidden @ arrays["actor.2.weights"] + arrays["actor.2.biases"], rtol=1e-5)


@pytest.mark.parametrize("kind", ["discrete", "multi-discrete"])
def test_the_likeliest_choice_is_the_one_of_the_largest_log_probability(kind):
    case = Case(kind)
    seen = np.random.default_rng(5).normal(0, 1, (50, INPUTS)).astype(np.float32)
    named, chosen = torch_parameters(case.network, case.parameters), act(case, seen, greedy=True)[0]
    best = evaluate(case.network, named, seen, chosen)[0].detach().numpy()
    for other in (act(case, seen)[0], np.zeros_like(chosen), np.ones_like(chosen)):
        assert (evaluate(case.network, named, seen, other)[0].detach().numpy() <= best + 1e-9).all()


@pytest.mark.parametrize(
    ("space", "given", "applied"),
    [
        (Discrete(n=3, start=4), [[0.0], [2.0]], [4, 6]),
        (MultiDiscrete(nvec=(2, 3), start=(1, 5)), [[1.0, 0.0], [0.0, 2.0]], [[1, 0], [0, 2]]),
        (Box(shape=(1, 2), low=(-1.0, -np.inf), high=(1.0, np.inf)), [[3.0, 7.0], [-2.0, -9.0]], [[1.0, 7.0], [-1.0, -9.0]]),
    ],
)
def test_actions_reach_the_environment_as_its_space_says(space, given, applied):
    got = actions(space).applied(np.array(given, np.float32))
    np.testing.assert_array_equal(got, applied)
    assert got.dtype.kind == ("f" if isinstance(space, Box) else "i")
