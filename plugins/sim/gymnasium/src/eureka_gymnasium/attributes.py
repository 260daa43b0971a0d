"""Numbers an environment holds in its public attributes, one level into its objects, and in `info`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import ModuleType
from typing import Any

import gymnasium
import numpy as np

from eureka_gymnasium.candidates import Candidate, name_of, snake_case
from eureka_gymnasium.layers import own_names
from eureka_gymnasium.sources import SourceError, to_array

MAX_PROBES = 200
MAX_ENTRIES = 64  # of a vector
MAX_ELEMENTS = 16  # of a list of objects; a longer one is a collection, such as the tiles of a track
MAX_WITH_VECTORS = 4  # elements of a list of objects; of more, only the numbers are read: ten lidar rays are ten numbers

# Of Box2D's many attributes those that say where a body or a joint is and how it moves.
BOX2D = {
    "position": ("position (x, y)", "m"),
    "angle": ("angle", "rad"),
    "linearVelocity": ("velocity (x, y)", "m/s"),
    "angularVelocity": ("angular velocity", "rad/s"),
    "translation": ("translation", "m"),
    "speed": ("speed", ""),
}
_OF_EVERY_ENV = frozenset((*dir(gymnasium.Env), "action_space", "observation_space", "spec", "metadata", "render_mode", "reward_range"))
# Words of what only drawing needs: a `drawer` or a `window` is none of it.
_DRAWING = frozenset(
    (
        "render", "renderer", "rendering", "screen", "clock", "surf", "isopen", "viewer", "camera", "frame", "frames", "fps",
        "color", "colors", "colour", "colours", "scroll", "drawlist", "font", "image", "images", "img",
    )
)  # fmt: skip
# Core has a `terminated` of its own, and none where it would tell success.
_ENDS = frozenset(("terminated", "truncated", "done"))
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NEVER = (str, bytes, type, ModuleType, np.ndarray, gymnasium.spaces.Space, gymnasium.Env, np.random.Generator, np.random.RandomState)


def attributes(env_layers: Sequence[gymnasium.Env[Any, Any]], skip: frozenset[str] = frozenset()) -> list[Candidate]:
    """Attributes of an environment, and those that wrappers not of Gymnasium's own add, that are a number, a vector or None now.

    env_layers: see `layers`. skip: names not to look at.
    """
    *wrappers, base = env_layers
    parts = {name: value for name, value in _public(base) if name not in _OF_EVERY_ENV | skip}
    for wrapper in reversed([wrapper for wrapper in wrappers if package_of(type(wrapper)) != "gymnasium"]):
        names = own_names(wrapper)
        parts |= {name: value for name, value in _public(wrapper) if name in names}
    return list(islice((leaf for name, value in parts.items() for leaf in _leaves(f"env.{name}", value, depth=1)), MAX_PROBES))


def infos(info: Mapping[str, Any]) -> list[Candidate]:
    """The same for the entries of an `info`."""
    return list(islice((leaf for name, value in _public(info) for leaf in _leaves(f"info.{name}", value, depth=1)), MAX_PROBES))


def _leaves(source: str, value: Any, depth: int, numbers_only: bool = False) -> Iterator[Candidate]:
    """What can be read at `source` or in its parts. depth: objects that may still be entered; at 0 only Box2D's, at −1 none."""
    if value is None or _is_vector(value):
        if not (numbers_only and np.ndim(value)):
            root, _, path = source.partition(".")
            yield Candidate(name_of(source), source, f"the environment's {path}" if root == "env" else f"{path} in the step's info")
    elif isinstance(value, _NEVER) or callable(value) or package_of(type(value)) == "pygame":
        return
    elif isinstance(value, list | tuple):
        numbers_only = numbers_only or len(value) > MAX_WITH_VECTORS
        for i, element in enumerate(value if len(value) <= MAX_ELEMENTS else ()):
            if not isinstance(element, list | tuple):
                yield from _leaves(f"{source}[{i}]", element, depth, numbers_only)
    elif depth > 0 or (depth == 0 and _is_box2d(value)):
        physics = _is_box2d(value)
        for name, part in _public(value):
            if physics and hasattr(type(value), name):
                yield from _motion(f"{source}.{name}", name, numbers_only)
            else:
                yield from _leaves(f"{source}.{name}", part, -1 if physics else depth - 1, numbers_only)


def _motion(source: str, name: str, numbers_only: bool) -> Iterator[Candidate]:
    if name in BOX2D and not (numbers_only and name in ("position", "linearVelocity")):
        meaning, unit = BOX2D[name]
        holder = source.removeprefix("env.").removesuffix(f".{name}")
        yield Candidate(name_of(source), source, f"{meaning} of {holder}", unit, state=True)


def _public(value: Any) -> Iterator[tuple[str, Any]]:
    """Names a source can hold, with their values: a mapping's keys, else attributes in the order they were set, then its class's."""
    if isinstance(value, Mapping):
        names = [key for key in value if isinstance(key, str) and _KEY.fullmatch(key)]
    else:
        names = list(dict.fromkeys((*getattr(value, "__dict__", ()), *dir(type(value)))))
    for name in names:
        if name.startswith("_") or name in _ENDS or not _DRAWING.isdisjoint(re.split("[^a-z]+", snake_case(name))):
            continue
        try:
            yield name, value[name] if isinstance(value, Mapping) else getattr(value, name)
        except Exception:  # A property may raise anything; it may work later, which matters where its name is to be told.
            yield name, None


def _is_vector(value: Any) -> bool:
    if isinstance(value, list | tuple) and not 0 < len(value) <= MAX_ENTRIES:
        return False
    try:
        return 0 < to_array(value).size <= MAX_ENTRIES
    except SourceError:
        return False


def _is_box2d(value: Any) -> bool:
    return any(package_of(base) == "Box2D" for base in type(value).__mro__)


def package_of(cls: type) -> str:
    """The package that defines a class; empty for one of no module."""
    return getattr(cls, "__module__", "").partition(".")[0]  # as some of C extensions
