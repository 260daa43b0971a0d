"""Where a program may stand in a text: in its code fences, in JSON, in a part of it that is not the model's thinking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from eureka.extraction.json_text import code_strings
from eureka.extraction.parse import Work

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_THINKING = "think|thinking|thought|thoughts|reasoning|reflection|analysis|scratchpad"
_THOUGHT = re.compile(rf"^[ \t]*<(?:{_THINKING})\b[^<>\n]*>|(</(?:{_THINKING})\s*>)", re.MULTILINE | re.IGNORECASE)
_TAGS = re.compile(
    r"^[ \t]*(?:</?[A-Za-z][\w:.-]*(?: [^<>\n]*)?>[ \t]*){1,5}|(?:</[A-Za-z][\w:.-]*>[ \t]*){1,5}$|<!\[CDATA\[|\]\]>(?=</|$)", re.MULTILINE
)
_FENCE = re.compile(r"(?:`{3,}|~{3,})[ \t]*(?:\{?\.?py(?:thon)?[\d.]*\b\}?)?[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text that may be a program. repairs: what finding it took; fenced: all of it is meant to be code."""

    text: str
    repairs: tuple[str, ...] = ()
    fenced: bool = True


def without_thinking(text: str) -> tuple[str, str]:
    """(the answer, the thinking before it). A closing tag alone ends thinking that began in the prompt; an open one never ends."""
    answer: list[str] = []
    thoughts: list[str] = []
    place, thinking = 0, False
    for tag in _THOUGHT.finditer(text):
        passage, place = text[place : tag.start()], tag.end()
        (thoughts if thinking or tag[1] else answer).append(passage)
        thinking = not tag[1]
    (thoughts if thinking else answer).append(text[place:])
    return "\n".join(answer), "\n".join(thoughts)


def readings(text: str, work: Work, fenced: bool) -> Iterator[list[Stretch]]:
    """Every way to see programs in a text, the most literal first. fenced: the text itself comes from a fence."""
    yield [Stretch(string, ("unpacked JSON",), fenced=False) for string in code_strings(text, work)]
    yield _fences(text, work, strict=True)
    loose = _TAGS.sub("\n", text)
    yield _fences(loose, work, strict=False)
    if _FENCE.search(loose):
        yield [Stretch(part, ("broken code fence",), fenced) for part in _FENCE.split(loose)]
    yield [Stretch(loose, ("no code fence",), fenced)]


def holds_more(text: str) -> bool:
    """Whether there may be a program within this text, which is none itself."""
    return "```" in text or "~~~" in text or text.lstrip()[:1] in ("{", "[", '"', "'")


def _fences(text: str, work: Work, *, strict: bool) -> list[Stretch]:
    lines = text.count("\n") + 1
    if lines > work.lines or not ("```" in text or "~~~" in text):
        return []
    work.lines -= lines
    fences = [token for token in _markdown(strict).parse(text) if token.type == "fence" and token.map]
    # An open fence has no last line: it covers one line more than it holds, not two.
    opened = [token.map[1] - token.map[0] - token.content.count("\n") < 2 for token in fences if token.map]
    return [Stretch(token.content, ("unclosed code fence",) * unclosed) for token, unclosed in zip(fences, opened, strict=True)]


@lru_cache
def _markdown(strict: bool) -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Only the rules a fence can stand under. Without `html_block` a fence right after a tag is seen; without `normalize` a NUL stays what
    # it is and is refused; without `code` a fence may be indented at will.
    parser = MarkdownIt("zero").enable(["fence", "list", "blockquote"]).disable(["normalize", "inline"])
    return parser.enable("code") if strict else parser
