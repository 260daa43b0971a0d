"""`human`: people watch what was trained and say what is good and bad, or which of two policies is better."""

from __future__ import annotations

import socket
import time
from typing import Any, Literal

from pydantic import Field, model_validator

from eureka.builtin.terminal import Terminal
from eureka.component import Component, ConfigPath, hookimpl
from eureka.component import Options as BaseOptions
from eureka.errors import ConfigError
from eureka.events import RunEnd
from eureka.history import History
from eureka.hookspecs import FeedbackTools, OpenFeedback
from eureka.types import Note, Preference
from eureka_human.answers_file import read_answers, said_in
from eureka_human.on_page import Page
from eureka_human.on_terminal import ask_on_terminal
from eureka_human.questions import questions_after, unanswered
from eureka_human.web.reach import reason

_WEB_ONLY: dict[str, Any] = {"wait": True, "people": 1, "host": "127.0.0.1", "port": 0, "allow_hosts": ()}


class HumanFeedback(Component):
    """Let people say, in words or by comparing two policies, what they think of an iteration, before its parents are chosen.

    Words reach the next prompt. Preferences count where `selector: human` chooses the parents.
    """

    class Options(BaseOptions):
        via: Literal["terminal", "file", "web"] = Field(
            "terminal",
            description="terminal: ask there; web: on a page, whose link is printed; file: take the answers from `answers`.",
        )
        words: bool = Field(True, description="Ask after each iteration what is good and bad in its best policies.")
        mode: Literal["add", "replace"] = Field(
            "add", description="What is said comes beside the reward reflection, or takes its place, as in the paper."
        )
        shown: int = Field(3, ge=1, le=16, description="How many of an iteration's best policies are shown with that question.")
        preferences: int = Field(0, ge=0, le=100, description="Comparisons of two policies asked for after each iteration.")
        answers: ConfigPath | None = Field(None, description="The YAML file with the answers, for `via: file`.")
        author: str = Field("user", min_length=1, max_length=80, description="Who answers on the terminal, for prompts and reports.")
        wait: bool = Field(True, description="Web: the run waits for answers; false: it goes on, and answers count from when they come.")
        people: int = Field(1, ge=1, description="Web: how many people must have answered a question for the run to go on.")
        timeout_s: float | None = Field(None, gt=0, description="Seconds after which the run goes on without an answer; null: never.")
        host: str = Field(_WEB_ONLY["host"], min_length=1, description="Web: the address to listen on; others can reach all but loopback.")
        port: int = Field(0, ge=0, le=65535, description="Web: the port; 0 takes one that is free.")

        allow_hosts: tuple[str, ...] = Field((), description="Web: names people reach this machine by, beside `host`; for `host: 0.0.0.0`.")

        @model_validator(mode="after")
        def _fits(self) -> Any:
            if wrong := _misfit(self):
                raise ValueError(wrong)
            return self

    options: Options

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._page = Page(options.host, options.port, options.allow_hosts)

    @property
    def asks_words(self) -> bool:
        """Whether a generator that reads no notes would leave answers unread."""
        return self.options.words

    @property
    def asks_preferences(self) -> bool:
        """Whether comparisons reach the selector; a file may hold some that were not asked for."""
        return self.options.preferences > 0 or self.options.via == "file"

    @hookimpl
    def eureka_check_feedback(self) -> None:
        match self.options.via:
            case "terminal":
                if missing := Terminal.missing():
                    raise ConfigError(
                        f'feedback.via: "terminal" needs a terminal, and {missing} is none. Run it in one, or ask with `via: web` (a page) '
                        "or `via: file` (answers written beforehand)."
                    )
            case "file":
                assert self.options.answers is not None
                read_answers(self.options.answers)
            case "web":
                _try_to_listen(self.options.host, self.options.port)

    @hookimpl
    def eureka_collect_feedback(
        self, history: History, tools: FeedbackTools, restart: int, iteration: int
    ) -> list[Note | Preference] | None:
        options = self.options
        questions = questions_after(
            history, restart, iteration, shown=options.shown if options.words else 0, preferences=options.preferences
        )
        if options.via != "file":  # nobody watches there
            tools.film([candidate for question in questions for candidate in question.candidates])
        for question in questions:
            tools.ask(question)
        replaces = options.mode == "replace"
        if options.via == "file":
            assert options.answers is not None
            return said_in(options.answers, history, questions, restart, iteration, replaces=replaces)
        people = options.people
        if not unanswered(questions, tools.answers(), people):
            return None
        until = None if options.timeout_s is None else time.monotonic() + options.timeout_s

        def overdue() -> bool:
            return until is not None and time.monotonic() > until

        if options.via == "web":
            self._page.ask(tools, questions, people, options.wait, overdue)
        else:
            ask_on_terminal(history, tools, questions, options.author, replaces, overdue)
        return None  # all of it came through the inbox

    @hookimpl
    def eureka_open_feedback(self, request: OpenFeedback) -> bool:
        from eureka_human.web import serve

        serve(request.run_dir, request.host, request.port, request.allow_hosts)
        return True

    @hookimpl
    def eureka_on_run_end(self, event: RunEnd) -> None:
        self._page.close()


def _misfit(options: HumanFeedback.Options) -> str:
    """Which options do not go together, and what would; empty where all do."""
    if not options.words and not options.preferences:
        return "words is false and preferences is 0, so nothing would be asked; set one of them"
    if options.mode == "replace" and not options.words:
        return "mode: replace is about words, which are not asked for; set words: true, or leave mode out"
    if (options.via == "file") != (options.answers is not None):
        return "via: file needs answers: FILE" if options.via == "file" else f"answers is for via: file, and via is {options.via}"
    if options.via != "web" and (given := [name for name, usual in _WEB_ONLY.items() if getattr(options, name) != usual]):
        return f"{given[0]} is for via: web, and via is {options.via}"
    if options.timeout_s is not None and (options.via == "file" or not options.wait):
        return "timeout_s is for what the run waits for, and it waits for nothing here; leave it out"
    return ""


def _try_to_listen(host: str, port: int) -> None:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise ConfigError(
            f"feedback.host, feedback.port: cannot listen on {host} port {port} ({reason(error)}). Valid: an address of this machine, and "
            "a port that is free; 0 takes any."
        ) from None
