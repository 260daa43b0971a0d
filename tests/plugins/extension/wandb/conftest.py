"""Reads what W&B keeps of a run that is not sent: records in the log format of LevelDB, in one file."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from wandb.proto.wandb_internal_pb2 import Record

_HEADER, _BLOCK, _ENDS = 7, 32768, (1, 4)


def records(path: Path) -> Iterator[Record]:
    data, part, at = path.read_bytes(), b"", _HEADER
    while at + _HEADER <= len(data):
        left = _BLOCK - at % _BLOCK
        if left < _HEADER:
            at += left
            continue
        _, length, kind = struct.unpack("<IHB", data[at : at + _HEADER])
        part += data[at + _HEADER : at + _HEADER + length]
        at += _HEADER + length
        if kind in _ENDS:
            yield Record.FromString(part)
            part = b""


class Kept:
    """What is kept of a run. history: its rows. axes: pattern → x-axis. summary: the value of each key.

    imported: the libraries that W&B saw in the process.
    """

    def __init__(self, run_dir: Path) -> None:
        self.files = sorted((run_dir / "wandb").glob("offline-run-*/*.wandb"))
        kept = [record for path in self.files for record in records(path)]
        self.runs = [record.run for record in kept if record.HasField("run")]
        self.axes = {record.metric.glob_name: record.metric.step_metric for record in kept if record.HasField("metric")}
        self.history = [_values(record.history.item) for record in kept if record.HasField("history")]
        self.config: dict[str, Any] = {}
        self.summary: dict[str, Any] = {}
        for record in kept:
            self.config |= _values((record.run.config if record.HasField("run") else record.config).update)
            self.summary |= _values(record.summary.update)
        self.imported = {field.name for r in kept for field, there in r.telemetry.imports_finish.ListFields() if there}
        self.exits = [record.exit.exit_code for record in kept if record.HasField("exit")]

    def table(self, name: str) -> list[dict[str, Any]]:
        """The rows of a table in the summary."""
        content = json.loads((self.files[-1].parent / "files" / self.summary[name]["path"]).read_text())
        return [dict(zip(content["columns"], row, strict=True)) for row in content["data"]]


def _values(items: Any) -> dict[str, Any]:
    return {"/".join(item.nested_key) or item.key: json.loads(item.value_json) for item in items}


@pytest.fixture(scope="session")
def kept(resumed):
    return Kept(resumed.run_dir)
