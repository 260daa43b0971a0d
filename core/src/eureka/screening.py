"""What the text of an answer alone tells: the program in it, or why there is none fit to be tried. Nothing of it is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eureka import static_check
from eureka.extraction import FUNCTION, Extraction, check_arguments, definition_line, extract
from eureka.types import EnvContext


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
