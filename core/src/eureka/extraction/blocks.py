"""The blocks of an answer that may be programs, each as it stands or mended."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace

from eureka.extraction.definition import FUNCTION
from eureka.extraction.mends import mended
from eureka.extraction.parse import Work, functions
from eureka.extraction.prose import program_among_prose
from eureka.extraction.sentences import without_label, without_sentences
from eureka.extraction.text import Stretch, holds_more, readings

DEFINES = re.compile(rf"^[ \t]*(?:async[ \t]+)?def[ \t]+{FUNCTION}\b", re.MULTILINE)
_MAX_LINES = 3_000
_NESTING, _BLOCKS = 3, 100  # fences within fences, or within JSON; blocks looked at, the last ones


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text that may be a program: parsed, or with the reason why it cannot be."""

    code: str
    tree: ast.Module | None = None
    repairs: tuple[str, ...] = ()
    error: str | None = None
    line: int | None = None


def blocks_of(text: str, work: Work, depth: int = 0, fenced: bool = False) -> list[Block]:
    """The programs of the first reading that holds the one asked for, or of the one that comes nearest. fenced: all is meant to be code."""
    if text.count("\n") > _MAX_LINES:
        return [Block("", error=f"the answer is longer than {_MAX_LINES} lines; answer with one python code block")]
    nearest: list[Block] = []
    wanted = f"def {FUNCTION}" if f"def {FUNCTION}" in text else "def "
    for reading in readings(text, work, fenced):
        if any(wanted in block.code for block in nearest) and not any(stretch.fenced for stretch in reading):
            break  # what a fence holds is meant as it stands: read as prose, it would lose what is wrong with it
        found = [block for stretch in reading[-_BLOCKS:] for block in _read(stretch, work, depth)]
        if _nearness(found) > _nearness(nearest) or not nearest:
            nearest = found
        if _nearness(nearest) == 4 or (_nearness(nearest) == 2 and not DEFINES.search(text)):
            break
    return nearest


def _nearness(found: list[Block]) -> int:
    if any(FUNCTION in functions(block.tree) for block in found):
        return 4
    if any(DEFINES.search(block.code) for block in found):
        return 3  # broken, or within a class
    if any(functions(block.tree) for block in found):
        return 2
    return int(any(block.error and "def " in block.code for block in found))


def _read(stretch: Stretch, work: Work, depth: int) -> list[Block]:
    """Parse as it stands, then mended, then what it holds, then what of it is no prose."""
    code, repairs = stretch.text if stretch.text.endswith("\n") else stretch.text + "\n", stretch.repairs
    if (rest := without_label(code)) != code:
        code, repairs = rest, (*repairs, "dropped the word `python`")
    first = work.parse(code)
    if first.tree is not None:
        if depth < _NESTING and (held := _held(first.tree)):
            return _read(Stretch(held, (*repairs, "unpacked a string"), stretch.fenced), work, depth + 1)
        return [Block(code, first.tree, repairs)]
    unusable = [Block(code, None, repairs, first.error, first.line)] if stretch.fenced or "\0" in code else []
    if "def " not in code or "\0" in code:
        return unusable
    variants = list(mended(code))
    for variant, mends in variants:
        if functions(tree := work.parse(variant).tree):
            return [Block(variant, tree, (*repairs, *mends))]
    if depth < _NESTING and stretch.repairs != ("no code fence",) and holds_more(code):
        inner = blocks_of(code, work, depth + 1, stretch.fenced)
        return [replace(block, repairs=(*repairs, *block.repairs)) for block in inner]
    if stretch.fenced:
        rest = without_sentences(code)
        if rest == code or depth == _NESTING:
            return unusable
        return _read(Stretch(rest, (*repairs, "dropped text around the program")), work, depth + 1)
    for variant, mends in [(code, ()), *variants[-1:]]:
        if among := program_among_prose(variant, work):
            program, parsed = among
            if parsed.tree is not None:
                return [Block(program, parsed.tree, (*repairs, *mends))]
            unusable = unusable or [Block(program, None, (*repairs, *mends), parsed.error, parsed.line)]
    return unusable


def _held(tree: ast.Module) -> str | None:
    """The program of `code = '''...'''`, where that is all there is."""
    value = tree.body[0].value if len(tree.body) == 1 and isinstance(tree.body[0], ast.Assign) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) and "def " in value.value else None
