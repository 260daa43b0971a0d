"""`llm`: a language model writes the rewards, as in the Eureka paper (Ma et al., 2024), one conversation per parent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from eureka.builtin.outside_text import ERROR_LIMIT, fenced, one_line, plain
from eureka.builtin.people_text import notes_text
from eureka.builtin.prompts import Prompts
from eureka.builtin.task_text import fitness_text, previous_text, variables_text
from eureka.component import Component, ConfigPath, hookimpl
from eureka.component import Options as BaseOptions
from eureka.generator_types import Draft, Failure
from eureka.history import Entry, GenerateRequest
from eureka.hookspecs import GenerateTools, Rejected, RepairRequest
from eureka.secret_values import secret_in
from eureka.types import Message

_LIBRARIES = {
    "numpy": {"library": "numpy", "array": "array", "import": "import numpy as np", "np": "np", "dtype": "float64"},
    "torch": {"library": "torch", "array": "tensor", "import": "import torch", "np": "torch", "dtype": "float32"},
}
_ANSWER_LIMIT = 24_000
_STAGES = {
    "extract": "no reward function was found in it",
    "static": "the program was refused before it was run",
    "smoke": "the program failed when it was tried on transitions of the environment",
    "training": "the training with it broke off",
}
_NOT_TOLD = "A policy was trained with this reward. How that went is not known."


class LLMGenerator(Component):
    """Ask the configured `llm` for rewards; from the second iteration on, for better ones than the parents'."""

    needs_llm: ClassVar[bool] = True
    reads_notes: ClassVar[bool] = True

    class Options(BaseOptions):
        prompts: ConfigPath | None = Field(None, description="A folder with files that replace our prompts, by name (system.md, …).")
        repairs: int = Field(
            2,
            ge=0,
            le=10,
            strict=True,
            description="How often a rejected answer goes back with what is wrong, before one fresh answer is asked for (0: neither).",
        )

    options: Options

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._prompts = Prompts(options.prompts)

    @hookimpl
    def eureka_generate_rewards(self, request: GenerateRequest, tools: GenerateTools) -> Iterator[Draft]:
        # Dealt over all samples, not over the missing ones: a resumed run deals as the uninterrupted one did.
        hands: dict[str | None, list[int]] = {}
        for sample in request.missing:
            hands.setdefault(request.parents[sample % len(request.parents)] if request.parents else None, []).append(sample)
        for parent, samples in hands.items():
            for answer in tools.ask(self.conversation(request, parent), tuple(samples)):
                yield Draft(sample=answer.sample, text=answer.text, parents=() if parent is None else (parent,))

    @hookimpl
    def eureka_repair_rewards(self, request: RepairRequest, tools: GenerateTools) -> Iterator[Draft] | None:
        again = [one for one in request.rejected if one.attempt <= self.options.repairs and self.options.repairs]
        return self._repaired(request.request, again, tools) if again else None

    def _repaired(self, request: GenerateRequest, rejected: list[Rejected], tools: GenerateTools) -> Iterator[Draft]:
        parents = {one.sample: one.parents for one in rejected}
        for answer in tools.ask_each({one.sample: self._repair(request, one) for one in rejected}):
            yield Draft(sample=answer.sample, text=answer.text, parents=parents[answer.sample])

    def _repair(self, request: GenerateRequest, rejected: Rejected) -> tuple[Message, ...]:
        """The conversation that asked for an answer, that answer and what is wrong with it; after the last repair, the former alone."""
        asked = self.conversation(request, rejected.parents[0] if rejected.parents else None)
        words = _words(rejected.text, rejected.code)
        if rejected.attempt >= self.options.repairs or not words:
            return asked
        verdict = rejected.verdict
        place = f" (line {verdict.line})" if verdict.line is not None else ""
        values = {
            "problem": f"{_STAGES.get(verdict.stage or '', 'it was refused')}{place}.",
            "message": fenced(plain(verdict.message, ERROR_LIMIT)),
        }
        answer = Message(role="assistant", content=words)
        return (*asked, answer, Message(role="user", content=self._prompts.render("repair", values)))

    def conversation(self, request: GenerateRequest, parent: str | None) -> tuple[Message, ...]:
        """What the model reads: the task; with a parent also that one's answer and what came of it, and nothing older."""
        history = request.history
        failures = _section(self._prompts, "failures", _failures(request))
        notes = _section(self._prompts, "notes", notes_text(history))
        nothing = {"failures": "", "notes": ""}
        system = self._prompts.render("system", _LIBRARIES[history.context.array_library])
        task = {
            "description": plain(history.context.description),
            "fitness": fitness_text(history.task, history.context),
            "environment": fenced(plain(history.context.text)) if history.context.text.strip() else "Nothing more is known about it.",
            "variables": variables_text(history.context),
            "previous": previous_text(history.context),
        }
        last = {"failures": failures, "notes": notes}
        opening = self._prompts.render("task", {**task, **(last if parent is None else nothing)})
        messages = [Message(role="system", content=system), Message(role="user", content=opening)]
        if parent is not None:
            reflection = next((r.text for r in request.reflections if r.parent == parent), "") or _NOT_TOLD
            messages.append(Message(role="assistant", content=_answer(history.by_id[parent])))
            messages.append(Message(role="user", content=self._prompts.render("improve", {"reflection": reflection, **last})))
        return tuple(messages)


def _answer(entry: Entry) -> str:
    """The model's own words; for a program that no model wrote, the program."""
    words = _words(entry.completion.text if entry.completion is not None else "", entry.candidate.code)
    return words or fenced(plain(entry.candidate.code), "python")


def _words(text: str, code: str) -> str:
    """An answer as it is sent back: the program alone where the words are too long or hold a key; empty where that is no better."""
    written = fenced(plain(code), "python") if code.strip() else ""
    return next((one for one in (plain(text), written) if one.strip() and len(one) <= _ANSWER_LIMIT and secret_in(one) is None), "")


def _section(prompts: Prompts, name: str, items: list[str]) -> str:
    return "\n\n" + prompts.render(name, {"list": "\n\n".join(items)}) if items else ""


def _failures(request: GenerateRequest) -> list[str]:
    failures = [failure for failure in request.failures if isinstance(failure, Failure)]
    answers = len(request.history.iteration(request.iteration - 1))
    return [_failure(failure, answers) for failure in failures]


def _failure(failure: Failure, answers: int) -> str:
    place = f" (line {failure.line})" if failure.line is not None else ""
    count = f"{failure.count} of {answers} answers failed: {_STAGES.get(failure.stage, one_line(failure.stage))}{place}:"
    return f"{count}\n{fenced(plain(failure.message, ERROR_LIMIT))}"
