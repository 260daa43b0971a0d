"""Operation `check`: a verdict on each candidate as it comes, compiled and stepped with in a simulation of four environments."""

from __future__ import annotations

import json
import os
import time
from typing import Any, Dict, Iterator

from .child import Child, NotStarted, SimulatorEnded
from .describe import DEFAULT_TRAINER, ISOLATION
from .faults import RewardFault, Usage
from .protocol import Events

_ROWS, _LOOK_S, _DEADLINE_S = 4, 0.05, 120.0


def check(job: Dict[str, Any], directory: str, events: Events) -> Dict[str, Any]:
    """Answer every line of `candidates.jsonl` with one of `verdicts.jsonl`, until the line `end`.

    What crashes the simulator, or has it give no answer, is rejected; the next one gets a new simulator. Raises Usage where there is
    no memory for a candidate, or no simulator starts, twice: that is no verdict on it.
    """
    checker = _Checker(job, directory)
    fd = os.open(os.path.join(directory, "verdicts.jsonl"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for count, candidate in enumerate(_candidates(os.path.join(directory, "candidates.jsonl")), 1):
            os.write(fd, json.dumps(checker.verdict(candidate)).encode() + b"\n")
            events.write("verdict", trial=candidate["id"], steps=count)
    finally:
        checker.end()
    return {}


def _candidates(path: str) -> Iterator[Dict[str, Any]]:
    """Each candidate as soon as its line is whole."""
    while not os.path.exists(path):
        time.sleep(_LOOK_S)
    line = b""
    with open(path, "rb") as file:
        while True:
            line += file.readline()
            if not line.endswith(b"\n"):
                time.sleep(_LOOK_S)
            elif line.strip() == b"end":
                return
            else:
                yield json.loads(line)
                line = b""


class _Checker:
    def __init__(self, job: Dict[str, Any], directory: str) -> None:
        self._job, self._directory = job, directory
        self._child: Child | None = None

    def verdict(self, candidate: Dict[str, Any]) -> Dict[str, Any]:
        """Tried again in a new simulator where the machine was at fault; raises Usage where it is so twice."""
        started = time.time()
        told = {"candidate": candidate["id"], "attempt": candidate.get("attempt", 0), "accepted": True, "isolation": ISOLATION}
        folder = os.path.join(self._directory, "candidates", "{}.{}".format(candidate["id"], candidate.get("attempt", 0)))
        try:
            try:
                self._try(candidate["code"], folder)
            except SimulatorEnded as ended:
                if not _machines(ended):
                    raise
                self.end()
                self._try(candidate["code"], folder)
        except RewardFault as fault:
            told.update(accepted=False, stage="smoke", code=fault.code, message=fault.message, line=fault.line)
        except SimulatorEnded as ended:
            self.end()
            if _machines(ended):
                raise Usage(
                    "candidate {} could not be tried, twice: {}; that is no verdict on it. Give the machine room (fewer executor.slots, "
                    "less else running) and resume the run".format(candidate["id"], ended)
                )
            told.update(accepted=False, stage="smoke", code=ended.kind, message="in its first two steps {}".format(ended))
        told["seconds"] = time.time() - started
        return told

    def end(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None

    def _try(self, code: str, folder: str) -> None:
        self._started().ask({"do": "attempt", "code": code, "folder": folder}, _DEADLINE_S)

    def _started(self) -> Child:
        if self._child is None:
            options = self._job["task"]["sim"]["options"]
            # The job does not know the trainer; its device was written down when the environment was described.
            start = {"num_envs": _ROWS, "seed": 0, "seam": True, "trainer": _trainer(self._job)}
            self._child = Child(self._directory, start, options["start_s"])
        return self._child


def _machines(ended: SimulatorEnded) -> bool:
    """Whether the machine, not a reward, is at fault."""
    return ended.kind == "memory" or isinstance(ended, NotStarted)


def _trainer(job: Dict[str, Any]) -> Dict[str, Any]:
    return dict(job["trainer"]["options"] if job.get("trainer") else DEFAULT_TRAINER)
