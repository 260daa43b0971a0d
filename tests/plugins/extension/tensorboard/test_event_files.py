"""What TensorBoard would read."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markdown_it import MarkdownIt
from tensorboard.compat.proto.event_pb2 import Event, SessionLog

from eureka.run_metrics import Numbers, Text
from eureka_tensorboard.event_files import EventFiles


def events(folder: Path) -> list[Event]:
    """Every event of a folder, its files in the order in which TensorBoard reads them."""
    found = []
    for file in sorted(folder.glob("events.out.tfevents.*")):
        data = file.read_bytes()
        while data:
            [length] = struct.unpack("<Q", data[:8])  # then four bytes of checksum, and four after the record
            found.append(Event.FromString(data[12 : 12 + length]))
            data = data[16 + length :]
    return found


def values(folder: Path, plugin: str) -> Iterator[tuple[str, int, Any]]:
    """(tag, step, tensor) of every value that is for this plugin of TensorBoard's."""
    for event in events(folder):
        for value in event.summary.value:
            if value.metadata.plugin_data.plugin_name == plugin:
                yield value.tag, event.step, value.tensor


def scalars(folder: Path) -> list[tuple[str, int, float]]:
    return [(tag, step, tensor.float_val[0]) for tag, step, tensor in values(folder, "scalars")]


def texts(folder: Path) -> dict[tuple[str, int], str]:
    """By tag and step; none is there twice."""
    found = [((tag, step), tensor.string_val[0].decode()) for tag, step, tensor in values(folder, "text")]
    assert len(dict(found)) == len(found)
    return dict(found)


def folder_of(run, series: str) -> Path:
    return run.run_dir / "tensorboard" / series


def test_after_kill_and_resume_every_point_is_there_once_and_in_order(resumed, expected):
    points, _ = expected
    for series in {point.series for point in points}:
        wanted = [(tag, p.step, np.float32(value)) for p in points if p.series == series for tag, value in p.values.items()]
        assert scalars(folder_of(resumed, series)) == wanted
    assert {p.series for p in points} >= {"", "r0", "r0i0s00", "human.final0"}


def test_after_kill_and_resume_every_text_is_there_once(resumed, expected):
    _, wanted = expected
    for series in {text.series for text in wanted}:
        found = texts(folder_of(resumed, series))
        config = {("config", 0)} if series == "" else set()
        assert set(found) == {(text.name, text.step) for text in wanted if text.series == series} | config
    assert "task:" in texts(folder_of(resumed, ""))["config", 0]


def test_a_models_markup_is_shown_as_text(resumed):
    shown = texts(folder_of(resumed, "r0i0s00"))["answer", 0]
    [block] = MarkdownIt().parse(shown)
    assert block.type == "fence"
    assert "</pre><script>alert(1)</script><img src=x onerror=alert(1)>" in block.content


def test_no_key_of_the_host_is_in_a_file(resumed):
    files = [path for path in (resumed.run_dir / "tensorboard").rglob("*") if path.is_file()]
    assert files and not [path for path in files if b"planted" in path.read_bytes() or b"detnalp" in path.read_bytes()]


def test_a_resume_tells_an_open_tensorboard_to_forget_what_it_read(resumed):
    """The version comes first: only with it does TensorBoard look for the restart."""
    first, second = events(folder_of(resumed, "r0i0s00"))[:2]
    assert first.file_version == "brain.Event:2"
    assert (second.session_log.status, second.step) == (SessionLog.START, 0)


def test_files_of_others_stay(tmp_path):
    theirs = tmp_path / "r0i0s00" / "events.out.tfevents.1.host"
    theirs.parent.mkdir()
    theirs.write_bytes(b"theirs")
    for _ in range(2):
        EventFiles(tmp_path).write([Numbers("r0i0s00", "env_step", 1, {"fitness": 1.0})])
    assert theirs.read_bytes() == b"theirs"
    assert len(list(theirs.parent.iterdir())) == 2


@pytest.mark.parametrize("text", ["a ```` b\n````\n<b>", "~~~\n```\n", "    indented\n\ttab", ""])
def test_no_text_leaves_its_code_block(tmp_path, text):
    EventFiles(tmp_path).write([Text("", 3, "answer", text)])
    [block] = MarkdownIt().parse(texts(tmp_path)["answer", 3])
    assert (block.type, block.content.rstrip()) == ("fence", text.rstrip())


def test_a_series_is_one_file_that_grows(tmp_path):
    files = EventFiles(tmp_path)
    for step in range(12):
        files.write([Numbers("a", "env_step", step, {"fitness": float(step)})])
    assert [step for _, step, _ in scalars(tmp_path / "a")] == list(range(12))
    assert len(list((tmp_path / "a").iterdir())) == 1
