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
    return repr(tensors), (directory / "generators.json").read_text(), env.read_bytes() if env.exists() else b""


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
