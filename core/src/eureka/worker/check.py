"""Operation `check`: each candidate's program on recorded transitions, in a reward process of its own."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pluggy

from eureka.builtin.bind import FUNCTION
from eureka.errors import EurekaError, RewardFailed
from eureka.hookspecs import Injection, InjectRequest
from eureka.job_types import CheckJob, JobResult
from eureka.types import Candidate, Verdict
from eureka.worker.components import worker_hooks
from eureka.worker.describe import RECORDINGS
from eureka.worker.protocol import Events
from eureka.worker.reward_client import RewardHost


def run(job: CheckJob, directory: Path, events: Events) -> JobResult:
    """A verdict per candidate: it loads, takes batches of one and of many rows, and keeps the reward's contract on all of them."""
    hooks = worker_hooks(job.task)
    with np.load(job.run_dir / RECORDINGS, allow_pickle=False) as archive:
        recordings = {name: archive[name] for name in archive.files}
    verdicts = []
    host = RewardHost()
    try:
        for candidate in job.candidates:
            started = time.perf_counter()
            request = InjectRequest(code=candidate.code, variables=job.arguments, workdir=directory)
            failure = _try(host, hooks, request, recordings)
            if failure is not None and failure.code == "resource":
                failure = _try(host, hooks, request, recordings)
                if failure is not None and failure.code == "resource":
                    raise EurekaError(
                        f"candidate {candidate.id} could not be tried, twice: {failure.message}; that is no verdict on it. "
                        "Give the machine room (fewer executor.slots, less else running) and resume the run"
                    )
            verdicts.append(_verdict(candidate, failure, time.perf_counter() - started))
            events.write("verdict", trial=candidate.id, steps=len(verdicts))
    finally:
        host.close()
    return JobResult(status="ok", verdicts=tuple(verdicts))


def _try(host: RewardHost, hooks: pluggy.PluginManager, request: InjectRequest, recordings: dict[str, np.ndarray]) -> RewardFailed | None:
    """How the program failed, or None when it did not."""
    try:
        injection: Injection = hooks.hook.eureka_inject_reward(request=request)
        process = host.start(injection.code, FUNCTION, injection.arguments)
        try:
            everything = {name: recordings[name] for name in injection.arguments}
            process.call({name: array[:1] for name, array in everything.items()})
            process.call(everything)
        finally:
            process.close()
    except RewardFailed as error:
        return error
    return None


def _verdict(candidate: Candidate, failure: RewardFailed | None, seconds: float) -> Verdict:
    if failure is None:
        return Verdict(candidate=candidate.id, accepted=True, seconds=seconds)
    return Verdict(
        candidate=candidate.id,
        accepted=False,
        stage="smoke",
        code=failure.code,
        message=failure.message,
        line=failure.line,
        seconds=seconds,
    )
