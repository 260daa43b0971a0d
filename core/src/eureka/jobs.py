"""Runs workers and waits for them: no polling for their end, a timer only for their progress."""

from __future__ import annotations

import json
import selectors
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pluggy

from eureka.errors import PluginContractError
from eureka.files import write_atomically
from eureka.hookspecs import WORKER, JobHandle, JobRequest
from eureka.job_types import Job, JobExit, JobResult, WarmJob
from eureka.signals import Signals
from eureka.warm import Warm

_TICK = 0.2  # seconds between two looks at a worker's progress


@dataclass(frozen=True)
class Finished:
    """A worker that ended. `result` is None when it left none: then `cause` says how it ended, in words."""

    job: Any
    dir: Path
    result: JobResult | None
    cause: Literal["", "crash", "memory", "hang"] = ""
    message: str = ""


@dataclass(eq=False)
class Running:
    """A worker at work on a job in its directory."""

    job: Any
    dir: Path
    handle: JobHandle
    pauses: int
    offset: int = 0
    steps: dict[str, int] = field(default_factory=dict)
    progressed: float = field(default_factory=time.monotonic)
    hung: bool = False


class Jobs:
    """Submits jobs to the executor: many, at most `slots` at once, or one that runs beside them."""

    def __init__(self, run_dir: Path, hooks: pluggy.PluginManager, signals: Signals, slots: int, stall_s: float) -> None:
        self._dir = run_dir / "jobs"
        self._dir.mkdir(exist_ok=True)
        self._hooks = hooks
        self._signals = signals
        self.slots = slots
        self._stall_s = stall_s
        self._warm = Warm(hooks, signals, lambda job: self._request(job, WORKER))
        self._number = max((int(p.name.split("-")[0]) for p in self._dir.iterdir()), default=0)

    def run(
        self,
        jobs: Sequence[Job],
        on_event: Callable[[dict[str, Any]], None] | None = None,
        on_end: Callable[[Finished], Sequence[Job]] = lambda finished: (),
    ) -> list[Finished]:
        """Run all jobs. `on_event` gets their progress lines; `on_end` may answer a finished job with jobs to run instead."""
        waiting, running, done = list(jobs), set[Running](), list[Finished]()
        with selectors.DefaultSelector() as selector:
            while waiting or running:
                while waiting and len(running) < self.slots and self._hooks.hook.eureka_has_room(job=waiting[0]) is not False:
                    started = self.start(waiting.pop(0))
                    running.add(started)
                    selector.register(started.handle, selectors.EVENT_READ, started)
                ended = {key.data for key, _ in selector.select(_TICK)}
                for one in list(running):
                    self._read_events(one, on_event)
                    if one in ended:
                        selector.unregister(one.handle)
                        running.remove(one)
                        finished = self._finish(one)
                        done.append(finished)
                        waiting.extend(on_end(finished))
                    else:
                        self._kill_if_silent(one)
        return done

    def poll(self, one: Running, seconds: float, others: Sequence[int] = ()) -> Finished | None:
        """How a started job ended, if it does within `seconds`; None while it runs. others: descriptors to return early for."""
        with selectors.DefaultSelector() as selector:
            selector.register(one.handle, selectors.EVENT_READ, one)
            for fd in others:
                selector.register(fd, selectors.EVENT_READ)
            if any(key.data is one for key, _ in selector.select(seconds)):
                return self._finish(one)
        self._read_events(one, None)
        self._kill_if_silent(one)
        return None

    def wait(self, one: Running) -> None:
        """Return once a started job has ended; one that hangs is killed, and an interrupt is heard."""
        while one.handle in self._signals.jobs and self.poll(one, _TICK) is None:
            pass

    def start(self, job: Any) -> Running:
        """Start one job, to run beside whatever else goes on; `poll` and `wait` tell of its end."""
        argv = self._hooks.hook.eureka_worker(job=job)
        if not argv:
            self._warm.before(job)
        request = self._request(job, tuple(argv or WORKER))
        with self._signals.deferred():
            handle = self._hooks.hook.eureka_submit(request=request)
            if handle is None:
                raise PluginContractError("executor: eureka_submit returned nothing; expected a job handle.")
            self._signals.jobs.add(handle)
        return Running(job, request.dir, handle, pauses=self._signals.pauses)

    def keep_warm(self, job: WarmJob) -> None:
        """With the first job, start the process that later workers are forked from, where they are core's own and the executor can."""
        if not self._hooks.hook.eureka_worker(job=job):
            self._warm.keep(job)

    def _request(self, job: Any, argv: tuple[str, ...]) -> JobRequest:
        self._number += 1
        directory = self._dir / f"{self._number:05}-{job.op}"
        directory.mkdir()
        write_atomically(directory / "job.json", job.model_dump_json(by_alias=True))
        return JobRequest(job=job, dir=directory, argv=argv)

    def _kill_if_silent(self, one: Running) -> None:
        if one.pauses != self._signals.pauses:  # a stopped worker is not a silent one
            one.pauses, one.progressed = self._signals.pauses, time.monotonic()
        elif not one.hung and time.monotonic() - one.progressed > self._stall_s:
            one.hung = True
            one.handle.kill()

    def _finish(self, one: Running) -> Finished:
        with self._signals.deferred():
            ended = one.handle.wait()
            self._signals.jobs.discard(one.handle)
        path = one.dir / "result.json"
        if path.exists():
            return Finished(one.job, one.dir, JobResult.model_validate_json(path.read_bytes()))
        cause, message = self._classify(one, ended)
        return Finished(one.job, one.dir, None, cause, message)

    def _classify(self, one: Running, ended: JobExit) -> tuple[Literal["crash", "memory", "hang"], str]:
        last = next((line for line in reversed(ended.stderr_tail.splitlines()) if line.strip()), "")[:300]
        if one.hung:
            return "hang", f"made no environment step for {self._stall_s:g} s and was killed"
        if ended.signal == 9:
            return "memory", "was killed from outside, most likely because the machine ran out of memory"
        if ended.signal is not None:
            return "crash", f"the worker was ended by signal {ended.signal}" + (f" ({last})" if last else "")
        return "crash", f"the worker ended with code {ended.returncode} and no result" + (f" ({last})" if last else "")

    def _read_events(self, one: Running, on_event: Callable[[dict[str, Any]], None] | None) -> None:
        """Pass on whole new lines; more environment steps than ever before count as progress."""
        try:
            with (one.dir / "events.jsonl").open("rb") as file:
                file.seek(one.offset)
                data = file.read()
        except FileNotFoundError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        one.offset += len(whole)
        for line in whole.splitlines():
            event = json.loads(line)
            if event.get("steps", 0) > one.steps.get(event.get("trial", ""), -1):
                one.steps[event.get("trial", "")] = event.get("steps", 0)
                one.progressed = time.monotonic()
            if on_event is not None:
                on_event(event)
