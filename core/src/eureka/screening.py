"""What the text of an answer alone tells: the program in it, or why there is none fit to be tried. Nothing of it is run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from eureka import static_check
from eureka.extraction import FUNCTION, Extraction, check_arguments, definition_line, extract
from eureka.types import Completion, EnvContext


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why, in the words of a `Verdict`."""

    stage: Literal["extract", "static"]
    code: str
    message: str
    line: int | None = None


def screen(text: str, context: EnvContext) -> tuple[Extraction, Refusal | None]:
    """Find the program in an answer and hold its syntax tree against what a reward may use. Raises nothing, whatever the text."""
    found = extract(text, context.arguments)
    if found.error:
        return found, Refusal("extract", "no_program", found.error, found.line)
    if message := check_arguments(found.arguments, context.arguments):
        return found, Refusal("static", "arguments", message, definition_line(found.code, FUNCTION))
    if problem := static_check.check(found.code, context.arguments, context.array_library):
        return found, Refusal("static", "not_allowed", problem.message, problem.line)
    return found, None


def broken_off(answer: Completion) -> str:
    """What kept an answer from its end, in words for a model and for a person; empty where nothing did."""
    match answer.finish_reason:
        case "length":
            after = f"after {answer.output_tokens:,} tokens, its limit" if answer.output_tokens else "at its limit of tokens"
            return f"the answer was cut off {after} (llm.max_tokens)"
        case "refusal":
            return "the answer is a refusal of the model or of its provider"
    return ""


def of_whole_answer(refusal: Refusal, answer: Completion) -> Refusal:
    """The refusal with what kept the answer from its end; where no program was found, that is why."""
    why = broken_off(answer)
    if not why:
        return refusal
    if refusal.stage != "extract":
        return replace(refusal, message=f"{why}: {refusal.message}")
    if answer.finish_reason == "refusal":
        return Refusal("extract", "refused", f"{why}; what is asked for is a program that scores states of a simulation")
    advice = "before the program was whole; write it first, and little besides" if answer.text.strip() else "before it began; think less"
    return Refusal("extract", "cut_off", f"{why}, {advice}")
