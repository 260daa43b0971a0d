"""The runs below a folder: how each stands and what it came to. Loads no plugin, and reads the journal of none that was left in order."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from eureka.config_loading import with_later_settings
from eureka.config_models import Search
from eureka.errors import EurekaError
from eureka.journal import check_version, is_open, read_journal
from eureka.search import SOLVED
from eureka.spending import caps_named
from eureka.state import State
from eureka.summary import summarize
from eureka.types import Task
from eureka.yaml_source import parse_yaml, read_yaml

Standing = Literal["going on", "waiting for people", "ended", "solved", "at a cap", "interrupted", "killed", "stopped", "failed", "broken"]
_TAIL = 1 << 16  # the record a session leaves by is the last one, and shorter than this


@dataclass(frozen=True, slots=True)
class ListedRun:
    """One run.

    state: `waiting for people`, it goes on once they have answered; `solved`, it ended before its last iteration
        (`search.stop_when_solved`); `at a cap` of `budget`; `killed`, left without a word; `broken`, it cannot be read, and
        `error` says why.
    started: seconds since 1970; of a broken run, when its journal was last written to.
    done, planned: iterations, those of all restarts.
    best, fitness: of the search; None while nothing has trained.
    final: mean fitness of the found reward's final trainings on fresh episodes; None where there is none.
    unpriced: answers of unknown price, which `cost_usd` is without.
    seconds: of wall time that some host had it open.
    """

    dir: Path
    state: Standing
    started: float
    task: str = ""
    done: int = 0
    planned: int = 0
    best: str | None = None
    fitness: float | None = None
    final: float | None = None
    cost_usd: float = 0.0
    unpriced: int = 0
    seconds: float = 0.0
    error: str = ""


def list_runs(folder: Path) -> list[ListedRun]:
    """Every run in the folder and in those below it, newest first; what cannot be read is among them."""
    return sorted(map(_listed, _run_dirs(folder)), key=lambda run: run.started, reverse=True)


def _run_dirs(folder: Path) -> Iterator[Path]:
    for path, folders, files in os.walk(folder):
        if "journal.jsonl" in files:
            yield Path(path)
            folders.clear()  # a run has thousands of its own
        folders[:] = [name for name in folders if not name.startswith(".")]


def _listed(run_dir: Path) -> ListedRun:
    try:
        return _read(run_dir)
    except EurekaError as error:
        why = str(error)
    except OSError as error:
        why = f"{error.filename or run_dir}: {error.strerror}"
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        why = f"{run_dir}: its files are not as a run writes them ({type(error).__name__}: {error})"
    return ListedRun(run_dir, "broken", _written(run_dir), error=why)


def _read(run_dir: Path) -> ListedRun:
    journal = run_dir / "journal.jsonl"
    check_version(journal)
    left, message = _left(journal)
    summary = _kept_summary(run_dir) if left else None
    waits = False
    if summary is None or any("decided" not in row for row in summary["iterations"]):  # of an earlier version
        state = State(run_dir, _task(run_dir), read_journal(journal))
        summary, waits = summarize(state), _waits(state)
    with journal.open("rb") as file:
        header = json.loads(file.readline() or b"{}")
    search, rows = _search(run_dir), summary["iterations"]
    return ListedRun(
        dir=run_dir,
        state=_standing(run_dir, left, message, waits),
        started=float(header.get("time") or _written(run_dir)),
        task=str(summary["task"]),
        done=sum(row["decided"] == row["candidates"] >= search.candidates(row["index"]) for row in rows),
        planned=search.restarts * search.iterations,
        best=summary["best"]["id"],
        fitness=summary["best"]["fitness"],
        final=summary["final"]["best"]["mean"] if summary["final"] is not None else None,
        cost_usd=float(summary["cost_usd"]),
        unpriced=int(summary["unpriced_answers"]),
        seconds=float(summary["seconds"]["total"]),
    )


def _left(journal: Path) -> tuple[str, str]:
    """By which event the last host left the run, and what it said; empty where one has it open, or was killed."""
    with journal.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
        last = file.read().rstrip(b"\n").rpartition(b"\n")[2]
    try:
        record = json.loads(last)
    except ValueError:  # torn, or longer than what was read: no session's
        return "", ""
    if record["kind"] != "session" or record["event"] in ("started", "resumed"):
        return "", ""
    return record["event"], record["message"]


def _waits(state: State) -> bool:
    """Whether people were asked something and parents were not chosen since."""
    return any((q.restart, q.iteration) not in state.selections for q in state.questions_to_people.values())


def _standing(run_dir: Path, left: str, message: str, waits: bool) -> Any:
    if not left:
        return "killed" if not is_open(run_dir) else "waiting for people" if waits else "going on"
    if left in ("ended", "stopped") and caps_named(message):
        return "at a cap"
    return "solved" if left == "ended" and SOLVED in message else left


def _kept_summary(run_dir: Path) -> dict[str, Any] | None:
    """What the host that left the run wrote last of all; None where it could not, as on a full disk."""
    path = run_dir / "summary.json"
    if not path.exists() or path.stat().st_mtime_ns < (run_dir / "journal.jsonl").stat().st_mtime_ns:
        return None
    summary: dict[str, Any] = json.loads(path.read_bytes())
    return summary


def _search(run_dir: Path) -> Search:
    """The settings of the search."""
    path = run_dir / "config.yaml"
    part = re.search(r"^search:\n(?:[ \t].*\n)+", path.read_text(encoding="utf-8"), re.MULTILINE)
    # To read the whole config would take far longer than all the rest that is done for a run.
    source = parse_yaml(part[0], str(path)) if part else read_yaml(path)
    return Search.model_validate(with_later_settings(source.data)["search"])


def _task(run_dir: Path) -> Task:
    return Task.model_validate(read_yaml(run_dir / "config.yaml").data["task"])


def _written(run_dir: Path) -> float:
    return (run_dir / "journal.jsonl").stat().st_mtime
