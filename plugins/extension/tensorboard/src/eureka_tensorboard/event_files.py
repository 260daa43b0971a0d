"""A run's event files: a folder for each series, and in it one file that grows."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from eureka.builtin.outside_text import fenced
from eureka.run_metrics import Numbers, Text

_PREFIX, _ENDING = "events.out.tfevents.", ".eureka"


class EventFiles:
    """Writes event files below `folder`. Those that are there are removed, for they are written again from the journal.

    A TensorBoard that is open and shows what is removed is told to forget it. Raises OSError.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Path] = {}
        self._shown = set[str]()
        """Series that a TensorBoard may be showing from files that are gone."""
        for file in folder.rglob(f"{_PREFIX}*{_ENDING}"):
            series = file.parent.relative_to(folder).as_posix()
            self._shown.add("" if series == "." else series)
            file.unlink()

    def write(self, items: Iterable[Numbers | Text]) -> None:
        """Append points and texts, so that their files hold them when this returns. Raises OSError."""
        by_series: dict[str, list[Numbers | Text]] = {}
        for item in items:
            by_series.setdefault(item.series, []).append(item)
        for series, mine in by_series.items():
            self._append(series, mine)

    def _append(self, series: str, items: list[Numbers | Text]) -> None:
        from tensorboard.summary.writer.record_writer import RecordWriter

        now = time.time()
        events = [event for item in items for event in _events(item)]
        if series not in self._files:
            folder = self._folder / series
            folder.mkdir(parents=True, exist_ok=True)
            self._files[series] = folder / f"{_PREFIX}{now:017.6f}{_ENDING}"  # in the order of their names TensorBoard reads them
            events[:0] = _first_events(series in self._shown)
        with self._files[series].open("ab") as file:
            writer = RecordWriter(file)
            for event in events:
                event.wall_time = now
                writer.write(event.SerializeToString())


def _first_events(shown: bool) -> Iterator[Any]:
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog

    yield Event(file_version="brain.Event:2")
    if shown:
        yield Event(step=0, session_log=SessionLog(status=SessionLog.START))  # to readers: what they have from step 0 on is void


def _events(item: Numbers | Text) -> Iterator[Any]:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.plugins.scalar.summary_v2 import scalar_pb
    from tensorboard.plugins.text.summary_v2 import text_pb

    if isinstance(item, Text):
        # TensorBoard renders Markdown; in a code block a text stays what it is.
        yield Event(step=item.step, summary=text_pb(item.name, fenced(item.text)))
        return
    for name, value in item.values.items():
        yield Event(step=item.step, summary=scalar_pb(name, value))
