"""`progress`: shows a run on the terminal, as lines in a log, or as JSON for another program."""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from eureka.builtin import progress_lines as lines
from eureka.builtin.journal_lines import journal_lines
from eureka.builtin.progress_live import LiveView
from eureka.builtin.progress_state import RunState
from eureka.builtin.result_lines import result_lines
from eureka.builtin.undisturbed import shows, shows_no_more
from eureka.component import Component, hookimpl
from eureka.component import Options as BaseOptions
from eureka.events import Progress as ProgressEvent
from eureka.events import RunEnd, RunStart, StageStart
from eureka.journal_types import JournalRecord
from eureka.types import EnvContext, Outcome, Verdict

_SEARCH = ("generate", "repair", "train", "feedback", "reflect")
Mode = Literal["auto", "live", "plain", "quiet", "json"]


class Progress(Component):
    """Show what a run is doing: a live table on a terminal, plain lines elsewhere. Everything goes to standard output."""

    class Options(BaseOptions):
        mode: Mode = Field("auto", description="live (a terminal), plain (lines), json (an object a line), quiet, or auto: live or plain.")

    options: Options

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._state: RunState | None = None
        self._live: LiveView | None = None
        self._summarised: set[tuple[int, int]] = set()
        self._lock = threading.RLock()
        self._held: list[str] | None = None
        """What there is to say once a person who is asked something on the terminal has answered; None: nobody is."""

    @hookimpl
    def eureka_on_run_start(self, event: RunStart) -> None:
        if self._machine("run_start", event):
            return
        self._state = RunState(event)
        shows(self)
        for line in lines.banner(event):
            self._say(line)
        if event.resumed:
            self._catch_up(event)
        if self.options.mode == "live" or (self.options.mode == "auto" and _is_terminal()):
            self._live = LiveView(force_terminal=self.options.mode == "live")
            self._draw(at_once=True)

    @hookimpl
    def eureka_on_stage(self, event: StageStart) -> None:
        if self._machine("stage", event) or self._state is None:
            return
        last, before = self._state.stage, self._state.iteration
        self._state.on_stage(event)
        if last and last.stage in _SEARCH and ((event.restart, event.iteration) != before or event.stage not in ("repair", "train")):
            self._summarise(before)
        if self._live:
            self._draw(at_once=True)
        else:
            words = lines.stage_words(self._state, event)
            self._say(words[:1].upper() + words[1:])

    @hookimpl
    def eureka_on_record(self, record: object) -> None:
        if self._machine("record", record) or self._state is None:
            return
        self._state.on_record(record)
        if isinstance(record, EnvContext):
            run = self._state.run
            for line in [*lines.context_lines(record), *([] if run.resumed else lines.estimate_lines(run))]:
                self._say(line)
        if self._live:
            self._draw(at_once=isinstance(record, (Verdict, Outcome)))
        elif isinstance(record, Verdict):
            self._say(lines.verdict_line(self._state, record))
        elif isinstance(record, Outcome):
            self._say(lines.outcome_line(self._state, record))

    @hookimpl
    def eureka_on_progress(self, event: ProgressEvent) -> None:
        if self._machine("progress", event) or self._state is None:
            return
        self._state.on_progress(event)
        self._draw(at_once=event.status != "running")

    @hookimpl
    def eureka_on_run_end(self, event: RunEnd) -> None:
        shows_no_more(self)
        if self._held is not None:
            print(flush=True)  # the cursor is behind what was being typed
        self.go_on()
        state, live, self._live = self._state, self._live, None
        try:
            if live and state:
                live.draw_last(state)
        finally:
            if live:
                live.stop()  # whatever happened: it hides the cursor
        if self._machine("run_end", event):
            return
        if state and state.stage and state.stage.stage in _SEARCH and event.status == "ended":
            self._summarise(state.iteration)
        self._state = None
        for line in result_lines(event, with_rewards=not (state and state.run.names)):  # who gave them tells how they compare
            self._say(line)

    def hold(self) -> None:
        """See `eureka.builtin.undisturbed`."""
        with self._lock:
            if self._held is None:
                self._held = []
                if self._live:
                    self._live.stop(erase=True)

    def go_on(self) -> None:
        """See `eureka.builtin.undisturbed`."""
        with self._lock:
            if self._held is None:
                return
            kept, self._held = self._held, None
            if self._live:
                self._live.start()
            for line in kept:
                self._say(line)
            self._draw(at_once=True)

    def _draw(self, at_once: bool) -> None:
        with self._lock:
            if self._live and self._state and self._held is None:
                self._live.draw(self._state, at_once)

    def _machine(self, event: str, payload: object) -> bool:
        """True where no human reads: then the event has been written, if anything is."""
        if self.options.mode == "json" and isinstance(payload, BaseModel):
            fields: dict[str, Any] = json.loads(payload.model_dump_json())
            _print(json.dumps({"event": event, **fields}))
        return self.options.mode in ("json", "quiet")

    def _say(self, line: str) -> None:
        with self._lock:
            if self._held is not None:
                self._held.append(line)
            elif self._live:
                self._live.say(line)
            else:
                encoding = sys.stdout.encoding or "utf-8"
                _print(line.encode(encoding, "replace").decode(encoding))

    def _summarise(self, iteration: tuple[int, int]) -> None:
        line = lines.iteration_line(self._state, iteration) if self._state else None
        if line and iteration not in self._summarised:
            self._summarised.add(iteration)
            self._say(line[:1].upper() + line[1:])

    def _catch_up(self, event: RunStart) -> None:
        """What earlier sessions found is in the journal: which way is better, the best so far, an iteration's finished half."""
        assert self._state is not None
        adapter: TypeAdapter[Any] = TypeAdapter(JournalRecord)
        for line in journal_lines(event.run_dir / "journal.jsonl"):
            try:
                self._state.on_record(adapter.validate_python(line))
            except ValidationError:
                continue  # a record the display does not know is none it shows


def _print(line: str) -> None:
    try:
        print(line, flush=True)
    except BrokenPipeError:  # who read it has seen enough, as `| head` has; the run goes on unseen
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _is_terminal() -> bool:
    from rich.console import Console

    console = Console(file=sys.stdout)
    draws = (sys.stdout.encoding or "").lower().startswith("utf")  # the live view's dots and dashes are not ASCII
    return console.is_terminal and not console.is_dumb_terminal and draws
