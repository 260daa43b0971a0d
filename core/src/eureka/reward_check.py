"""Whether a run would train with rewards, found out without a run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eureka.checking import Checker
from eureka.config import Config
from eureka.extraction import Extraction, program_sha256
from eureka.job_types import CheckJob
from eureka.look import describe, worker_failed, workplace
from eureka.look_cache import look_again
from eureka.own_trainers import own_trainers
from eureka.screening import Refusal, screen
from eureka.types import Candidate, Isolation, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a text. number: which of the texts. seconds: from looking for its program to its verdict, waiting left out."""

    number: int
    found: Extraction
    said: Refusal | Verdict
    seconds: float

    @property
    def accepted(self) -> bool:
        return self.said.stage is None

    @property
    def isolation(self) -> str:
        """Which layers held while it was tried; empty where nothing was run."""
        return self.said.isolation if isinstance(self.said, Verdict) else ""


def judge(config: Config, texts: Sequence[str], isolation: Isolation) -> Iterator[Judged]:
    """Screen each text and try its program on recorded and on made-up transitions of the config's environment, as a search would.

    Each comes as soon as it is known, in whatever order. Leaves nothing behind but what is kept of the environment for the next time.
    Raises ConfigError for what the user must mend, RunFailed where simulator or worker failed, KeyboardInterrupt on Ctrl-C.
    """
    trainers = own_trainers(config)
    with workplace(config) as (folder, jobs):
        if trainers is None:
            context = look_again(config, folder, jobs)
        else:  # it runs programs in a worker of its own, which may be unable to confine them: asked before it is given one
            context = describe(config, folder, jobs, isolation=isolation)
        task = config.task if config.task.variables else config.task.model_copy(update={"variables": context.derived})
        job = CheckJob(run_dir=folder, task=task, context=context, isolation=isolation)
        if trainers is not None and config.trainer.use in trainers:
            job = job.model_copy(update={"trainer": config.trainer})
        tried: dict[int, tuple[Extraction, float]] = {}

        def judged(verdict: Verdict) -> Judged:
            found, before = tried[int(verdict.candidate)]
            return Judged(int(verdict.candidate), found, verdict, before + verdict.seconds)

        with Checker(jobs, job, lambda ended: worker_failed(ended, "the programs could not be tried")) as checker:
            for number, text in enumerate(texts):
                started = time.perf_counter()
                found, refusal = screen(text, context)
                seconds = time.perf_counter() - started
                if refusal is not None:
                    yield Judged(number, found, refusal, seconds)
                else:
                    tried[number] = found, seconds
                    same = {"id": str(number), "sample": number, "code": found.code, "sha256": program_sha256(found.code)}
                    checker.submit(Candidate.model_validate({**same, "restart": 0, "iteration": 0}))
                yield from map(judged, checker.ready())
            yield from map(judged, checker.rest())
