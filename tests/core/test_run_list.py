"""What is told of the runs below a folder, however they were left."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from eureka import run_list
from eureka.process import this_process
from eureka.run_list import list_runs
from eureka.types import Session


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A finished run: two iterations of two, whose outcomes are journalled in their order since one job trains both."""
    made = sys.modules["tests.core.conftest"].Fake(tmp_path_factory.mktemp("template"))
    made.settings["executor"] = {"use": "local", "slots": 1}
    assert made.run(search={"samples": 2, "retest": 0}, training={"steps": 20}, final={"seeds": 0}).returncode == 0
    return made


class Runs:
    """A folder of copies of the run, each changed in some way."""

    def __init__(self, folder: Path, original: Path) -> None:
        self.folder = folder
        self._original = original

    def copy(self, name: str, upto: str = "", until: int | None = None) -> Path:
        """A copy with the journal's lines up to the first one that holds a text, or this many of them."""
        run_dir = self.folder / name
        run_dir.mkdir(parents=True)
        for file in ("journal.jsonl", "summary.json", "config.yaml", "journal.lock"):
            shutil.copy2(self._original / file, run_dir / file)
        lines = (run_dir / "journal.jsonl").read_text().splitlines(keepends=True)
        kept = lines[:until] if not upto else lines[: 1 + next(n for n, line in enumerate(lines) if upto in line)]
        if len(kept) < len(lines):
            (run_dir / "journal.jsonl").write_text("".join(kept))
        return run_dir

    def left(self, name: str, event: str, message: str = "", **how) -> Path:
        """A copy that was left so, its summary written last as a host does."""
        run_dir = self.copy(name, **how)
        with (run_dir / "journal.jsonl").open("a") as file:
            file.write(Session(event=event, time=time.time(), message=message).model_dump_json() + "\n")
        (run_dir / "summary.json").touch()
        return run_dir

    def only(self):
        [found] = list_runs(self.folder)
        return found


@pytest.fixture
def runs(tmp_path, template):
    return Runs(tmp_path / "runs", template.run_dir)


@pytest.fixture
def unread(monkeypatch):
    """No journal may be read as a whole."""
    monkeypatch.setattr(run_list, "read_journal", lambda path: pytest.fail(f"{path} was read"))


def test_a_run_that_ended_is_told_by_its_summary_alone(runs, template, unread):
    run_dir, summary = runs.copy("first"), json.loads((template.run_dir / "summary.json").read_text())
    header = template.journal("run")[0]
    assert runs.only() == run_list.ListedRun(
        dir=run_dir,
        state="ended",
        started=header["time"],
        task="point",
        done=2,
        planned=2,
        best=summary["best"]["id"],
        fitness=summary["best"]["fitness"],
        cost_usd=summary["cost_usd"],
        seconds=summary["seconds"]["total"],
    )


def test_the_mean_of_the_final_evaluation_is_told_beside_the_fitness_in_the_search(runs, unread):
    file = runs.copy("first") / "summary.json"
    summary = json.loads(file.read_text())
    file.write_text(json.dumps({**summary, "final": {"best": {"mean": -0.25}}}))
    found = runs.only()
    assert (found.error, found.final, found.fitness) == ("", -0.25, summary["best"]["fitness"])


@pytest.mark.parametrize(
    ("event", "message", "state"),
    [
        ("ended", "budget.hours: 2 of 2 spent: the search ended in iteration 1 of 5. Go on with: …", "at a cap"),
        ("stopped", "budget.tokens: 9 of 9 spent; no candidate has trained yet. …", "at a cap"),
        ("ended", "solved: r0i0s00 …; the search ended in iteration 1 of 5 (search.stop_when_solved). …", "solved"),
        ("interrupted", "Interrupted. …", "interrupted"),
        ("stopped", "the provider is down. …", "stopped"),
        ("failed", "no candidate could be trained. …", "failed"),
    ],
)
def test_how_a_run_was_left_is_its_state(runs, unread, event, message, state):
    runs.left("first", event, message)
    assert runs.only().state == state


