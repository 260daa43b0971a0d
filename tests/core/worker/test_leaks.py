"""What counts as following the reward, on made-up recordings of three rows of a hundred steps in episodes of ten."""

from __future__ import annotations

import numpy as np
import pytest

from eureka.worker.leaks import correlation, find_leaks, warnings
from eureka.worker.recorder import Recorded

STEPS, ROWS, EPISODE = 100, 3, 10
NATIVE = np.random.default_rng(0).normal(size=(STEPS, ROWS))


def noise(seed=1):
    return np.random.default_rng(seed).normal(size=(STEPS, ROWS))


def recorded(variables, native=NATIVE, fitness=None, terminated=False):
    """variables: name → values; what they were before is the step before, and 0 at an episode's start."""
    ended = np.arange(1, STEPS + 1)[:, None] % EPISODE == 0
    ended = np.broadcast_to(ended, (STEPS, ROWS))
    never = np.zeros_like(ended)
    both = dict(variables)
    for name, values in variables.items():
        before = np.concatenate([np.zeros_like(values[:1]), values[:-1]])
        before[::EPISODE] = 0
        both.setdefault(f"prev_{name}", before)
    fitness = noise(2) if fitness is None else fitness
    return Recorded(both, native, fitness, fitness, ended if terminated else never, never if terminated else ended)


def accumulated(reward):
    """Its sum since the episode's start."""
    return np.cumsum(reward.reshape(-1, EPISODE, ROWS), axis=1).reshape(STEPS, ROWS)


@pytest.fixture
def leaks(make_task):
    """Of variables, whose sources are their names unless given."""

    def leaks(variables, sources=None, value="obs[0]", **others):
        task = make_task({name: (sources or {}).get(name, f"env.{name}") for name in variables}, value=value)
        return find_leaks(task, recorded(variables, **others))

    return leaks


def test_a_variable_that_is_the_reward_but_for_noise_follows_it_and_one_that_shares_half_of_it_does_not(leaks):
    (leak,) = leaks({"cost": 3 - 2 * NATIVE + 0.1 * noise(), "half": NATIVE + noise()})
    assert (leak.name, leak.entry, leak.change, leak.followed) == ("cost", None, False, "the environment's own reward")
    assert -1 < leak.correlation < -0.99
    assert leak.reason == "it follows the environment's own reward (correlation -1.00)"


def test_an_accumulated_reward_is_found_by_its_change(leaks):
    (leak,) = leaks({"score": accumulated(NATIVE)})
    assert leak.reason == "its change follows the environment's own reward (correlation 1.00)"


def test_a_vector_is_looked_at_entry_by_entry(leaks):
    (leak,) = leaks({"sums": np.stack([noise(), accumulated(NATIVE)], axis=2)})
    assert (leak.name, leak.entry, leak.change) == ("sums", 1, True)
    assert leak.reason.startswith("the change of entry 1 follows")


def test_what_the_first_step_of_an_episode_makes_of_a_change_does_not_hide_a_leak(leaks):
    """A potential that stands at 100, of which nothing is known at a reset: there its change is 100."""
    (leak,) = leaks({"potential": 100 + accumulated(NATIVE)})
    assert leak.change and leak.correlation == pytest.approx(1)


def test_a_lump_sum_at_the_end_of_an_episode_does_not_hide_a_leak(leaks):
    native = NATIVE.copy()
    native[EPISODE - 1 :: EPISODE] = -100
    (leak,) = leaks({"score": accumulated(NATIVE)}, native=native, terminated=True)
    assert leak.change and leak.correlation == pytest.approx(1)
    assert leaks({"score": accumulated(NATIVE)}, native=native) == []  # truncated: the lump sum is a step's like any other


def test_the_fitness_is_followed_too_and_only_once_where_it_is_the_native_reward(leaks):
    fitness = noise() ** 2
    assert [leak.followed for leak in leaks({"height": fitness, "speed": NATIVE}, fitness=fitness)] == [
        "the fitness",
        "the environment's own reward",
    ]
    (leak,) = leaks({"speed": NATIVE}, value="native", fitness=NATIVE)
    assert leak.followed == "the environment's own reward"


def test_what_core_provides_is_exempt(leaks):
    assert leaks({"push": NATIVE[..., None], "steps": NATIVE}, {"push": "action", "steps": "length"}) == []


@pytest.mark.parametrize("native", [np.ones((STEPS, ROWS)), NATIVE * 0, 0.1 + 1e-14 * NATIVE])
def test_nothing_follows_a_reward_that_does_not_vary(leaks, native):
    assert leaks({"x": native + 0, "clock": accumulated(native), "still": np.full((STEPS, ROWS), 7.0)}, native=native) == []


def test_values_that_are_not_finite_or_huge_are_no_hindrance(leaks):
    broken = NATIVE.copy()
    broken[3, 1], broken[7, 0] = np.nan, np.inf
    found = leaks({"broken": broken, "huge": 1e300 * NATIVE, "nothing": np.full((STEPS, ROWS), np.nan)})
    assert [(leak.name, round(leak.correlation, 6)) for leak in found] == [("broken", 1.0), ("huge", 1.0)]


def test_a_handful_of_steps_tells_nothing():
    assert correlation(np.arange(9.0), np.arange(9.0)) == 0
    assert correlation(np.arange(10.0), np.arange(10.0)) == pytest.approx(1)


def test_a_warning_names_the_variables_what_they_follow_and_what_to_do(leaks, make_task):
    found = leaks({"speed": NATIVE, "place": accumulated(NATIVE)})
    task = make_task()
    (told,) = warnings(task, found, derived=False)
    assert told == (
        "Under random actions speed (correlation 1.00) and the change of place (correlation 1.00) follow the environment's own reward: "
        "a reward that takes them may do no more than repeat that. If it should not, remove them from the task's variables."
    )
    assert warnings(task, found[:1], derived=True)[0].endswith("list the task's variables without it.")
    hiding = task.model_copy(update={"sim": task.sim.model_copy(update={"options": {"hide": ["tail"]}})})
    assert warnings(hiding, found, derived=True)[0].endswith("leave them out: --set 'task.sim.hide=[tail, speed, place]'")
    (many,) = warnings(task, [found[0]] * 9, derived=False)
    assert many.count("speed") == 6 and " and 3 more follow " in many
