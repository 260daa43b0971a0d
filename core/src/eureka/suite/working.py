"""Works on a suite: its tasks one after the other, each as a run of its own, which uses all cores by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from eureka.config import Config
from eureka.errors import EurekaError
from eureka.secret_values import without_secrets
from eureka.session import Ending, resume, start
from eureka.suite.contents import Suite
from eureka.suite.rows import Row, has_ended, row
from eureka.suite.writing import write


def work(suite: Suite, say: Callable[[str], None], complain: Callable[[str], None]) -> tuple[list[Row], bool]:
    """Begin, or go on with, every run that has not come to its end; returns the rows, and whether an interrupt ended it.

    say, complain: tell the user what comes next, and what went wrong. A run that fails is told in its row, and the next one begins. The
    files are written after every run. Raises RunStopped where they cannot be, KeyboardInterrupt on Ctrl-C between runs.
    """
    rows = {name: row(name, config, suite.dir) for name, config in suite.configs.items()}
    write(suite, list(rows.values()))
    for number, (name, config) in enumerate(suite.configs.items(), 1):
        place = f"Task {number} of {len(rows)}: {name}"
        if has_ended(rows[name]):
            say(f"{place}, {rows[name]['status']} before")
            continue
        say(f"\n{place}")
        error, interrupted = _run(config, suite.dir / name, complain)
        rows[name] = row(name, config, suite.dir)
        if error and not has_ended(rows[name]) and not interrupted:
            rows[name] |= {"status": "failed" if rows[name]["status"] == "waiting" else "stopped", "error": error}
        write(suite, list(rows.values()))
        if interrupted:
            return list(rows.values()), True
    return list(rows.values()), False


def failed(rows: Sequence[Row]) -> bool:
    """Whether any task has no comparison to show."""
    return any(one["status"] != "done" for one in rows)


def _run(config: Config, run_dir: Path, complain: Callable[[str], None]) -> tuple[str, bool]:
    """What went wrong, if anything did, and whether it was an interrupt."""
    try:
        ending = resume(run_dir) if run_dir.exists() else start(config, run_dir)
    except EurekaError as error:  # before anything of it was done
        ending = Ending(error.exit_code, without_secrets(str(error)))
    if ending.code and ending.code != 130:
        complain(ending.message)
    return ending.message, ending.code == 130
