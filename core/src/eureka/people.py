"""People in the loop, the host's end: what feedback components are given, and what becomes of their answers."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eureka.config import Config
from eureka.errors import PluginContractError
from eureka.files import write_atomically
from eureka.inbox import unfit
from eureka.job_types import RenderJob
from eureka.jobs import Finished
from eureka.policy_dirs import policy_dir
from eureka.run import Run
from eureka.secret_values import without_secrets
from eureka.seeds import derive_seed
from eureka.types import Note, Preference, Question, Waited

log = logging.getLogger("eureka")

CLIP, WHY = "clip.mp4", "why.txt"
"""In `feedback/<candidate>/`: the video of its best policy, or why there is none."""
CLIP_HEIGHT, CLIP_SECONDS = 480, 15.0
_LOOK_S = 0.2


class Tools:
    """See `eureka.hookspecs.FeedbackTools`. waits_since: from when on what passes is time that people take."""

    def __init__(self, run: Run, restart: int, iteration: int) -> None:
        self.run_dir = run.dir
        self.waits_since = time.time()
        self._run = run
        self._restart = restart
        self._iteration = iteration
        self._where, self._people = "", 1
        self._told: tuple[int, str] | None = None

    def film(self, candidates: Sequence[str]) -> None:
        missing = [id_ for id_ in dict.fromkeys(candidates) if not (_folder(self._run, id_) / CLIP).exists() and not self._failed(id_)]
        jobs = {id_: job for id_ in missing if (job := self._render(id_)) is not None}

        def done(finished: Finished) -> list[RenderJob]:
            id_ = next(id_ for id_, job in jobs.items() if job is finished.job)
            part, result = _part(self._run, id_), finished.result
            if result is not None and result.status == "ok" and part.exists():
                part.replace(_folder(self._run, id_) / CLIP)
                (_folder(self._run, id_) / WHY).unlink(missing_ok=True)
            else:
                why = finished.message if result is None else result.message or "the worker left no video"
                write_atomically(_folder(self._run, id_) / WHY, without_secrets(why))
            return []

        try:
            self._run.jobs.run(list(jobs.values()), on_end=done)
        finally:
            for id_ in jobs:
                _part(self._run, id_).unlink(missing_ok=True)
            self.waits_since = time.time()

    def _failed(self, candidate: str) -> bool:
        """Whether it could not be filmed since the run was opened: a machine that is less busy, or mended, may do it after a resume."""
        try:
            return (_folder(self._run, candidate) / WHY).stat().st_mtime >= self._run.state.sessions[-1].time
        except FileNotFoundError:
            return False

    def ask(self, question: Question) -> None:
        if question.id not in self._run.state.questions_to_people:
            self._run.record(question)

    def answers(self) -> tuple[Note | Preference, ...]:
        self._run.collect_inbox()
        said: list[Note | Preference] = [*self._run.state.notes.values(), *self._run.state.preferences.values()]
        return tuple(sorted(said, key=lambda one: one.time))

    def tell(self, where: str, people: int = 1) -> None:
        self._where, self._people = where, people

    def wait(self, seconds: float) -> None:
        state, place = self._run.state, (self._restart, self._iteration)
        said: list[Note | Preference] = [*state.notes.values(), *state.preferences.values()]
        answered = Counter(question for question, _ in {(one.question, one.author) for one in said})
        asked = [q for q in state.questions_to_people.values() if (q.restart, q.iteration) == place]
        now = sum(answered[question.id] < self._people for question in asked), self._where
        if now != self._told:
            self._told = now
            self._run.stage("feedback", *place, waits=True, questions=now[0], where=now[1])
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
            height=CLIP_HEIGHT,
            seconds=CLIP_SECONDS,
        )


def ask_people(run: Run, restart: int, iteration: int) -> None:
    """Let every feedback component ask after an iteration, one after another as the config names them, and journal what was said.

    Raises PluginContractError for an answer that is neither note nor preference.
    """
    for component in run.hooks.hook.eureka_collect_feedback.get_hookimpls():
        run.stage("feedback", restart, iteration)
        tools = Tools(run, restart, iteration)
        given: dict[str, Any] = {"history": run.state.history(restart), "tools": tools, "restart": restart, "iteration": iteration}
        try:
            answers: Any = component.function(*(given[name] for name in component.argnames))
        finally:
            run.record(Waited(restart=restart, iteration=iteration, started=tools.waits_since, ended=time.time()))
        for said in _checked(component.plugin_name, answers):
            if why := unfit(said, run.state.candidates):
                log.warning("%s: %s by %s: %s; left out", component.plugin_name, said.kind, ascii(said.author[:80]), why)
            elif said.id not in {*run.state.notes, *run.state.preferences}:
                run.record(said)


def _checked(component: str, answers: Any) -> list[Note | Preference]:
    given = list(answers) if isinstance(answers, Iterable) else [] if answers is None else [answers]
    if wrong := [one for one in given if not isinstance(one, (Note, Preference))]:
        what = f"{type(wrong[0]).__name__} {wrong[0]!r:.80}"
        raise PluginContractError(f"{component}: eureka_collect_feedback gave {what}; expected a list of `Note` and `Preference`.")
    return given


def will_ask(config: Config, selected: Collection[tuple[int, int]] = ()) -> bool:
    """Whether there is an iteration left after which people are asked: any but the last of each restart.

    selected: (restart, iteration) of those whose parents are chosen.
    """
    settings = config.search
    ends = [(restart, iteration) for restart in range(settings.restarts) for iteration in range(settings.iterations - 1)]
    return bool(config.feedback) and any(end not in selected for end in ends)


def warnings(config: Config, parts: Mapping[str, Any]) -> list[str]:
    """What of the settings for people changes nothing. parts: components by their places in the config."""
    feedback = [part for place, part in parts.items() if place.startswith("feedback[")]
    told = []
    generator, selector = config.generator.use, config.selector.use
    compares = [getattr(part, "asks_preferences", None) for part in feedback]
    goes_by_people = getattr(parts.get("selector"), "reads_preferences", None)
    if feedback and config.search.iterations == 1:
        return ["feedback: nobody will be asked, for people are asked between iterations and search.iterations is 1"]
    if any(getattr(part, "asks_words", True) for part in feedback) and not getattr(parts["generator"], "reads_notes", False):
        told.append(f"feedback: generator {generator} reads no notes; what people write is kept and reported, and changes no reward")
    if any(compares) and not goes_by_people:
        told.append(
            f"feedback: selector {selector} goes by no preferences; which policies people prefer is reported, and changes no reward"
        )
    if goes_by_people and not any(asked is not False for asked in compares):
        told.append(
            f"selector: {selector} goes by people's preferences, and `feedback` asks for none; until somebody tells one, by fitness"
        )
    if goes_by_people and not getattr(parts["generator"], "improves_parents", True):
        told.append(f"selector: generator {generator} improves on no parents, so what {selector} chooses changes no reward")
    return told


def _folder(run: Run, candidate: str) -> Path:
    return run.dir / "feedback" / candidate


def _part(run: Run, candidate: str) -> Path:
    return _folder(run, candidate) / f".{CLIP}.part"
