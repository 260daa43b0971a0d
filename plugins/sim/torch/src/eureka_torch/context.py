"""What a model reads of an environment: its spaces, its docstring, and its source without the reward of its own."""

from __future__ import annotations

import inspect

import numpy as np

from eureka.env import BatchedEnv
from eureka.spaces import Box, Space
from eureka_torch.class_source import source_of
from eureka_torch.loading import load_class


def describe(path: str, env: BatchedEnv) -> str:
    """Plain text. path: of the class, as in `sim.env`."""
    cls = load_class(path)
    limit = env.max_episode_steps
    lines = [
        f"Environment: {cls.__name__}, written in torch: all rows are computed at once, in float32.",
        f"Observation space: {_space(env.observation_space)}.",
        f"Action space: {_space(env.action_space)}.",
        "An episode has no step limit." if limit is None else f"An episode is truncated after {limit} steps.",
    ]
    if documentation := inspect.cleandoc(cls.__doc__ or ""):
        lines += ["", "Documentation", "-------------", documentation]
    if source := source_of(cls):
        lines += ["", "Source", "------", source]
    return "\n".join(lines)


def _space(space: Space) -> str:
    assert isinstance(space, Box)
    low, high = (np.unique(bound) for bound in space.bounds())
    if len(low) == len(high) == 1:
        bounds = f"each entry {low[0]:.4g} to {high[0]:.4g}".replace("-inf to inf", "unbounded")
    else:
        bounds = "entries " + ", ".join(f"{a:.4g} to {b:.4g}" for a, b in zip(*space.bounds(), strict=True))
    return f"continuous, {space.shape[0]} entries, {bounds}"
