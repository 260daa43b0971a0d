"""Peak memory of a search's training: `eureka run` with sixteen candidates on CartPole, all of its processes together.

Counted is the proportional set size (proc(5), `smaps_rollup`): a page that several processes share is one page. Beside it, as many
stable-baselines3 processes as there are slots, a candidate each.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from subprocess import Popen

import usual
from figures import Figure, figure, progress, ratio
from ppo import hyperparameters
from runs import eureka_run, start

from eureka.process import children

TASK, SAMPLES, EVERY_S = "cartpole", 16, 0.02
SETTINGS = hyperparameters(4)


def measure(rounds: int) -> dict[str, Figure]:
    """Megabytes at the peak with one slot and with two, on as many cores, and the ratio round by round."""
    figures: dict[str, Figure] = {}
    for slots in (1, 2):
        ours, theirs = [], []
        for number in range(rounds):
            progress(f"{slots} at a time, round {number + 1} of {rounds}")
            ours.append(_eureka(slots))
            theirs.append(_usual(slots))
        figures[f"cohort of {SAMPLES}, slots: {slots}"] = figure(ours, "MB")
        figures[f"stable-baselines3, {slots} at a time"] = figure(theirs, "MB")
        figures[f"ratio, {slots} at a time"] = ratio(theirs, ours)
    return figures


def _eureka(slots: int) -> float:
    with eureka_run(TASK, 1, SAMPLES, SETTINGS, cores=slots) as run:
        most = _peak([run.process])
        run.finished(SAMPLES)
        return most


def _usual(at_once: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        processes = [start(command, at_once) for command in usual.commands(TASK, range(at_once), SETTINGS, Path(folder))]
        most = _peak(processes)
        if any(process.wait() for process in processes):
            raise RuntimeError("usual_candidate.py failed; what it printed is above.")
        return most


def _peak(processes: Sequence[Popen[bytes]]) -> float:
    """The most that these processes and all that descend from them have at once until they end, in MB (10^6 bytes)."""
    most = 0.0
    while any(process.poll() is None for process in processes):
        most = max(most, sum(_pss(pid) for process in processes for pid in _tree(process.pid)))
        time.sleep(EVERY_S)
    return most * 1024 / 1e6


def _tree(pid: int) -> list[int]:
    return [pid, *(each for child in children(pid) for each in _tree(child))]


def _pss(pid: int) -> int:
    """Kilobytes of 1,024 bytes; 0 for a process that has just ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return 0
