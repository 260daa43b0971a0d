"""A run that is open: its directory, journal, state, components and workers, as the stages of the search use them."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pluggy

from eureka import inbox
from eureka.checking import Checker
from eureka.config import Config
from eureka.errors import PluginContractError, RunStopped
from eureka.events import StageStart
from eureka.job_types import CheckJob, JobResult
from eureka.jobs import Finished, Jobs
from eureka.journal import Journal
from eureka.secret_values import cleaned
from eureka.signals import Signals
from eureka.state import State
from eureka.types import Isolation, Record, Session

log = logging.getLogger("eureka")

MIN_FREE_BYTES = 100 * 1024**2
T = TypeVar("T")


class Run:
    """Everything the stages share. Records go through `record`, lifecycle events through `notify`."""

    def __init__(
        self, run_dir: Path, config: Config, journal: Journal, hooks: pluggy.PluginManager, executor: Any, signals: Signals
    ) -> None:
        self.dir = run_dir
        self.config = config
        self.hooks = hooks
        self.signals = signals
        self.journal = journal
        self.state = State(run_dir, config.task, journal.records)
        self.confinement_proven = False
        """Whether a reward process was confined as it must be since this host opened the run: looked at before an answer is bought."""
        self.jobs = Jobs(run_dir, hooks, signals, slots=executor.slots, stall_s=executor.options.stall_s)
        self._checker: Checker | None = None

    @property
    def isolation(self) -> Isolation:
        """How surely generated code must be confined."""
        return self.config.isolation or "require"

    @property
    def checker(self) -> Checker:
        """What tries candidates; there while `checking` is entered."""
        assert self._checker is not None
        return self._checker

    @contextmanager
    def checking(self) -> Iterator[None]:
        """A block in which candidates are tried: by one worker for all iterations, started when one first needs it."""
        assert self.state.context is not None
        job = CheckJob(
            run_dir=self.dir, task=self.config.task, context=self.state.context, isolation=self.isolation, trainer=self.config.trainer
        )
        with Checker(self.jobs, job, failure) as self._checker:
            yield

    def record(self, record: Record) -> None:
        """Journal a record, its texts without keys, then let everybody know."""
        record = cleaned(record)
        with self.signals.deferred():
            self.journal.append(record)
            self.state.apply(record)
        self.notify("eureka_on_record", record=record)

    def session(self, event: Any, message: str = "") -> None:
        """Journal that a host opened or left the run."""
        self.record(Session(event=event, time=time.time(), message=message))

    def notify(self, hook: str, **arguments: Any) -> None:
        """Call a lifecycle hook of every extension; one that fails is logged and neither stops the others nor the run."""
        for implementation in reversed(getattr(self.hooks.hook, hook).get_hookimpls()):
            try:
                implementation.function(*(arguments[name] for name in implementation.argnames))
            except Exception:
                log.exception("%s: %s failed; the run goes on", implementation.plugin_name, hook)

    def stage(self, stage: Any, restart: int = 0, iteration: int = 0, trials: Sequence[str] = (), **more: Any) -> None:
        """Let everybody know that a stage begins. more: other fields of `StageStart`."""
        self.notify("eureka_on_stage", event=StageStart(stage=stage, restart=restart, iteration=iteration, trials=tuple(trials), **more))

    def expect(self, value: T | None, hook: str, what: str) -> T:
        """The answer of a stage hook; an answer of None is a broken contract."""
        if value is None:
            raise PluginContractError(f"{hook}: no component answered; expected {what}.")
        return value

    def collect_inbox(self) -> None:
        """Fold what people left in the inbox into the journal."""
        for path, said in inbox.waiting(self.dir, self.state.candidates):
            if said.id not in {*self.state.notes, *self.state.preferences}:  # a host may have died between appending and removing
                self.record(said)
            path.unlink()

    def check_disk(self) -> None:
        """Raise RunStopped when so little space is left that a worker's end would be blamed on the reward."""
        free = shutil.disk_usage(self.dir).free
        if free < MIN_FREE_BYTES:
            raise RunStopped(
                f"{self.dir}: {free / 1e6:.0f} MB left on its disk, {MIN_FREE_BYTES / 1e6:.0f} MB are needed. Everything so far is "
                f"kept: make room, then `eureka resume {self.dir}`."
            )

    def must_do(self, jobs: Sequence[Any], done: Callable[[JobResult], None]) -> None:
        """Run jobs that must succeed; one that crashes is tried once more. One that fails stops the run, once the others have ended.

        done: called with the result of each as soon as it has ended well.
        """
        again, failed = list[Any](), list[Finished]()

        def on_end(finished: Finished) -> list[Any]:
            if finished.result is not None and finished.result.status == "ok":
                done(finished.result)
                return []
            self.check_disk()
            if finished.job in again or (finished.result is not None and finished.result.error == "usage"):
                failed.append(finished)
                return []
            again.append(finished.job.model_copy(update={"alone": True}))  # what ran out of a GPU's memory may have shared it
            return [again[-1]]

        self.jobs.run(jobs, on_end=on_end)
        if failed:
            raise failure(failed[0])


def failure(finished: Finished) -> RunStopped:
    """What to tell the user about a job that did not do its work."""
    message = finished.result.message if finished.result is not None else finished.message
    return RunStopped(
        f"the {finished.job.op} worker failed: {message.rstrip('.')}. Its output: {finished.dir / 'worker.log'}. "
        f"Go on with: eureka resume {finished.job.run_dir}"
    )
