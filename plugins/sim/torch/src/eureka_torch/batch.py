"""N rows of a torch environment as the batched environment core works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from eureka.env import Array, Reset, Step
from eureka.spaces import Space
from eureka_torch import saved_rows
from eureka_torch.draw import Draw, seed_tensor
from eureka_torch.env import State, TorchEnv
from eureka_torch.sources import Sources

WIDTH = 64
"""Rows are computed in multiples of this, the last one again where there are fewer, so that a row's bits do not depend on N.

A torch kernel on a CPU computes whole vectors (16 float32 with AVX-512, two at a time) by other code than the numbers left over behind
them: of 34 operations tried on 1 to 3,001 rows, atan2, pow and sigmoid differed in their last bit there. In multiples of 16 all were equal
but matrix products, whose order of adding depends on N in any case. On several threads a kernel may cut in other places; jobs have one.
"""

_OF_STATE = "state."


class TorchBatch:
    """A `BatchedEnv` of one environment's rows.

    max_episode_steps: None where no episode is truncated. sources: what to read. device: where everything is computed; what core gets
    are arrays in any case, copied once a step.
    """

    def __init__(self, env: TorchEnv, num_envs: int, sources: Sources, max_episode_steps: int | None = None, device: str = "cpu") -> None:
        self.num_envs, self.max_episode_steps = num_envs, max_episode_steps
        self.observation_space: Space = env.observation_space
        self.action_space: Space = env.action_space
        self._env, self._sources = env, sources
        self._device = torch.device(device)
        low, high = (torch.tensor(bound.copy(), dtype=torch.float32, device=device) for bound in env.action_space.bounds())
        self._bounds = low, high
        self._rows = _filled_up(torch.arange(num_envs, device=device))
        self._seeds = self._episodes = self._elapsed = torch.zeros_like(self._rows)
        self._state: State = {}
        self._begin(self._seeds)

    def reset(self, seeds: Sequence[int]) -> Reset:
        """See `BatchedEnv.reset`."""
        self._begin(seed_tensor(seeds).to(self._device)[self._rows])
        observations, values = self._read()
        return Reset(observations, values)

    def step(self, actions: NDArray[np.generic], active: NDArray[np.bool_] | None = None) -> Step:
        """See `BatchedEnv.step`. Rows that are not active stay where they are."""
        env, before, elapsed = self._env, self._state, self._elapsed + 1
        applied = self._clipped(actions)
        after = env.step(before, applied, Draw(self._seeds, self._episodes, elapsed))
        terminated = env.terminated(after)
        truncated = torch.zeros_like(terminated) if self.max_episode_steps is None else elapsed >= self.max_episode_steps
        if active is not None:
            going = torch.from_numpy(np.asarray(active)).to(self._device)[self._rows]
            after = {name: torch.where(_along(going, tensor), tensor, before[name]) for name, tensor in after.items()}
            elapsed, terminated, truncated = torch.where(going, elapsed, self._elapsed), terminated & going, truncated & going
        final = env.observe(after)
        named = self._sources.read(env, after, final)
        told = self._arrays(final, terminated, truncated, applied, env.native(after, applied), *named.values())
        values = dict(zip(named, told[5:], strict=True))
        step = Step(
            observations=told[0].astype(np.float32),
            terminated=told[1] > 0,
            truncated=told[2] > 0,
            final_observations=told[0].astype(np.float32),
            actions=told[3],
            native=told[4],
            values=values,
            reset_values={name: value.copy() for name, value in values.items()},
        )
        self._state, self._elapsed = after, elapsed
        ended = torch.nonzero(terminated | truncated)[:, 0]
        if len(ended):
            self._begin_again(ended)
            observations, values = self._read()
            step = replace(step, observations=observations, reset_values=values)
        return step

    def save_state(self, path: Path, rows: slice = slice(None)) -> bool:
        """See `BatchedEnv.save_state`."""
        saved_rows.write(path, {name: array[rows] for name, array in self._whole().items()})
        return True

    def load_state(self, path: Path, rows: slice = slice(None)) -> None:
        """See `BatchedEnv.load_state`. Raises PluginContractError where the file holds another number of rows, or another environment's."""
        whole = {name: array.copy() for name, array in self._whole().items()}
        held = saved_rows.read(path, {name: array[rows] for name, array in whole.items()})
        for name, array in whole.items():
            array[rows] = held[name]
        tensors = {name: torch.from_numpy(array).to(self._device)[self._rows] for name, array in whole.items()}
        self._seeds, self._episodes, self._elapsed = (tensors.pop(name) for name in ("seeds", "episodes", "elapsed"))
        self._state = {name.removeprefix(_OF_STATE): tensor for name, tensor in tensors.items()}

    def close(self) -> None:
        """Nothing is held but tensors."""

    def _begin(self, seeds: torch.Tensor) -> None:
        self._seeds, self._episodes, self._elapsed = seeds, torch.zeros_like(seeds), torch.zeros_like(seeds)
        self._state = self._env.reset(Draw(self._seeds, self._episodes, self._elapsed))

    def _begin_again(self, ended: torch.Tensor) -> None:
        """The next episode in these rows. ended: int64 (E,), not empty."""
        self._episodes = self._episodes.index_add(0, ended, torch.ones_like(ended))
        self._elapsed = self._elapsed.index_fill(0, ended, 0)
        rows = _filled_up(ended)
        fresh = self._env.reset(Draw(self._seeds[rows], self._episodes[rows], torch.zeros_like(rows)))
        self._state = {name: tensor.index_copy(0, ended, fresh[name][: len(ended)]) for name, tensor in self._state.items()}

    def _clipped(self, actions: NDArray[np.generic]) -> torch.Tensor:
        given = np.asarray(actions, np.float32).reshape(self.num_envs, -1)
        return torch.clamp(torch.from_numpy(given).to(self._device)[self._rows], *self._bounds)

    def _read(self) -> tuple[NDArray[np.float32], dict[str, Array]]:
        """Observations and sources in the state the rows are in."""
        observed = self._env.observe(self._state)
        named = self._sources.read(self._env, self._state, observed)
        observations, *values = self._arrays(observed, *named.values())
        return observations.astype(np.float32), dict(zip(named, values, strict=True))

    def _arrays(self, *tensors: torch.Tensor) -> list[Array]:
        """Each tensor (N,) or (N, d) as an array of the caller's own, float64, by a single copy from the device."""
        columns = [tensor.reshape(len(tensor), -1).to(torch.float64) for tensor in tensors]
        table, arrays, end = self._array(torch.cat(columns, dim=1)), [], 0
        for tensor, column in zip(tensors, columns, strict=True):
            start, end = end, end + column.shape[1]
            arrays.append(np.array(table[:, start:end], order="C").reshape(self.num_envs, *tensor.shape[1:]))
        return arrays

    def _array(self, tensor: torch.Tensor) -> NDArray[Any]:
        """The rows as an array, which may be the tensor's own memory."""
        array: NDArray[Any] = tensor[: self.num_envs].detach().cpu().numpy()
        return array

    def _whole(self) -> dict[str, NDArray[Any]]:
        """All that the rows need to go on, each (N, …)."""
        counters = {"seeds": self._seeds, "episodes": self._episodes, "elapsed": self._elapsed}
        tensors = counters | {f"{_OF_STATE}{name}": tensor for name, tensor in self._state.items()}
        return {name: self._array(tensor) for name, tensor in tensors.items()}


def _filled_up(rows: torch.Tensor) -> torch.Tensor:
    """Row numbers (E,), the last repeated until there are a multiple of WIDTH."""
    missing = -len(rows) % WIDTH
    return torch.cat((rows, rows[-1:].expand(missing))) if missing else rows


def _along(rows: torch.Tensor, tensor: torch.Tensor) -> torch.Tensor:
    """bool (N,) as (N, 1, …), to go with `tensor` (N, …)."""
    return rows.reshape(-1, *[1] * (tensor.ndim - 1))
