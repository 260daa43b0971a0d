"""The grammar of a variable's source, and following one into an observation, an info or an environment.

source := root step*      root := "obs" | "info" | "env"      step := "." name | "[" i "]" | "[" a ":" b "]"

Attributes, keys and indices only: nothing is called and nothing is evaluated. A `.name` is a key where the value is a mapping,
else an attribute; names that begin with an underscore do not exist. A slice is the last step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from eureka.env import Array
from eureka.suggest import closest

ROOTS = ("obs", "info", "env")
FORMS = "obs, obs[3], obs[3:6], obs.key, info.key, env.name.name[0]"
MAX_LISTED = 20

_ROOT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_STEP = re.compile(r"\.([A-Za-z][A-Za-z0-9_]*)|\[([0-9]+)(?::([0-9]+))?\]")


class SourceError(ValueError):
    """A source that cannot be parsed or followed; the message says what failed and what is valid there."""


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed source: its root (`obs`, `info` or `env`) and the steps from there."""

    text: str
    root: str
    steps: tuple[str | int | slice, ...]

    def upto(self, depth: int) -> str:
        """The text of the root and the first `depth` steps."""
        written = (
            f".{s}" if isinstance(s, str) else f"[{s}]" if isinstance(s, int) else f"[{s.start}:{s.stop}]" for s in self.steps[:depth]
        )
        return self.root + "".join(written)


def parse(text: str) -> Source:
    """Raises SourceError naming the character the grammar does not allow."""
    root = _ROOT.match(text)
    if root is None or root[0] not in ROOTS:
        raise SourceError(f"a source begins with {', '.join(ROOTS)}; valid forms are {FORMS}, action, native, length and FILE.py:function")
    steps: list[str | int | slice] = []
    position = root.end()
    while position < len(text):
        step = _STEP.match(text, position)
        if step is None:
            raise SourceError(f"{_complaint(text[position:])} at {text[position:]!r}; valid forms are {FORMS}")
        if steps and isinstance(steps[-1], slice):
            raise SourceError(f"nothing may follow a slice, but {text[position:]!r} does")
        name, start, stop = step.groups()
        steps.append(name if name else int(start) if stop is None else slice(int(start), int(stop)))
        if isinstance(steps[-1], slice) and steps[-1].start >= steps[-1].stop:
            raise SourceError(f"the slice {step[0]} is empty; in [a:b] a is less than b")
        position = step.end()
    if root[0] != "obs" and (not steps or not isinstance(steps[0], str)):
        raise SourceError(f"{root[0]} alone is no number; name what to read, as in {root[0]}.name")
    return Source(text, root[0], tuple(steps))


def follow(source: Source, value: Any) -> Any:
    """What the source's steps lead to from its root. Raises SourceError."""
    for depth, step in enumerate(source.steps):
        try:
            value = _enter(value, step)
        except SourceError as error:
            raise SourceError(f"{source.upto(depth)} {error}") from error
    return value


def to_array(value: Any) -> Array:
    """A number or vector as float64 () or (d,). Raises SourceError for anything else, strings and None included."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise SourceError("is a ragged list, not a number or vector") from None
    if array.dtype.kind not in "biuf":
        raise SourceError(f"is {_type(value)}, not a number or vector{_inside(value)}")
    if array.ndim > 1:
        raise SourceError(f"has shape {array.shape}; a variable is a number or a vector, so index it further, as in [0]")
    return array.astype(np.float64)


def _enter(value: Any, step: str | int | slice) -> Any:
    if isinstance(step, str):
        if isinstance(value, Mapping):
            if step not in value:
                raise SourceError(f"has no key {step!r}{_choices(step, value)}")
            return value[step]
        try:
            return getattr(value, step)
        except Exception as error:  # A simulator's property may raise anything; that it is not missing shows on its class.
            if isinstance(error, AttributeError) and not hasattr(type(value), step):
                raise SourceError(f"has no attribute {step!r}{_choices(step, public_names(value))}") from error
            raise SourceError(f"has {step!r}, but reading it failed: {type(error).__name__}: {error}") from error
    try:
        entries = len(value)
        last = step.stop - 1 if isinstance(step, slice) else step
        if last < entries or isinstance(value, Mapping):
            return value[step]
    except (TypeError, KeyError):
        raise SourceError(f"is {_type(value)} and cannot be indexed by {_index(step)}{_inside(value)}") from None
    size = f"shape {value.shape}" if isinstance(value, np.ndarray) else f"{entries} entries"
    raise SourceError(f"has {size}, so {_index(step)} is out of range; valid are [0] to [{entries - 1}]" if entries else "is empty")


def public_names(value: Any) -> list[str]:
    """Attributes without underscore that are not methods."""
    names = []
    for name in dir(value):
        if name.startswith("_"):
            continue
        try:
            attribute = getattr(value, name)
        except Exception:
            continue
        if not callable(attribute):
            names.append(name)
    return names


def _choices(step: str, names: Iterable[Any]) -> str:
    known = [str(name) for name in names]
    near = closest(step, known)
    guess = f"; did you mean {near!r}?" if near is not None else ""
    more = f", and {len(known) - MAX_LISTED} more" if len(known) > MAX_LISTED else ""
    return f"{guess}; valid: {', '.join(known[:MAX_LISTED]) or 'none'}{more}"


def _inside(value: Any) -> str:
    """What could be read further inside a value that is no number itself."""
    if isinstance(value, Mapping):
        return f"; name a key: {', '.join(map(str, list(value)[:MAX_LISTED])) or 'it has none'}"
    if callable(value):
        return "; methods are never called"
    return ""


def _type(value: Any) -> str:
    return "None" if value is None else "a dict" if isinstance(value, Mapping) else f"of type {type(value).__name__}"


def _index(step: Any) -> str:
    return f"[{step.start}:{step.stop}]" if isinstance(step, slice) else f"[{step}]"


def _complaint(rest: str) -> str:
    if rest.startswith("("):
        return "nothing is called"
    if rest.startswith("._"):
        return "names beginning with an underscore cannot be read"
    if rest.startswith("[-"):
        return "indices count from 0, never from the end"
    return "not an attribute or an index"
