"""A training cut into segments is the training in one piece."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

ALL = {"normalize_rewards": True, "normalize_observations": True, "learning_rate_schedule": "linear"}


def disturb_the_generators():
    random.seed(99)
    np.random.seed(99)
    torch.manual_seed(99)


def everything(directory):
    """All a segment's end holds, to compare."""
    tensors = torch.load(directory / "tensors.pt", weights_only=True)
    env = directory / "env"
    stored = {}
    for file in ("arrays.npz", "replay.npz"):
        if (directory / file).exists():
            with np.load(directory / file, allow_pickle=False) as archive:
                stored |= {f"{file}:{name}": archive[name].tobytes() for name in archive.files}
    return repr(tensors), stored, (directory / "generators.json").read_text(), env.read_bytes() if env.exists() else b""


@pytest.mark.parametrize("actions", ["discrete", "box"])
@pytest.mark.parametrize("options", [{}, ALL])
def test_segments_equal_the_training_in_one_piece(sb3, actions, options):
    torch.set_printoptions(threshold=10**6, precision=12)
    whole = sb3.train(steps=512, env={"actions": actions}, **options)
    first = sb3.train(steps=250, total=512, env={"actions": actions}, **options)
    disturb_the_generators()
    second = sb3.train(start=250, steps=512, total=512, segment=250, starts=first.states, env={"actions": actions}, **options)
    assert first.updates["a"] + second.updates["a"] == whole.updates["a"]
    assert everything(second.states["a"]) == everything(whole.states["a"])
    assert second.envs[0].resets == []


def test_an_environment_that_cannot_be_saved_starts_new_episodes_and_the_network_goes_on(sb3):
    env = {"saves": False}
    whole = sb3.train(steps=512, env=env, **ALL)
    first = sb3.train(steps=256, total=512, env=env, **ALL)
    runs = []
    for _ in range(2):
        disturb_the_generators()
        runs.append(sb3.train(start=256, steps=512, total=512, segment=256, starts=first.states, env=env, **ALL))
    second, again = runs
    assert second.updates["a"] == again.updates["a"]
    assert [steps for steps, _ in second.updates["a"]] == [320, 384, 448, 512]
    assert second.updates["a"] != whole.updates["a"][4:]
    assert second.envs[0].resets == [second.row_seeds("a", 4)] != first.envs[0].resets
    # On the same episodes a fresh network comes out differently: the saved one was gone on with.
    other = sb3.train(start=256, steps=512, total=512, segment=256, env=env, **ALL)
    assert other.updates["a"][0] != second.updates["a"][0]


OU = {"type": "ornstein_uhlenbeck", "sigma": 0.3}
OFF_POLICY = [
    pytest.param({"algorithm": "SAC"}, marks=pytest.mark.slow),  # the next is one of more options
    {"algorithm": "SAC", "use_sde": True, "ent_coef": 0.1, "optimize_memory_usage": True, **ALL},
    pytest.param({"algorithm": "TD3", "action_noise": OU}, marks=pytest.mark.slow),
    {"algorithm": "DDPG", "action_noise": OU, "num_envs": 1, "train_freq": (1, "episode"), "gradient_steps": 5},
    {"algorithm": "DQN", "target_update_interval": 40, "n_steps": 3, "buffer_size": 200, "exploration_fraction": 0.9, **ALL},
]


@pytest.mark.parametrize("options", OFF_POLICY, ids=lambda options: options["algorithm"])
def test_off_policy_segments_equal_the_training_in_one_piece(sb3, options):
    torch.set_printoptions(threshold=10**6, precision=12)
    whole = sb3.train(steps=320, **options)
    first = sb3.train(steps=160, total=320, **options)
    disturb_the_generators()
    second = sb3.train(start=160, steps=320, total=320, segment=160, starts=first.states, **options)
    assert everything(second.states["a"]) == everything(whole.states["a"]) != everything(first.states["a"])
    assert first.steps["a"] + second.steps["a"] == whole.steps["a"]
    assert second.envs[0].resets == []


@pytest.mark.parametrize("options", [{"algorithm": "DQN", "n_steps": 3}, {"algorithm": "SAC", "optimize_memory_usage": True}])
def test_no_value_is_taken_across_the_end_of_a_segment_whose_environment_cannot_be_saved(sb3, options):
    first = sb3.train(steps=162, total=324, env={"saves": False}, **options)
    second = sb3.train(start=162, steps=324, total=324, segment=162, starts=first.states, env={"saves": False}, **options)
    last = first.steps["a"][-1] // 4 - 1
    with np.load(first.states["a"] / "replay.npz") as before, np.load(second.states["a"] / "replay.npz") as after:
        ended = np.maximum(after["dones"][last], after["timeouts"][last])
        assert ended.all() and not np.maximum(before["dones"][last], before["timeouts"][last]).all()
        np.testing.assert_array_equal(before["rewards"][: last + 1], after["rewards"][: last + 1])
    assert second.envs[0].resets == [second.row_seeds("a", 4)]


def gymnasium_env(num_envs, env):
    """A real environment behind core's recorder."""
    from eureka.types import ComponentSpec, Fitness, Task
    from eureka.worker.components import make_recorder, worker_hooks

    sim = ComponentSpec(use="gymnasium", options={"env": env})
    task = Task(name="real", description="", sim=sim, variables={}, fitness=Fitness(value="native"))
    return make_recorder(worker_hooks(task), task, num_envs, ())


@pytest.mark.parametrize(
    ("algorithm", "env"),
    [
        ("DQN", "CartPole-v1"),
        ("SAC", "Pendulum-v1"),
        *(pytest.param(name, "Pendulum-v1", marks=pytest.mark.slow) for name in ("TD3", "DDPG")),
    ],
)
def test_segments_are_exact_in_real_environments(sb3, algorithm, env):
    options = {"algorithm": algorithm, "make": gymnasium_env, "env": {"env": env}}
    native = {"a": lambda transitions: transitions.native}
    whole = sb3.train(native, steps=240, **options)
    first = sb3.train(native, steps=120, total=240, **options)
    disturb_the_generators()
    second = sb3.train(native, start=120, steps=240, total=240, segment=120, starts=first.states, **options)
    ours, theirs = everything(second.states["a"]), everything(whole.states["a"])
    assert ours[:3] == theirs[:3]
