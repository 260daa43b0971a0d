"""The batched environment a `sim` component returns from `eureka_make_env`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from eureka.spaces import Space

Array = NDArray[np.float64]
RenderMode = Literal["rgb_array", "human"]

LONGEST_EPISODE = 10_000
"""Steps after which core ends an evaluation episode of an environment without a time limit; that counts as truncated."""


@dataclass(frozen=True, slots=True)
class EnvRequest:
    """What `eureka_make_env` is asked for.

    task: the task; its `sim.options` were validated against the component's `Options`.
    num_envs: number of rows, N.
    sources: variable name → raw source string to read at every step (`obs[3]`, `env.hull.angle`, …), a subset of the task's.
        Core itself provides `action`, `native`, `length`, `terminated`, every `prev_`, and `FILE.py:function` sources.
    render: None but where somebody will watch: a `RenderedEnv` is asked for then, `num_envs` being 1. `rgb_array`: core asks for frames;
        `human`: it shows itself in a window. What a step gives is the same with each. Raise ConfigError where it cannot be drawn.
    """

    task: object
    num_envs: int
    sources: Mapping[str, str]
    render: RenderMode | None = None


@dataclass(frozen=True, slots=True)
class Reset:
    """All rows after `reset`.

    observations: (N, *obs shape), the policy's input.
    values: source values of the reset state; each float64 (N,) or (N, d). A value that only a step gives (`info.x`) is 0.
    """

    observations: NDArray[np.generic]
    values: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Step:
    """All rows after one step, with same-step autoreset: order is apply → read → only then reset the rows that ended.

    observations: (N, *obs shape). Of the state each row goes on from: the reset state's where the episode ended.
    terminated, truncated: bool (N,).
    final_observations: (N, *obs shape). Of the state each row reached; equals `observations` where no episode ended.
    actions: float64 (N, d). What was applied, after clipping; a Discrete action is its index as (N, 1).
    native: float64 (N,). The environment's own reward.
    values: each float64 (N,) or (N, d). Sources read in the state the row reached, also when that state is terminal.
    reset_values: as `values`, of the state each row goes on from; equals `values` where no episode ended.
    All arrays belong to the caller: the environment does not write to them later.
    """

    observations: NDArray[np.generic]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    final_observations: NDArray[np.generic]
    actions: Array
    native: Array
    values: Mapping[str, Array]
    reset_values: Mapping[str, Array]


class BatchedEnv(Protocol):
    """N independent rows of one environment. A row's numbers depend on its own seed and actions only, never on N or on other rows."""

    num_envs: int
    observation_space: Space
    action_space: Space
    max_episode_steps: int | None

    def reset(self, seeds: Sequence[int]) -> Reset:
        """Reset every row, row j with a generator of its own seeded `seeds[j]`; later autoresets go on with that generator."""

    def step(self, actions: NDArray[np.generic], active: NDArray[np.bool_] | None = None) -> Step:
        """Step every row. actions: (N,) integers for Discrete, else (N, d). Rows where `active` is False need not be stepped
        (their outputs are ignored and may be anything of the right shape)."""

    def save_state(self, path: Path, rows: slice = slice(None)) -> bool:
        """Write what these rows need to go on exactly into `path` (a file the caller's own workers alone read). False when this
        environment cannot be saved: the next segment then starts new episodes."""

    def load_state(self, path: Path, rows: slice = slice(None)) -> None:
        """These rows go on from what `save_state` wrote of as many, in whatever batch they were then."""

    def close(self) -> None:
        """Free what the simulator holds."""


class RenderedEnv(BatchedEnv, Protocol):
    """What `eureka_make_env` returns for a request with `render`."""

    render_fps: float
    """Steps that make a second, watched at its own pace."""

    def render(self) -> NDArray[np.uint8]:
        """How row 0 looks in the state that the last step reached, also where that ended the episode, or in the reset state.

        uint8 (H, W, 3): red, green, blue, from the top; of one size in all episodes. Never asked of `human`. Raise ConfigError with what is
        missing where it cannot be drawn.
        """
