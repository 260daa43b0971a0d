"""`transitions.npz`: the evaluation episodes of a trial's checkpoints, thinned to a bounded size, loaded without pickle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class EvaluationTransitions:
    """Rows of evaluation episodes, in order of checkpoint, episode, step. R rows, E episodes.

    variables: every variable of the task (and its `prev_`), float32, (R,) or (R, d).
    episode: int32 (R,), index into the episode arrays.
    step: int32 (R,), from 1; episodes are thinned evenly, an episode's last step is always there.
    episode_checkpoint: int32 (E,), k of the checkpoint it belongs to. episode_fitness: float64 (E,). episode_length: int32 (E,), in steps.
    """

    variables: Mapping[str, NDArray[np.float32]]
    episode: NDArray[np.int32]
    step: NDArray[np.int32]
    episode_checkpoint: NDArray[np.int32]
    episode_fitness: NDArray[np.float64]
    episode_length: NDArray[np.int32]


_META = ("episode", "step", "episode_checkpoint", "episode_fitness", "episode_length")


def save_transitions(path: Path, transitions: EvaluationTransitions, native: NDArray[np.float32] | None = None) -> None:
    """Write one file, complete or not at all. Variables are stored as `v:<name>`.

    native: the environment's own reward of every row, float32 (R,). No generator may see it: only `load_native` reads it.
    """
    arrays: dict[str, Any] = {f"v:{name}": array for name, array in transitions.variables.items()}
    arrays.update({name: getattr(transitions, name) for name in _META})
    if native is not None:
        arrays["native"] = native
    temporary = path.with_name(path.name + ".part")
    with temporary.open("wb") as file:
        np.savez(file, **arrays)
    temporary.replace(path)


def load_native(path: Path) -> NDArray[np.float32] | None:
    """The environment's own reward of every row of one file, float32 (R,), for trusted code; None where it is not kept."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as archive:
        native: NDArray[np.float32] | None = archive.get("native")
    return native


def load_transitions(paths: Sequence[Path]) -> EvaluationTransitions | None:
    """Read and join the files that exist (a training's segments, in order); None when there is none."""
    parts = []
    for path in paths:
        if path.exists():
            with np.load(path, allow_pickle=False) as archive:
                parts.append({name: archive[name] for name in archive.files})
    if not parts:
        return None
    offset = 0
    for part in parts:
        part["episode"] = part["episode"] + np.int32(offset)
        offset += len(part["episode_length"])
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    variables = {name[2:]: array for name, array in joined.items() if name.startswith("v:")}
    return EvaluationTransitions(variables=variables, **{name: joined[name] for name in _META})
