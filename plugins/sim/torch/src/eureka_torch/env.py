"""What an environment in torch is: a subclass of `TorchEnv`, whose methods compute all rows at once."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import ClassVar

import torch

from eureka.spaces import Box
from eureka_torch.draw import Draw

State = dict[str, torch.Tensor]
"""The state of N rows by name, each tensor (N, …)."""


def box(size: int, low: float = -math.inf, high: float = math.inf) -> Box:
    """A vector of `size` float32 numbers, each within `low` and `high`."""
    return Box(shape=(size,), low=(low,), high=(high,))


class TorchEnv(ABC):
    """Base of an environment: it says how episodes begin and go on, and holds nothing of them itself.

    Every method computes N rows at once, a row's numbers from that row alone, in float32, on the device of the tensors it is given; what
    it is given it does not write to. N is always a multiple of 64 (see `batch.py`). Who runs the environment keeps the state, counts
    steps, cuts episodes at `max_episode_steps`, and resets the rows that ended. A model reads the class's docstring and source, without
    `native`; keep what computes a reward there.
    """

    observation_space: ClassVar[Box]
    action_space: ClassVar[Box]
    """A vector with bounds; actions are clipped to them before `step`."""
    max_episode_steps: ClassVar[int | None] = None

    @abstractmethod
    def reset(self, draw: Draw) -> State:
        """The states in which `draw.num_rows` episodes begin."""

    @abstractmethod
    def step(self, state: State, actions: torch.Tensor, draw: Draw) -> State:
        """The states one step later, under the same names. actions: float32 (N, d)."""

    @abstractmethod
    def observe(self, state: State) -> torch.Tensor:
        """What the policy sees. float32 (N, *observation_space.shape)."""

    def variables(self, state: State) -> dict[str, torch.Tensor]:
        """What a task may name as a source, beside the observation: name → (N,) or (N, d)."""
        return {}

    def terminated(self, state: State) -> torch.Tensor:
        """Whether the episode is over in this state, time apart. bool (N,)."""
        return torch.zeros(len(next(iter(state.values()))), dtype=torch.bool, device=next(iter(state.values())).device)

    def native(self, state: State, actions: torch.Tensor) -> torch.Tensor:
        """The environment's own reward for coming to this state by these actions, if it has one. (N,)."""
        return torch.zeros(len(actions), device=actions.device)
