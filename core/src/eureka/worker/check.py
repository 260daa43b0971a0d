"""Operation `check`: a verdict on each candidate as it comes, from a reward process of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from eureka.builtin.bind import FUNCTION
from eureka.builtin.outside_text import ERROR_LIMIT, one_line
from eureka.doorbell import Doorbell
from eureka.errors import EurekaError, RewardFailed
from eureka.hookspecs import Injection, InjectRequest
from eureka.job_types import CheckJob, JobResult
from eureka.types import Candidate, Verdict
from eureka.worker.components import worker_hooks
from eureka.worker.describe import RECORDINGS
from eureka.worker.protocol import Events
from eureka.worker.reward_client import RewardHost
from eureka.worker.smoke import LIMITS, Smoke

CANDIDATES, VERDICTS = "candidates.jsonl", "verdicts.jsonl"
BELL = ".bell"
"""Ends the name of the pipe that is written to after its file was, so that nobody need look again and again."""
_LOOK_S = 0.2  # how long a line lies there where nobody rings


def run(job: CheckJob, directory: Path, events: Events) -> JobResult:
    """Answer every line of `candidates.jsonl` with one of `verdicts.jsonl`, as the lines come, until the line `end`."""
    with closing(RewardHost(LIMITS, job.isolation, job.context.array_library)) as host:
        checker = _Checker(job, directory, host)
        answers = os.open(directory / VERDICTS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(answers, "wb", buffering=0) as file, closing(Doorbell(directory / (VERDICTS + BELL))) as bell:
            bell.ring()
            for count, candidate in enumerate(_candidates(directory / CANDIDATES), 1):
                file.write(checker.verdict(candidate).model_dump_json().encode() + b"\n")
                bell.ring()
                events.write("verdict", trial=candidate.id, steps=count)
    return JobResult(status="ok")


def _candidates(path: Path) -> Iterator[Candidate]:
    """Each candidate as soon as its line is whole."""
    with closing(Doorbell(path.with_name(path.name + BELL))) as bell:
        while not path.exists():
            bell.wait(_LOOK_S)
        line = b""
        with path.open("rb") as file:
            while True:
                line += file.readline()
                if not line.endswith(b"\n"):
                    bell.wait(_LOOK_S)
                elif line.strip() == b"end":
                    return
                else:
                    yield Candidate.model_validate_json(line)
                    line = b""


class _Checker:
    """All that every candidate of the job needs, ready before the first comes."""

    def __init__(self, job: CheckJob, directory: Path, host: RewardHost) -> None:
        self._host = host
        self._isolation = host.probe()
        self._hooks = worker_hooks(job.task)
        self._arguments = job.context.arguments
        self._directory = directory
        with np.load(job.run_dir / RECORDINGS, allow_pickle=False) as archive:
            self._smoke = Smoke(job.context, {name: archive[name] for name in self._arguments})

    def verdict(self, candidate: Candidate) -> Verdict:
        """Raises EurekaError where the machine, not the reward, is at fault, twice."""
        started = time.perf_counter()
        isolation, remark, failure = self._try(candidate)
        if failure is not None and failure.code == "resource":
            isolation, remark, failure = self._try(candidate)
            if failure is not None and failure.code == "resource":
                raise EurekaError(
                    f"candidate {candidate.id} could not be tried, twice: {failure.message}; that is no verdict on it. "
                    "Give the machine room (fewer executor.slots, less else running) and resume the run"
                )
        seconds = time.perf_counter() - started
        verdict = Verdict(candidate=candidate.id, accepted=True, seconds=seconds, attempt=candidate.attempt, isolation=isolation)
        if failure is None:
            return verdict.model_copy(update={"message": remark})
        wrong = {"stage": "smoke", "code": failure.code, "message": one_line(failure.message, ERROR_LIMIT), "line": failure.line}
        return verdict.model_copy(update={"accepted": False, **wrong})

    def _try(self, candidate: Candidate) -> tuple[str, str, RewardFailed | None]:
        """What held the process it ran in, empty where it came to none; what to know of it all the same; how it failed, if it did."""
        request = InjectRequest(code=candidate.code, variables=self._arguments, workdir=self._directory)
        isolation = remark = ""
        try:
            injection: Injection = self._hooks.hook.eureka_inject_reward(request=request)
            isolation = self._isolation
            with closing(self._host.start(injection.code, FUNCTION, injection.arguments)) as process:
                if process.remark:
                    remark = f"it runs uncompiled, TorchScript refuses it: {process.remark}"
                self._smoke.check(process, injection.arguments)
                remark = remark or process.gave_up
        except RewardFailed as error:
            return isolation, remark, error
        return isolation, remark, None
