"""A training cut into segments is the training in one piece."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

LINEAR = {"lr_schedule": "linear", "schedule_entropy": True, "entropy_coef": 0.01}


def disturb_the_generators():
    random.seed(99)
    np.random.seed(99)
    torch.manual_seed(99)


def everything(directory):
    """All a segment's end holds, to compare."""
    torch.set_printoptions(threshold=10**6, precision=12)
    env = directory / "env"
    return repr(torch.load(directory / "state.pt", weights_only=True)), env.read_bytes() if env.exists() else b""


@pytest.mark.parametrize(
    ("actions", "config"), [("discrete", LINEAR), ("box", {}), pytest.param("multi", {"normalize_input": False}, marks=pytest.mark.slow)]
)
def test_segments_equal_the_training_in_one_piece(rl_games, actions, config):
    whole = rl_games.train(steps=128, env={"actions": actions}, config=config)
    first = rl_games.train(steps=60, total=128, env={"actions": actions}, config=config)
    disturb_the_generators()
    second = rl_games.train(start=60, steps=128, total=128, segment=60, starts=first.states, env={"actions": actions}, config=config)
    assert first.updates["a"] + second.updates["a"] == whole.updates["a"]
    assert everything(second.states["a"]) == everything(whole.states["a"]) != everything(first.states["a"])
    assert second.envs[0].resets == []
    last = second.checkpoint("a", 128) / "rl_games.csv"
    assert last.read_text() == (whole.checkpoint("a", 128) / "rl_games.csv").read_text()


def test_an_environment_that_cannot_be_saved_starts_new_episodes_and_the_network_goes_on(rl_games):
    env = {"saves": False}
    first = rl_games.train(steps=64, total=128, env=env)
    runs = []
    for _ in range(2):
        disturb_the_generators()
        runs.append(rl_games.train(start=64, steps=128, total=128, segment=64, starts=first.states, env=env))
    second, again = runs
    assert second.updates["a"] == again.updates["a"]
    assert second.steps["a"] == [96, 128]
    assert second.envs[0].resets == [second.row_seeds("a", 4)] != first.envs[0].resets
    # On the same episodes a fresh network comes out differently: the saved one was gone on with.
    other = rl_games.train(start=64, steps=96, total=128, segment=64, env=env)
    assert other.updates["a"][0][1] != second.updates["a"][0][1]


def gymnasium_env(num_envs, env):
    """A real environment behind core's recorder."""
    from eureka.types import ComponentSpec, Fitness, Task
    from eureka.worker.components import make_recorder, worker_hooks

    sim = ComponentSpec(use="gymnasium", options={"env": env})
    task = Task(name="real", description="", sim=sim, variables={}, fitness=Fitness(value="native"))
    return make_recorder(worker_hooks(task), task, num_envs, ())


def test_segments_are_exact_in_a_real_environment(rl_games):
    options = {"make": gymnasium_env, "env": {"env": "Pendulum-v1"}}
    native = {"a": lambda transitions: transitions.native}
    whole = rl_games.train(native, steps=128, **options)
    first = rl_games.train(native, steps=64, total=128, **options)
    disturb_the_generators()
    second = rl_games.train(native, start=64, steps=128, total=128, segment=64, starts=first.states, **options)
    assert first.updates["a"] + second.updates["a"] == whole.updates["a"]
    assert everything(second.states["a"])[0] == everything(whole.states["a"])[0]
