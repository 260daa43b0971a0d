"""People in the loop, the host's end: what feedback components are given, and what becomes of their answers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eureka.files import write_atomically
from eureka.job_types import RenderJob
from eureka.jobs import Finished
from eureka.policy_dirs import policy_dir
from eureka.run import Run
from eureka.seeds import derive_seed
from eureka.types import Note, Preference, Question

CLIP, WHY = "clip.mp4", "why.txt"
"""In `feedback/<candidate>/`: the video of its best policy, or why there is none."""
_HEIGHT, _SECONDS = 480, 15.0
_LOOK_S = 0.2


class Tools:
    """See `eureka.hookspecs.FeedbackTools`."""

    def __init__(self, run: Run) -> None:
        self.run_dir = run.dir
        self._run = run

    def film(self, candidates: Sequence[str]) -> None:
        missing = [id_ for id_ in dict.fromkeys(candidates) if not any((_folder(self._run, id_) / name).exists() for name in (CLIP, WHY))]
        jobs = {id_: job for id_ in missing if (job := self._render(id_)) is not None}

        def done(finished: Finished) -> list[RenderJob]:
            id_ = next(id_ for id_, job in jobs.items() if job is finished.job)
            part, result = _part(self._run, id_), finished.result
            if result is not None and result.status == "ok" and part.exists():
                part.replace(_folder(self._run, id_) / CLIP)
            else:
                part.unlink(missing_ok=True)
                why = finished.message if result is None else result.message or "the worker left no video"
                write_atomically(_folder(self._run, id_) / WHY, why)
            return []

        if jobs:
            self._run.jobs.run(list(jobs.values()), on_end=done)

    def ask(self, question: Question) -> None:
        if question.id not in self._run.state.questions_to_people:
            self._run.record(question)

    def answers(self) -> tuple[Note | Preference, ...]:
        self._run.collect_inbox()
        said: list[Note | Preference] = [*self._run.state.notes.values(), *self._run.state.preferences.values()]
        return tuple(sorted(said, key=lambda one: one.time))

    def wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_S))

    def _render(self, candidate: str) -> RenderJob | None:
        run, folder = self._run, policy_dir(self._run.state, candidate)
        _folder(run, candidate).mkdir(parents=True, exist_ok=True)
        if folder is None:
            write_atomically(_folder(run, candidate) / WHY, "it has no policy")
            return None
        return RenderJob(
            run_dir=run.dir,
            task=run.config.task,
            trainer=run.config.trainer,
            checkpoint=f"{folder}/checkpoint",
            seeds=(derive_seed("fresh", run.config.seed, 0),),
            video=_part(run, candidate),
            height=_HEIGHT,
            seconds=_SECONDS,
        )


def ask_people(run: Run, restart: int, iteration: int) -> None:
    """Let every feedback component ask after an iteration, and journal what was said."""
    tools = Tools(run)
    for component in reversed(run.hooks.hook.eureka_collect_feedback.get_hookimpls()):
        given: dict[str, Any] = {"history": run.state.history(restart), "tools": tools, "restart": restart, "iteration": iteration}
        answers: Any = component.function(*(given[name] for name in component.argnames))
        for said in answers or ():
            run.record(said)


def _folder(run: Run, candidate: str) -> Path:
    return run.dir / "feedback" / candidate


def _part(run: Run, candidate: str) -> Path:
    return _folder(run, candidate) / f".{CLIP}.part"
