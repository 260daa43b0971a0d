"""Find the program in a model's raw answer. Reads text only: nothing of an answer is ever executed, and no answer raises."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from eureka.extraction_edit import renamed, without_main
from eureka.extraction_join import completed
from eureka.extraction_mends import mended
from eureka.extraction_parse import Definition, Work, argument_names, functions, parse
from eureka.extraction_prose import program_among_prose
from eureka.extraction_text import Stretch, holds_more, readings, without_thinking
from eureka.suggest import closest

FUNCTION = "compute_reward"
MAX_BYTES = 200_000
_MAX_LINES = 3_000
_NESTING, _BLOCKS = 3, 100  # fences within fences, or within JSON; blocks looked at, the last ones
_DEFINES = re.compile(rf"^[ \t]*(?:async[ \t]+)?def[ \t]+{FUNCTION}\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was found. With an `error` the answer is unusable; `line` is a line of `code`. repairs: what was changed, in words."""

    code: str = ""
    function: str = ""
    arguments: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    error: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class _Block:
    """A stretch of text that may be a program: parsed, or with the reason why it cannot be."""

    code: str
    tree: ast.Module | None = None
    repairs: tuple[str, ...] = ()
    error: str | None = None
    line: int | None = None


def extract(text: str, variables: Collection[str] = ()) -> Extraction:
    """The program of an answer: the last block that defines `compute_reward`, or else the one function that can be meant, renamed.

    variables: what the task's rewards may take as arguments; tells the reward from its helpers where no name does.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates can be neither parsed nor written to a journal
    if len(text.encode()) > MAX_BYTES:
        return Extraction(error=f"the answer is longer than {MAX_BYTES // 1000} kB; answer with one python code block of a few kB")
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if not text.strip():
        return Extraction(error=f"the answer is empty; answer with one python code block that defines `{FUNCTION}`")
    answer, thinking = without_thinking(text)
    work = Work()
    found = _choose(_blocks(answer, work), work, variables)
    if found.error and "def " not in answer and "def " in thinking:  # what it thought of is no answer unless there is nothing else
        found = _choose(_blocks(thinking, work), work, variables)
        found = replace(found, repairs=("taken from the model's thinking", *found.repairs))
    return found


def inspect_arguments(code: str, function: str) -> tuple[str, ...]:
    """Argument names of a top-level function, in order; empty when there is no such function."""
    definition = functions(parse(code).tree).get(function)
    return argument_names(definition) if definition else ()


def check_arguments(arguments: Sequence[str], allowed: Sequence[str]) -> str | None:
    """What is wrong with the arguments, in words for the model; None when each is a variable of the task."""
    for name in arguments:
        if name not in allowed:
            near = closest(name, allowed)
            hint = f"; did you mean `{near}`?" if near is not None else "."
            return f"argument `{name}` is no variable of this task{hint} Allowed: {', '.join(allowed)}"
    return None


# ── The blocks of an answer ──────────────────────────────────────────────────────────────────────────────────────────


def _blocks(text: str, work: Work, depth: int = 0) -> list[_Block]:
    """The programs of the first reading that holds the one asked for, or of the one that comes nearest."""
    if text.count("\n") > _MAX_LINES:
        return [_Block("", error=f"the answer is longer than {_MAX_LINES} lines; answer with one python code block")]
    nearest: list[_Block] = []
    for reading in readings(text, work):
        blocks = [block for stretch in reading[-_BLOCKS:] for block in _read(stretch, work, depth)]
        if _nearness(blocks) > _nearness(nearest) or not nearest:
            nearest = blocks
        if _nearness(nearest) == 4 or (_nearness(nearest) == 2 and not _DEFINES.search(text)):
            break
    return nearest


def _nearness(blocks: list[_Block]) -> int:
    if any(FUNCTION in functions(block.tree) for block in blocks):
        return 4
    if any(_DEFINES.search(block.code) for block in blocks):
        return 3  # broken, or within a class
    if any(functions(block.tree) for block in blocks):
        return 2
    return int(any(block.error and "def " in block.code for block in blocks))


def _read(stretch: Stretch, work: Work, depth: int) -> list[_Block]:
    """Parse as it stands, then mended, then what it holds, then what of it is no prose."""
    code = stretch.text if stretch.text.endswith("\n") else stretch.text + "\n"
    first = work.parse(code)
    if first.tree is not None:
        return [_Block(code, first.tree, stretch.repairs)]
    unusable = [_Block(code, None, stretch.repairs, first.error, first.line)] if stretch.fenced or "\0" in code else []
    if "def " not in code or "\0" in code:
        return unusable
    variants = list(mended(code))
    for variant, repairs in variants:
        if functions(tree := work.parse(variant).tree):
            return [_Block(variant, tree, (*stretch.repairs, *repairs))]
    if depth < _NESTING and stretch.repairs != ("no code fence",) and holds_more(code):
        inner = _blocks(code, work, depth + 1)
        return [replace(block, repairs=(*stretch.repairs, *block.repairs)) for block in inner]
    for variant, repairs in [(code, ()), *variants[-1:]]:
        if among := program_among_prose(variant, work):
            program, parsed = among
            dropped = ("dropped text around the program",) if stretch.fenced else ()
            if parsed.tree is not None:
                return [_Block(program, parsed.tree, (*stretch.repairs, *dropped, *repairs))]
            unusable = unusable or [_Block(program, None, (*stretch.repairs, *repairs), parsed.error, parsed.line)]
    return unusable


# ── The function that is meant ───────────────────────────────────────────────────────────────────────────────────────


def _choose(blocks: list[_Block], work: Work, variables: Collection[str]) -> Extraction:
    named = [block for block in blocks if FUNCTION in functions(block.tree)]
    broken = [block for block in blocks if block.error and _DEFINES.search(block.code)]
    name = FUNCTION
    if not named:
        broken = broken or [block for block in blocks if block.error and ("def " in block.code or not block.code)]
        if broken:
            block = broken[-1]
            return Extraction(code=block.code, repairs=block.repairs, error=block.error, line=block.line)
        candidates = _candidates({name: node for block in blocks for name, node in functions(block.tree).items()}, variables)
        if len(candidates) != 1:
            return Extraction(error=_nothing(blocks, candidates))
        name = candidates[0]
        named = [block for block in blocks if name in functions(block.tree)]
    # A definition without a body only shows the signature. A last one that does not parse is as a rule such a sketch too, and where it is a
    # correction that was cut off, the draft before it still is a whole program.
    block = next((b for b in reversed(named) if not _is_sketch(functions(b.tree)[name])), named[-1])
    chosen = f"took the last of {len(named)} versions" if len(named) > 1 else ""
    if (broken and blocks.index(block) < blocks.index(broken[-1])) or block is not named[-1]:
        chosen = "took an earlier version, the last is not whole"
    return _assemble(block, [b for b in blocks if b is not block], name, (chosen,) if chosen else (), work)


def _assemble(block: _Block, others: list[_Block], name: str, repairs: tuple[str, ...], work: Work) -> Extraction:
    """One program of a block and what it needs of the others, with the function under its right name."""
    assert block.tree is not None
    code, repairs = without_main(block.code, block.tree), (*block.repairs, *repairs)
    if code != block.code:
        repairs = (*repairs, "dropped the `if __name__ == ...` block")
    tree = work.parse(code).tree or block.tree
    code, joined = completed(code, tree, [(b.code, b.tree) for b in others if b.tree])
    tree = work.parse(code).tree or block.tree
    if name != FUNCTION:
        code, joined = renamed(code, tree, name, FUNCTION), (*joined, f"renamed `{name}`")
    parsed = work.parse(code)
    found = Extraction(code=code, function=FUNCTION, repairs=(*repairs, *joined))
    definition = functions(parsed.tree).get(FUNCTION)
    if definition is None:
        reason = parsed.error or f"the blocks of the answer do not form one program that defines `{FUNCTION}`"
        return replace(found, error=f"{reason}; answer with one python code block", line=parsed.line)
    if error := _signature_error(definition):
        return replace(found, error=error, line=definition.lineno)
    return replace(found, arguments=argument_names(definition))


def _candidates(definitions: dict[str, Definition], variables: Collection[str]) -> list[str]:
    """The functions that can be meant: with the task's variables as arguments, where any has; and called by no other of them."""
    able = {name: node for name, node in definitions.items() if argument_names(node)} or definitions
    able = {name: node for name, node in able.items() if set(argument_names(node)) <= set(variables)} or able
    called = {
        part.id
        for name, node in able.items()
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id != name
    }
    return [name for name in able if name not in called] or list(able)


def _is_sketch(definition: Definition) -> bool:
    return all(isinstance(s, ast.Pass) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)) for s in definition.body)


def _signature_error(definition: Definition) -> str | None:
    name, arguments = definition.name, definition.args
    if isinstance(definition, ast.AsyncFunctionDef):
        return f"`{name}` is async; write a plain `def`"
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        return f"`{name}` must name each variable it takes: no `*args`, `**kwargs` or `/`"
    if not arguments.args and not arguments.kwonlyargs:
        return f"`{name}` takes no arguments; name the variables it needs"
    return None


def _nothing(blocks: list[_Block], candidates: list[str]) -> str:
    if candidates:
        return f"no function is named `{FUNCTION}`, but several others are: {', '.join(candidates[:10])}; call the reward `{FUNCTION}`"
    classes = [node.name for b in blocks if b.tree for node in b.tree.body if isinstance(node, ast.ClassDef)]
    if classes:
        return f"no function `{FUNCTION}` at the top level; define it outside class `{classes[0]}`"
    return f"no function `{FUNCTION}` found; answer with one python code block that defines it"
