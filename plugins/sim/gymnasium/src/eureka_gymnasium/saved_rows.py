"""Rows in a file: a pickle of each, so that any of them can go on in another batch, stepped one by one or as arrays."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gymnasium

from eureka.errors import PluginContractError
from eureka_gymnasium.layers import Env, layers


def write(path: Path, envs: Iterable[Env]) -> bool:
    """False, and no file, where an environment does not pickle with its state. One may be the same object in another state."""
    rows = []
    for env in envs:
        # EzPickle keeps constructor arguments only: it would come back as a new environment and never say so.
        if any(isinstance(layer, gymnasium.utils.EzPickle) for layer in layers(env)):
            return False
        try:
            rows.append(pickle.dumps(env, pickle.HIGHEST_PROTOCOL))
        except Exception:  # Whatever a simulator's object raises, it means that it does not pickle.
            return False
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(pickle.dumps(rows, pickle.HIGHEST_PROTOCOL))
    partial.replace(path)
    return True


def read(path: Path, count: int) -> list[gymnasium.Env[Any, Any]]:
    """The rows that `write` wrote. Raises PluginContractError where they are not `count`."""
    rows = pickle.loads(path.read_bytes())
    if len(rows) != count:
        raise PluginContractError(f"gymnasium: {path} holds {len(rows)} rows, but {count} were named to go on from it; name as many.")
    return [pickle.loads(row) for row in rows]
