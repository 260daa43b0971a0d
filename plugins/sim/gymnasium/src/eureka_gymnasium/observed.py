"""The entries of an observation: named by the environment's documentation where it can be trusted, else as they come."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from eureka.env import Array
from eureka_gymnasium import doc_table, mujoco_names
from eureka_gymnasium.candidates import Candidate, words_of
from eureka_gymnasium.doc_table import Row
from eureka_gymnasium.twins import Twins

WHOLE = "obs"
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PARTS = {
    "qpos": "joint positions",
    "qvel": "joint velocities",
    "cinert": "mass and inertia, 10 numbers a body",
    "cvel": "velocities, 6 numbers a body: turning x, y, z, then linear x, y, z",
    "qfrc_actuator": "actuator force on each degree of freedom",
    "cfrc_ext": "outer forces, 6 numbers a body: torque x, y, z, then force x, y, z",
}
_NUMBERS_A_BODY = {"cinert": 10, "cvel": 6, "cfrc_ext": 6}


def entries(env: gymnasium.Env[Any, Any]) -> list[Candidate]:
    """The observation as it is: `obs`, or the numbers and vectors of a Dict or Tuple. Arrays of more dimensions are left out."""
    space = env.observation_space
    if isinstance(space, spaces.Dict | spaces.Tuple):
        found = [Candidate(words_of(path), f"{WHOLE}{path}", meaning, state=True) for path, meaning in _parts(space, "")]
        prose = _prose(env)
        return [replace(found[0], meaning=f"{found[0].meaning}; {prose}"), *found[1:]] if found and prose else found
    return [Candidate(WHOLE, WHOLE, _meaning(env), state=True)] if len(space.shape or ()) <= 1 else []


def documented(env: gymnasium.Env[Any, Any], kwargs: Mapping[str, Any], values: Mapping[str, Array]) -> list[Candidate]:
    """The observation by its documented entries, and what follows them by its parts; empty where the table may not fit.

    values: source → (S, ...) with `obs` (S, d), which must be what the environment itself observes; and those of `mujoco_names`. Where
    there is a MuJoCo model every documented joint must read its number. Elsewhere a table of other length is trusted only without
    kwargs: one may have put entries before the documented ones.
    """
    model, columns = mujoco_names.model_of(env.unwrapped), values[WHOLE]
    # What a subclass observes may differ from what its base class documents; only MuJoCo's can be checked.
    doc = (inspect.getdoc(type(env.unwrapped)) if model else type(env.unwrapped).__doc__) or ""
    rows = doc_table.rows(doc_table.section(doc, "observation") or doc, "observation")
    numbered, excluded = ([row for row in rows if (row.index is None) == out] for out in (False, True))
    for layout in (numbered, excluded + numbered) if model else (numbered,):
        if not layout or len(layout) > columns.shape[1] or (not model and kwargs and len(layout) < columns.shape[1]):
            continue
        units = mujoco_names.checked_units(layout, columns, values, model) if model else tuple(row.unit for row in layout)
        if units is not None:
            return [*_named(layout, units, model), *_rest(env, len(layout), columns.shape[1], model)]
    return []


def explained(entry: Candidate, values: Mapping[str, Array]) -> Candidate:
    """A whole observation (S, d) of a MuJoCo environment with which of its entries are joint positions and velocities."""
    joints = Twins()
    for name in ("qpos", "qvel"):
        if (value := values.get(f"env.data.{name}")) is not None:
            joints.add(name, value)
    runs: list[tuple[int, str, int, int]] = []  # first entry, qpos or qvel, first index there, count
    for i, twin in enumerate(joints.of(values[entry.source])):
        if twin is None:
            continue
        name, index = twin[:4], int(twin[5:-1])
        if runs and runs[-1][1] == name and (runs[-1][0] + runs[-1][3], runs[-1][2] + runs[-1][3]) == (i, index):
            runs[-1] = (*runs[-1][:3], runs[-1][3] + 1)
        else:
            runs.append((i, name, index, 1))
    said = ", ".join(f"[{i}:{i + count}] is {name}[{index}:{index + count}]" for i, name, index, count in runs)
    return replace(entry, meaning=f"{entry.meaning}; {said}") if said else entry


def _named(rows: Sequence[Row], units: Sequence[str], model: Any) -> Iterator[Candidate]:
    names = [words_of(row.text) for row in rows]
    joints = mujoco_names.joints(model) if model else ()
    for i, (row, unit) in enumerate(zip(rows, units, strict=True)):
        name = names[i]
        if names.count(name) > 1:
            name = "_".join((name, *(word for word in words_of(row.joint).split("_") if word not in name.split("_"))))
        yield Candidate(name, f"{WHOLE}[{i}]", f"{row.text}; joint {row.joint}" if row.joint in joints else row.text, unit, state=True)


def _rest(env: gymnasium.Env[Any, Any], start: int, size: int, model: Any) -> Iterator[Candidate]:
    """What the table does not cover: by the parts the environment says it is made of, else in one piece."""
    parts = [part for part in _structure(env.unwrapped, size) if part[1] >= start]
    if not parts or parts[0][1] != start:
        parts = [("obs_rest", start, size)] if start < size else []
    for name, begin, end in parts:
        meaning = _PARTS.get(name, f"entries {begin} to {end - 1} of the observation")
        bodies = mujoco_names.body_names(model)[1:] if model else ()
        if name in _NUMBERS_A_BODY and end - begin == _NUMBERS_A_BODY[name] * len(bodies):
            meaning += f"; bodies: {', '.join(body or 'unnamed' for body in bodies)}"
        yield Candidate(name, f"{WHOLE}[{begin}:{end}]", meaning, state=True)


def _structure(env: Any, size: int) -> list[tuple[str, int, int]]:
    """Name, start and stop of the parts in a MuJoCo environment's `observation_structure`, where they add up to the observation."""
    declared = getattr(env, "observation_structure", None) or {}
    sizes = {name: count for name, count in declared.items() if not name.startswith("skipped") and count}
    stops = np.cumsum(list(sizes.values()), dtype=int).tolist()
    return list(zip(sizes, [0, *stops], stops, strict=False)) if stops and stops[-1] == size else []


