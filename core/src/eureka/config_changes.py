"""Where two configs differ, and what of that may change once a run has begun."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from eureka.config_models import Caps, Config
from eureka.config_parts import flat
from eureka.validation import dotted, show
from eureka.yaml_source import KeyPath

# What a run that has begun may still change: nothing that a number already measured depends on.
CHANGEABLE = ("search.iterations", "search.stop_when_solved", "training.fewer_envs", "final.clip", "budget", "executor", "llm", "isolation")
# Words in tables. Other texts of a task are read by whoever writes the rewards.
_SHOWN_ONLY = ("task.fitness.unit",)
_LISTED = 8


class Difference(NamedTuple):
    """A setting that two configs have otherwise; None where one has it not."""

    path: KeyPath
    was: Any
    now: Any


def may_change(key: str) -> bool:
    """Whether a run that has begun may change the setting."""
    return any(key == allowed or key.startswith(f"{allowed}.") for allowed in CHANGEABLE)


def changes(old: Config, new: Config) -> list[tuple[str, Any, Any]]:
    """What differs of that which may change: (key, old value, new value). A component that was exchanged is one change as a whole."""
    was, now = flat(old), flat(new)
    pairs = [(f"search.{key}", was["search"][key], now["search"][key]) for key in ("iterations", "stop_when_solved")]
    pairs += [(f"{name}.{key}", was[name][key], now[name][key]) for name, key in (("training", "fewer_envs"), ("final", "clip"))]
    pairs += [("isolation", was["isolation"], now["isolation"])]
    pairs += [(f"budget.{cap}", was["budget"][cap], now["budget"][cap]) for cap in Caps.model_fields]
    for kind in ("executor", "llm"):
        before, after = was[kind], now[kind]
        if before is None or after is None or before["use"] != after["use"]:
            pairs.append((kind, before, after))
        else:
            pairs += [(f"{kind}.{key}", before.get(key), after.get(key)) for key in dict.fromkeys((*before, *after))]
    return [pair for pair in pairs if pair[1] != pair[2]]


def differences(old: Config, new: Config) -> list[Difference]:
    """Everything that differs but what is only shown. A list is one setting."""
    was, now = dict(_leaves(flat(old))), dict(_leaves(flat(new)))
    found = [Difference(path, was.get(path), now.get(path)) for path in dict.fromkeys((*was, *now))]
    return [one for one in found if one.was != one.now and dotted(one.path) not in _SHOWN_ONLY]


def in_words(found: Sequence[Difference]) -> list[str]:
    """`seed was 3, is 4`; of a text or a list that is too long for a line, that it is another."""
    return [_told(one) for one in found]


def listed(lines: Sequence[str]) -> str:
    """The first lines below one another, and how many more there are."""
    more = [f"and {len(lines) - _LISTED} more"] * (len(lines) > _LISTED)
    return "\n".join(f"  {line}" for line in (*lines[:_LISTED], *more))


def _told(one: Difference) -> str:
    was, now = show(one.was), show(one.now)
    return f"{dotted(one.path)} is another" if "…" in was + now else f"{dotted(one.path)} was {was}, is {now}"


def _leaves(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    if isinstance(value, dict) and value:
        for key, below in value.items():
            yield from _leaves(below, (*path, key))
    else:
        yield path, value
