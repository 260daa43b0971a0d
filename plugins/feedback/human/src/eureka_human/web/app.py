"""The application: what is at which address."""

from __future__ import annotations

import hashlib
import json
import shlex
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from eureka.builtin.outside_text import one_line
from eureka.errors import EurekaError
from eureka.seeds import derive_seed
from eureka.types import Note, Preference, Question
from eureka_human.questions import LONGEST
from eureka_human.web.answers import CHOICES, Unanswered, keep, name_of, preference, words
from eureka_human.web.gate import Gate
from eureka_human.web.key import Key, same
from eureka_human.web.live_run import LiveRun, Said, Seen
from eureka_human.web.pages import page
from eureka_human.web.showing import Showing

_BODY = 200_000
"""Bytes of a form: the longest text, each character written as `%F0%9F%98%80`, and some room."""
_NAME = "eureka_name"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the run as it is now and who asks. author: empty as long as they have not told their name."""

    request: Request
    seen: Seen
    author: str
    form: Mapping[str, str]


class App:
    """Answers requests; everything in it may be called by many threads."""

    def __init__(self, run_dir: Path, key: Key) -> None:
        self._dir, self._key = run_dir, key
        self._run, self._showing = LiveRun(run_dir), Showing(run_dir, key)

    def asgi(self, hosts: Sequence[str]) -> Starlette:
        """hosts: see `Gate`."""
        routes = [
            Route("/", self._route(self.home)),
            Route("/name", self._route(self.name, named=False), methods=["GET", "POST"]),
            Route("/question/{id}", self._route(self.question), methods=["GET", "POST"]),
            Route("/more", self._route(self.more), methods=["GET", "POST"]),
            Route("/tell", self._route(self.tell), methods=["GET", "POST"]),
            Route("/said", self._route(self.said)),
            Route("/clip/{alias}", self._route(self.clip, named=False)),
            Route("/now", self._route(self.now, named=False)),
            Mount("/static", StaticFiles(directory=Path(__file__).with_name("static"))),
        ]
        return Starlette(
            routes=routes,
            middleware=[Middleware(Gate, key=self._key, hosts=hosts)],
            exception_handlers={HTTPException: _http_error, EurekaError: _run_error, 500: _broken},
            max_body_size=_BODY,
        )

    def _route(self, answer: Callable[[Asked], Response], named: bool = True) -> Callable[[Request], Awaitable[Response]]:
        """named: who has not told their name is asked for it first."""

        async def handle(request: Request) -> Response:
            form: dict[str, str] = {}
            if request.method == "POST":
                async with request.form(max_files=0, max_fields=20, max_part_size=_BODY) as given:
                    form = {name: value for name, value in given.items() if isinstance(value, str)}
                if not same(form.get("key", ""), self._key.form):
                    raise HTTPException(403, "This form is not of this page, or it is older than the page's link. Open the link once more.")
            author = name_of(unquote(request.cookies.get(_NAME, "")))
            if named and not author:
                return RedirectResponse("/name", 303)
            return await run_in_threadpool(lambda: answer(Asked(request, self._run.now(), author, form)))

        return handle

    def home(self, asked: Asked) -> Response:
        """The next open question, else what the run does."""
        still_open = asked.seen.open_to(asked.author)
        if still_open:
            return self._question_page(asked, still_open[0])
        return self._page(asked, "waiting.html", heading="No open question", can_compare=_comparable(asked.seen))

    def name(self, asked: Asked) -> Response:
        """Who answers: asked once, changed at will."""
        given = name_of(asked.form.get("name", ""))
        if asked.request.method == "POST" and given:
            response = RedirectResponse("/", 303)
            response.set_cookie(_NAME, quote(given), httponly=True, samesite="strict", max_age=365 * 86400)
            return response
        return self._page(asked, "name.html", wrong="Tell some name: it is kept with what you say." * (asked.request.method == "POST"))

    def question(self, asked: Asked) -> Response:
        """One question, answered already or not; a later answer takes the earlier one's place."""
        question = next((q for q in asked.seen.questions() if q.id == asked.request.path_params["id"]), None)
        if question is None:
            raise HTTPException(404, "There is no such question.")
        if asked.request.method != "POST":
            return self._question_page(asked, question)
        try:
            if question.about == "words":
                answer: Said = words(asked.seen, asked.author, asked.form, question)
            else:
                answer = preference(asked.author, asked.form, question.candidates[0], question.candidates[1], question.id)
        except Unanswered as error:
            return self._question_page(asked, question, str(error))
        keep(self._dir, asked.seen, answer)
        return RedirectResponse(f"/?said={quote(question.id)}", 303)

    def tell(self, asked: Asked) -> Response:
        """Something nobody asked for."""
        wrong = ""
        if asked.request.method == "POST":
            try:
                keep(self._dir, asked.seen, words(asked.seen, asked.author, asked.form))
                return RedirectResponse("/said", 303)
            except Unanswered as error:
                wrong = str(error)
        return self._page(asked, "tell.html", wrong=wrong, longest=LONGEST)

    def more(self, asked: Asked) -> Response:
        """Two policies nobody asked to compare, those of whom a comparison tells most."""
        if asked.request.method == "POST":
            by_alias = {self._key.alias(id_): id_ for id_ in asked.seen.state.candidates}
            left, right = (by_alias.get(asked.form.get(side, "")) for side in ("left", "right"))
            if left is None or right is None or left == right:
                raise HTTPException(400, "This form does not say what was compared. Go back to the page and answer there.")
            try:
                keep(self._dir, asked.seen, preference(asked.author, asked.form, left, right))
            except Unanswered as error:
                return self._comparison(asked, left, right, wrong=str(error))
            return RedirectResponse("/more", 303)
        pair = self._informative(asked)
        return (
            self._comparison(asked, *pair)
            if pair
            else self._page(asked, "waiting.html", heading="No further pair to compare", can_compare=False)
        )

    def said(self, asked: Asked) -> Response:
        """What this person said, the latest first."""
        questions = {question.id: question for question in asked.seen.questions()}
        rows = [
            {
                "about": _title(questions[one.question]) if one.question in questions else "",
                "link": f"/question/{quote(one.question)}" if one.question in questions else "",
                "text": one.text if isinstance(one, Note) else "",
                "choice": CHOICES[one.choice] if isinstance(one, Preference) else "",
                "time": one.time,
                "clock": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(one.time)),
            }
            for one in reversed(asked.seen.by(asked.author))
        ]
        return self._page(asked, "said.html", rows=rows)

    def clip(self, asked: Asked) -> Response:
        """A policy's video; browsers ask for it by ranges."""
        path = self._showing.clip(asked.seen.state, asked.request.path_params["alias"])
        if path is None:
            raise HTTPException(404, "There is no such video.")
        return FileResponse(path, media_type="video/mp4", headers={"Cache-Control": "private, max-age=3600"})

    def now(self, asked: Asked) -> Response:
        """For the script: a stamp that changes when the page would, and whether each video it waits for (`film`, an alias) is settled."""
        films = asked.request.query_params.getlist("film")
        return JSONResponse({"stamp": self._stamp(asked), "settled": [self._showing.is_settled(asked.seen.state, film) for film in films]})

    def _question_page(self, asked: Asked, question: Question, wrong: str = "") -> Response:
        answer = next((one for one in asked.seen.by(asked.author) if one.question == question.id), None)
        if question.about == "preference":
            left, right = question.candidates
            chosen = answer.choice if isinstance(answer, Preference) else ""
            return self._comparison(asked, left, right, question, wrong, chosen)
        values = {"shown": self._showing.described(asked.seen.state, question.candidates), "wrong": wrong, "answered": answer is not None}
        text = asked.form.get("text", answer.text if isinstance(answer, Note) else "")
        return self._page(asked, "words.html", question=question, title=_title(question), longest=LONGEST, text=text, **values)

    def _comparison(
        self, asked: Asked, left: str, right: str, question: Question | None = None, wrong: str = "", chosen: str = ""
    ) -> Response:
        action = f"/question/{quote(question.id)}" if question is not None else "/more"
        values = {"sides": self._showing.sides(asked.seen.state, left, right), "action": action, "own": question is None}
        return self._page(asked, "preference.html", wrong=wrong, chosen=chosen, **values)

    def _informative(self, asked: Asked) -> tuple[str, str] | None:
        """The pair to be compared next, in an order that says nothing."""
        history = asked.seen.history()
        if history is None or not _comparable(asked.seen):
            return None
        from eureka_human.pairs import informative_pairs

        said = sum(isinstance(one, Preference) for one in asked.seen.by(asked.author))
        pairs = informative_pairs(history, 1, derive_seed("design", "compare more", asked.author, said), asked.author)
        return pairs[0] if pairs else None

    def _page(self, asked: Asked, template: str, **values: Any) -> Response:
        seen, task = asked.seen, asked.seen.state.task
        still_open = len(seen.open_to(asked.author)) if asked.author else 0
        told = asked.request.query_params.get("said", "")
        common = {
            "task": one_line(task.name, 100),
            "description": one_line(task.description, 1000),
            "author": asked.author,
            "open": still_open,
            "key": self._key.form,
            "stamp": self._stamp(asked),
            "going_on": seen.going_on,
            "iteration": seen.iteration,
            "iterations": seen.config.search.iterations,
            "resume": f"eureka resume {shlex.quote(str(self._dir))}{_further(seen)}",
            "told": told if any(one.question == told for one in seen.by(asked.author) if told) else "",
        }
        return page(template, 422 if values.get("wrong") else 200, **common, **values)

    def _stamp(self, asked: Asked) -> str:
        """Changes when the waiting page would."""
        seen = asked.seen
        shown = [[q.id for q in seen.open_to(asked.author)], seen.going_on, seen.iteration, len(seen.state.outcomes)]
        return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]


def _comparable(seen: Seen) -> bool:
    """Whether there are two policies at least."""
    history = seen.history()
    return history is not None and len({entry.candidate.sha256 for entry in history.trained()}) > 1


def _further(seen: Seen) -> str:
    """What a run that has ended needs to go on: iterations."""
    ended = bool(seen.state.sessions) and seen.state.sessions[-1].event == "ended" and seen.iteration >= seen.config.search.iterations
    return f" --set search.iterations={seen.iteration + 1}" if ended else ""


def _title(question: Question) -> str:
    where = f"iteration {question.iteration + 1}" + (f" of restart {question.restart + 1}" if question.restart else "")
    return f"In words, after {where}" if question.about == "words" else f"Two policies, after {where}"


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return page("wrong.html", error.status_code, said=error.detail)


async def _run_error(request: Request, error: Exception) -> Response:
    """The run cannot be read: its directory was moved, or its journal is broken."""
    return page("wrong.html", 503, said=str(error))


async def _broken(request: Request, error: Exception) -> Response:
    return page("wrong.html", 500, said="This page is broken. What went wrong is in feedback/server.log of the run, or in its terminal.")
