"""A replay buffer on disk, as plain arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.buffers import ReplayBuffer

_ARRAYS = ("observations", "next_observations", "actions", "rewards", "dones", "timeouts")


def save(buffer: ReplayBuffer, path: Path) -> None:
    """Write what the buffer holds, and no more."""
    # One more than it holds: where observations are stored once, the last one's successor is there.
    filled = min(buffer.size() + 1, buffer.buffer_size)
    arrays: dict[str, Any] = {name: array[:filled] for name, array in _arrays(buffer).items()}
    np.savez(path, pos=buffer.pos, full=buffer.full, **arrays)


def load(buffer: ReplayBuffer, path: Path, *, same_episodes: bool) -> None:
    """Fill a new buffer with what `save` wrote. same_episodes: the next step goes on where the last stored one ended."""
    with np.load(path, allow_pickle=False) as archive:
        for name, array in _arrays(buffer).items():
            saved = archive[name]
            array[: len(saved)] = saved
        buffer.pos, buffer.full = int(archive["pos"]), bool(archive["full"])
    if not same_episodes and buffer.size():
        # What follows the last step belongs to another episode; a step's value must not be taken from there.
        ended = buffer.dones if buffer.optimize_memory_usage else buffer.timeouts
        ended[buffer.pos - 1] = np.maximum(ended[buffer.pos - 1], 1 - buffer.dones[buffer.pos - 1])


def _arrays(buffer: ReplayBuffer) -> dict[str, NDArray[Any]]:
    """The buffer's own arrays; those of a Dict observation by `observations/key`."""
    arrays: dict[str, NDArray[Any]] = {}
    for name in _ARRAYS:
        value = getattr(buffer, name, {})
        arrays |= {f"{name}/{key}": part for key, part in value.items()} if isinstance(value, dict) else {name: value}
    return arrays