def _meaning(env: gymnasium.Env[Any, Any]) -> str:
    """What is known of an observation without documented entries."""
    space, prose = env.observation_space, _prose(env)
    if isinstance(space, spaces.Discrete):
        return f"an integer from {space.start} to {space.start + space.n - 1}" + (f": {prose}" if prose else "")
    if env.observation_space == getattr(env.unwrapped, "observation_space", None):
        parts = _structure(env.unwrapped, int(np.prod(space.shape or ())))
        if parts:
            return "the observation: " + ", ".join(f"{a} to {b - 1} {_PARTS.get(name, name)}" for name, a, b in parts)
        if prose:
            return prose
    return "the observation, as the policy sees it"


def _prose(env: gymnasium.Env[Any, Any]) -> str:
    section = doc_table.section(type(env.unwrapped).__doc__ or "", "observation")
    # A table that did not fit says nothing of this observation, nor do the sentences around it.
    return "" if doc_table.rows(section, "observation") else doc_table.prose(section)


def _parts(space: spaces.Space[Any], path: str) -> Iterator[tuple[str, str]]:
    """Path and meaning of every number and vector in a Dict or Tuple."""
    if isinstance(space, spaces.Dict):
        for key, part in space.spaces.items():
            if isinstance(key, str) and _KEY.fullmatch(key):
                yield from _parts(part, f"{path}.{key}")
    elif isinstance(space, spaces.Tuple):
        for i, part in enumerate(space.spaces):
            yield from _parts(part, f"{path}[{i}]")
    elif len(space.shape or ()) <= 1:
        index = f", an integer from {space.start} to {space.start + space.n - 1}" if isinstance(space, spaces.Discrete) else ""
        yield path, f"{path.lstrip('.')} of the observation{index}"