def test_an_iteration_counts_once_each_of_its_candidates_has_come_to_its_end(runs):
    for name, last, done in (
        ("a", '"candidate":"r0i0s01","status"', 1),
        ("b", '"candidate":"r0i1s00","status"', 1),
        ("c", '"id":"r0i0s00"', 0),
    ):
        runs.copy(name, upto=last)
        assert {run.dir.name: run.done for run in list_runs(runs.folder)}[name] == done
    config = runs.folder / "a" / "config.yaml"
    config.write_text(config.read_text().replace("samples: 2", "samples: 3").replace("restarts: 1", "restarts: 4"))
    assert {run.dir.name: (run.done, run.planned) for run in list_runs(runs.folder)}["a"] == (0, 8)


def test_a_run_without_a_last_word_is_going_on_or_was_killed_and_is_told_by_its_journal(runs):
    run_dir = runs.copy("first", upto='"candidate":"r0i0s01","status"')
    (run_dir / "summary.json").unlink()
    assert (runs.only().state, runs.only().done, runs.only().cost_usd) == ("killed", 1, pytest.approx(0.002))
    (run_dir / "journal.lock").write_text(json.dumps({**this_process()._asdict(), "since": 0}))
    assert (runs.only().state, runs.only().best is not None) == ("going on", True)


def test_a_summary_that_is_older_than_the_last_word_is_not_believed(runs):
    run_dir = runs.left("first", "stopped", "disk full", upto='"candidate":"r0i0s00","status"')
    long_ago = time.time() - 100
    os.utime(run_dir / "summary.json", (long_ago, long_ago))
    assert runs.only().best == "r0i0s00" and runs.only().done == 0


def test_a_run_of_an_earlier_version_is_told_too(runs):
    run_dir = runs.copy("first")
    summary = json.loads((run_dir / "summary.json").read_text())
    for row in summary["iterations"]:
        del row["decided"]
    (run_dir / "summary.json").write_text(json.dumps(summary))
    config = (run_dir / "config.yaml").read_text()
    (run_dir / "config.yaml").write_text("".join(line for line in config.splitlines(keepends=True) if "initial_" not in line))
    assert (runs.only().state, runs.only().done) == ("ended", 2)


def test_newest_first_and_no_folder_of_a_run_or_hidden_one_is_looked_into(runs):
    for number, name in enumerate(("old", "group/new", ".staging", "group/new/inner")):
        run_dir = runs.copy(name)
        journal = run_dir / "journal.jsonl"
        header, _, rest = journal.read_text().partition("\n")
        journal.write_text(json.dumps({**json.loads(header), "time": 1000.0 + number}) + "\n" + rest)
    assert [run.dir.relative_to(runs.folder).as_posix() for run in list_runs(runs.folder)] == ["group/new", "old"]


def test_what_cannot_be_read_is_broken_with_the_reason_and_hides_no_other(runs):
    runs.copy("whole")
    torn, bare, odd, newer, locked = (runs.copy(name, until=6) for name in ("torn", "bare", "odd", "newer", "half"))
    lines = (torn / "journal.jsonl").read_text().splitlines()
    (torn / "journal.jsonl").write_text("\n".join([*lines[:3], '{"kind":"nonsense"}', *lines[3:], ""]))
    (bare / "config.yaml").unlink()
    (odd / "journal.jsonl").write_text('{"a": 1}\n')
    header = json.loads(lines[0])
    (newer / "journal.jsonl").write_text(json.dumps({**header, "format": 99}) + "\n")
    (locked / "config.yaml").write_text("search: 3\n")
    found = {run.dir.name: run for run in list_runs(runs.folder)}
    assert found.pop("whole").state == "ended" and {run.state for run in found.values()} == {"broken"}
    assert "journal.jsonl:4: this line is no record" in found["torn"].error
    assert "config.yaml: no such file" in found["bare"].error
    assert "this is no run's journal" in found["odd"].error
    assert "in journal format 99" in found["newer"].error
    assert "its files are not as a run writes them" in found["half"].error


def test_a_journal_without_a_record_is_a_run_that_was_killed_before_it_began(runs):
    run_dir = runs.copy("first", until=0)
    (run_dir / "summary.json").unlink()
    found = runs.only()
    assert (found.state, found.done, found.best, found.task) == ("killed", 0, None, "point") and found.started > 1e9
