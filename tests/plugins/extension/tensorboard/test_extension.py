from __future__ import annotations

import subprocess
import sys

import pytest

import eureka
from eureka.config import load_config, to_yaml
from eureka.errors import ConfigError
from eureka.events import RunEnd, RunStart
from eureka.types import Verdict
from eureka_tensorboard import TensorBoard


@pytest.fixture
def start(fake):
    fake.run_dir.mkdir()
    (fake.run_dir / "config.yaml").write_text(to_yaml(load_config(str(fake.write()))))
    (fake.run_dir / "journal.jsonl").touch()
    fields = {"task": "point", "description": "", "generator": "llm", "designed_by": "", "resumed": False}
    return RunStart(run_dir=fake.run_dir, iterations=1, samples=1, restarts=1, steps_per_candidate=1, **fields)


def test_a_folder_that_cannot_be_written_is_told_once_and_ends_nothing(start, caplog):
    (start.run_dir / "tensorboard").write_text("in the way")
    extension = TensorBoard(eureka.Options())
    extension.eureka_on_run_start(start)
    for _ in range(3):
        extension.eureka_on_record(Verdict(candidate="r0i0s00", accepted=True))
    extension.eureka_on_run_end(RunEnd(run_dir=start.run_dir, status="ended", summary={}))
    [told] = [record.getMessage() for record in caplog.records]
    assert told.startswith(f"tensorboard: {start.run_dir / 'tensorboard'}: cannot write (") and "The run goes on" in told


def test_without_the_library_nothing_begins(monkeypatch):
    monkeypatch.setattr("eureka_tensorboard.extension.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="needs the module tensorboard, which is missing: pip install eureka-plugin-tensorboard"):
        TensorBoard(eureka.Options())


def test_nothing_heavy_is_imported_before_something_is_written_and_never_torch(tmp_path):
    code = f"""
import sys, pathlib, eureka, eureka_tensorboard
from eureka_tensorboard.event_files import EventFiles
from eureka.run_metrics import Numbers
heavy = lambda: sorted({{"tensorboard", "tensorflow", "torch", "google.protobuf"}} & set(sys.modules))
eureka_tensorboard.TensorBoard(eureka.Options())
print(heavy())
EventFiles(pathlib.Path({str(tmp_path)!r})).write([Numbers("a", "env_step", 0, {{"b": 1.0}})])
print(heavy())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["[]", "['google.protobuf', 'tensorboard']"], done.stderr
