"""Has a worker try candidates while others are still being written, and keeps it for the next iteration."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import TracebackType

from eureka.doorbell import Doorbell
from eureka.errors import EurekaError
from eureka.job_types import CheckJob
from eureka.jobs import Finished, Jobs, Running
from eureka.types import Candidate, Verdict

_LOOK_S = 0.2  # how long a verdict lies there where nobody rings


class Checker:
    """A `check` worker as a context: candidates in, verdicts out, in whatever order they are done.

    A worker that dies is replaced once for each candidate it owed an answer; then `failure` says what to raise, as it does at once for a
    mistake that the user must mend.
    """

    def __init__(self, jobs: Jobs, job: CheckJob, failure: Callable[[Finished], EurekaError]) -> None:
        self._jobs = jobs
        self._job = job
        self._failure = failure
        self._open: dict[str, Candidate] = {}
        self._tried_again: set[str] = set()
        self._worker: Running | None = None
        self._read = 0
        self._bells: dict[str, Doorbell] = {}

    def start(self) -> Running:
        """Start the worker, so that it is warm when the first candidate comes; done at the first one otherwise."""
        if self._worker is None:
            self._worker = self._jobs.start(self._job)
            self._bells = {name: Doorbell(self._worker.dir / f"{name}.jsonl.bell") for name in ("candidates", "verdicts")}
        return self._worker

    def wait_until_ready(self) -> None:
        """Until the worker has shown that it can try candidates here. Raises what `failure` says where it cannot."""
        worker = self.start()
        while not (worker.dir / "verdicts.jsonl").exists():  # made once a reward process was started and confined
            if (ended := self._look(worker)) is not None:
                raise self._failure(ended)

    def submit(self, candidate: Candidate) -> None:
        """Hand a candidate over; one at a time of each id."""
        self._open[candidate.id] = candidate
        self._write(candidate.model_dump_json())

    def ready(self) -> list[Verdict]:
        """The verdicts that came in since; does not wait."""
        if self._worker is None:
            return []
        try:
            with (self._worker.dir / "verdicts.jsonl").open("rb") as file:
                file.seek(self._read)
                data = file.read()
        except FileNotFoundError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        verdicts = [Verdict.model_validate_json(line) for line in whole.splitlines()]
        for verdict in verdicts:
            del self._open[verdict.candidate]
        return verdicts

    def rest(self) -> Iterator[Verdict]:
        """The verdicts of all that was handed over and is not answered yet, as they come in."""
        if self._open:
            self.start().progressed = time.monotonic()  # without candidates it was silent by right
        while self._open:
            worker = self.start()
            ended = self._look(worker)
            yield from self.ready()  # looked at after its end: nothing it wrote is missed
            if ended is not None and self._open:
                self._replace(ended)

    def _look(self, worker: Running) -> Finished | None:
        """How the worker ended, or None once it rang, or some time has passed."""
        bell = self._bells["verdicts"]
        ended = self._jobs.poll(worker, _LOOK_S, bell.fds())
        bell.heard()
        return ended

    def _replace(self, ended: Finished) -> None:
        if (ended.result is not None and ended.result.error == "usage") or self._open.keys() & self._tried_again:
            raise self._failure(ended)
        self._tried_again |= self._open.keys()
        self._leave()
        for candidate in self._open.values():
            self._write(candidate.model_dump_json())

    def __enter__(self) -> Checker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._worker is None:
            return
        if kind is None:
            self._write("end")
            self._worker.progressed = time.monotonic()  # as in `rest`
        else:
            self._worker.handle.kill()
        self._jobs.wait(self._worker)
        self._leave()

    def _leave(self) -> None:
        for bell in self._bells.values():
            bell.remove()
        self._worker, self._read, self._bells = None, 0, {}

    def _write(self, line: str) -> None:
        with (self.start().dir / "candidates.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        self._bells["candidates"].ring()
