"""What MuJoCo itself calls the parts of a model: joints, bodies and actuators, as variables and to check documentation against."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eureka.env import Array
from eureka_gymnasium.candidates import Candidate
from eureka_gymnasium.doc_table import Row, joined

FREE, BALL, SLIDE, HINGE = range(4)
_TYPES = ("free", "ball", "slide", "hinge")
_QUATERNION = ("quaternion w", "quaternion x", "quaternion y", "quaternion z")
_POSITIONS = {FREE: ("x", "y", "z", *_QUATERNION), BALL: _QUATERNION, SLIDE: ("",), HINGE: ("",)}
_TURNS = ("turn rate x", "turn rate y", "turn rate z")
_VELOCITIES = {FREE: ("velocity x", "velocity y", "velocity z", *_TURNS), BALL: _TURNS, SLIDE: ("",), HINGE: ("",)}
_UNITS = {
    "qpos": {FREE: ("m", "m", "m", "", "", "", ""), BALL: ("",) * 4, SLIDE: ("m",), HINGE: ("rad",)},
    "qvel": {FREE: ("m/s",) * 3 + ("rad/s",) * 3, BALL: ("rad/s",) * 3, SLIDE: ("m/s",), HINGE: ("rad/s",)},
}


def model_of(env: Any) -> Any | None:
    """The MuJoCo model of an unwrapped environment that has `model` and `data`, else None."""
    mujoco = sys.modules.get("mujoco")  # Loaded by any environment that has a model; never for one that has none.
    model, data = getattr(env, "model", None), getattr(env, "data", None)
    return model if mujoco and isinstance(model, mujoco.MjModel) and isinstance(data, mujoco.MjData) else None


def candidates(model: Any) -> list[Candidate]:
    """Joint positions and velocities, a position per named body, and contact forces of those that can collide."""
    qpos = _columns(model, _POSITIONS)
    qvel = _columns(model, _VELOCITIES)
    found = [
        Candidate("qpos", "env.data.qpos", f"joint positions (m, rad): {qpos}", state=True),
        Candidate("qvel", "env.data.qvel", f"joint velocities (m/s, rad/s): {qvel}", state=True),
    ]
    bodies = [(i, name) for i, name in enumerate(body_names(model)) if i and name]
    for i, name in bodies:
        found.append(Candidate(f"{name}_position", f"env.data.xpos[{i}]", f"position of {name}: x, y, z in the world", "m", state=True))
    can_collide = {int(model.geom_bodyid[g]) for g in range(model.ngeom) if model.geom_contype[g] or model.geom_conaffinity[g]}
    for i, name in bodies:
        if i in can_collide:
            meaning = f"contact and other outer forces on {name}: torque x, y, z (N m), then force x, y, z (N)"
            found.append(Candidate(f"{name}_contact_force", f"env.data.cfrc_ext[{i}]", meaning, state=True))
    return found


def body_names(model: Any) -> tuple[str, ...]:
    """The name of each body, the world first: its own, else that of its first joint or shape that has one, else empty."""
    names = [model.body(i).name for i in range(model.nbody)]
    for body, name in [
        *((int(model.jnt_bodyid[j]), model.joint(j).name) for j in range(model.njnt)),
        *((int(model.geom_bodyid[g]), model.geom(g).name) for g in range(model.ngeom)),
    ]:
        names[body] = names[body] or name
    return tuple(names)


def _columns(model: Any, parts: Mapping[int, Sequence[str]]) -> str:
    """`0: rootx (slide), 1: rooty (hinge)`: what each column of qpos or qvel belongs to."""
    columns = []
    for j in range(model.njnt):
        name, kind = model.joint(j).name or f"joint {j}", int(model.jnt_type[j])
        columns += [f"{name} ({_TYPES[kind]})" if not part else f"{name} {part}" for part in parts[kind]]
    return joined(columns)


def joints(model: Any) -> tuple[str, ...]:
    """The name of each joint, empty without one."""
    return tuple(model.joint(j).name for j in range(model.njnt))


def actuators(model: Any) -> tuple[str, ...]:
    """What each actuator drives: its joint's name, else its own."""
    names = []
    for i in range(model.nu):
        drives_joint = int(model.actuator_trntype[i]) in (0, 1) and model.actuator_trnid[i, 0] >= 0
        joint = model.joint(int(model.actuator_trnid[i, 0])).name if drives_joint else ""
        names.append(joint or model.actuator(i).name or f"actuator {i}")
    return tuple(names)


def checked_units(rows: Sequence[Row], columns: Array, values: Mapping[str, Array], model: Any) -> tuple[str, ...] | None:
    """The unit of every row whose documented joint or body is in the model and reads the same numbers; None where any row does not.

    rows: entry k describes `columns[:, k]`. columns: float64 (S, d) with d ≥ len(rows). values: source → (S, ...), of `candidates`.
    """
    units, checked = [], 0
    for k, row in enumerate(rows):
        unit = None if _is_other_quantity(row) else _unit(row, columns[:, k], values, model)
        if unit is None and row.joint and not _is_other_quantity(row):
            return None
        checked += unit is not None
        units.append(row.unit if unit is None else unit)
    return tuple(units) if checked else None


def _is_other_quantity(row: Row) -> bool:
    """Whether the row is neither a position nor a velocity, so that the model's state says nothing about it."""
    return row.unit not in ("", "m", "rad", "m/s", "rad/s")


def _unit(row: Row, column: Array, values: Mapping[str, Array], model: Any) -> str | None:
    """The unit of what this column equals; None where it equals nothing of what the row names: `hip`, or `cos(hip)`."""
    call = re.fullmatch(r"(sin|cos)\((.*)\)", row.joint)
    name = call[2] if call else row.joint
    for j in (j for j in range(model.njnt) if name and model.joint(j).name == name):
        kind = int(model.jnt_type[j])
        for source, start in (("env.data.qpos", int(model.jnt_qposadr[j])), ("env.data.qvel", int(model.jnt_dofadr[j]))):
            units = _UNITS[source[-4:]][kind]
            for value, unit in zip(_rows(values, source)[start : start + len(units)], units, strict=False):
                if _equal_but_for_clipping(column, getattr(np, call[1])(value) if call else value):
                    return "" if call else unit
    bodies = [i for i in range(1, model.nbody) if name and model.body(i).name == name]
    return "m" if any(_equal_but_for_clipping(column, axis) for i in bodies for axis in _rows(values, f"env.data.xpos[{i}]")) else None


def _rows(values: Mapping[str, Array], source: str) -> Array:
    """The entries of a vector over time, (d, S); none where it could not be read."""
    return np.asarray(values[source].T) if source in values else np.empty((0, 0))


def _equal_but_for_clipping(column: Array, value: Array) -> bool:
    low, high = column.min(), column.max()
    same = np.allclose(column, np.clip(value, low, high), rtol=1e-5, atol=1e-6)
    return bool(same and (low < high or np.ptp(value) < 1e-6))
