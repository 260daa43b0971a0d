"""Another interpreter, which `--python` names: what is installed there, and IsaacGym's traps."""

from __future__ import annotations

from collections.abc import Iterator

from eureka.doctor.asking import NoAnswer
from eureka.doctor.conflicts import pynvml_twice
from eureka.doctor.finding import Finding, Place
from eureka.doctor.interpreter import interpreter
from eureka.doctor.isaacgym import traps

_SHOWN = ("isaacgym", "isaacgymenvs", "torch", "rl-games", "numpy", "gym", "gymnasium")


def check(place: Place) -> Iterator[Finding]:
    """Its version and the packages that matter here, then IsaacGym; nothing where none is named."""
    if place.other is None:
        return
    try:
        other = interpreter(place.other)
    except NoAnswer as error:
        means, after = "It did not tell its version and packages, as a Python would.", "Give an interpreter: --python PATH/bin/python"
        yield Finding("other Python", "problem", f"{place.other}: {error}", means, after)
        return
    found = ", ".join(f"{name} {version}" for name in _SHOWN if (version := other.packages.get(name))) or "none of what Eureka works with"
    yield Finding("other Python", "ok", f"{'.'.join(map(str, other.version))} in {other.prefixes[0]}: {found}")
    yield from pynvml_twice(other.packages, other.pip)
    yield from traps(place, other)
