"""Remembers how fast this machine trains, so that the next run can say beforehand how long it will take."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from eureka.config import Config
from eureka.files import user_cache, write_atomically
from eureka.state import State
from eureka.summary import union
from eureka.types import Record

_KEPT = 200


class Speed(NamedTuple):
    """What the last run measured. steps_per_second: of training and evaluation together, per slot. max_episode_steps: None, no limit.

    episode_steps: the mean length of its evaluation episodes; None where it came to no checkpoint.
    """

    steps_per_second: float
    max_episode_steps: int | None
    episode_steps: float | None = None


class _Entry(Record):
    steps_per_second: float = Field(gt=0, allow_inf_nan=False)
    max_episode_steps: int | None = Field(None, ge=1)
    episode_steps: float | None = Field(None, ge=0, allow_inf_nan=False)
    time: float


_TABLE: TypeAdapter[dict[str, _Entry]] = TypeAdapter(dict[str, _Entry])


def recall(config: Config) -> Speed | None:
    """What was measured last of the config's trainer in its environment; None where no run of this user has."""
    entry = _read().get(_key(config))
    return Speed(entry.steps_per_second, entry.max_episode_steps, entry.episode_steps) if entry is not None else None


def remember(config: Config, state: State, slots: int) -> None:
    """Keep what this session of a run measured. Where that cannot be kept, nothing happens: it is a convenience."""
    opened = state.open_intervals[-1][0] if state.open_intervals else time.time()
    steps, intervals, lengths = 0, [], list[float]()
    for result in state.results.values():
        mine = [*result.training_intervals, *result.evaluation_intervals]
        if mine and min(start for start, _ in mine) >= opened:
            steps += result.steps + result.evaluation_steps
            intervals += mine
            lengths += [point.length for point in result.checkpoints]
    seconds = union(intervals)
    if not steps or seconds <= 0 or state.context is None:
        return
    speed, length = steps / seconds / slots, state.context.max_episode_steps
    mean = fmean(lengths) if lengths else None
    entry = _Entry(steps_per_second=speed, max_episode_steps=length, episode_steps=mean, time=time.time())
    table = {**_read(), _key(config): entry}
    newest = sorted(table.items(), key=lambda item: item[1].time)[-_KEPT:]
    with suppress(OSError, RuntimeError):
        path = _path()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, json.dumps({key: entry.model_dump() for key, entry in newest}))
        path.chmod(0o600)


def _path() -> Path:
    return user_cache() / "speeds.json"


def _read() -> dict[str, _Entry]:
    """Empty where there is no such file, or one that is damaged in whatever way."""
    try:
        return _TABLE.validate_json(_path().read_bytes())
    except (OSError, RuntimeError, ValidationError):
        return {}


def _key(config: Config) -> str:
    sim = config.task.sim
    return json.dumps([sim.use, sim.options.get("env", config.task.name), config.trainer.use, config.trainer.options.get("algorithm")])
