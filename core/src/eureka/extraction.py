"""Find the program in a model's raw answer. Reads text only: nothing of an answer is ever executed, and no answer raises."""

from __future__ import annotations

import ast
import hashlib
import html
import json
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from eureka.extraction_join import completed
from eureka.suggest import closest

FUNCTION = "compute_reward"
MAX_BYTES = 200_000
_NESTING = 3  # fences within fences, or within JSON
_STARTS, _CUTS = 20, 5  # tries at where an unfenced program begins and ends; bounds the work on hostile text
_CODE_START = re.compile(r"(import|from|def|async def)\s")
_ODD_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u200b": None, "\u2060": None, "\ufeff": None})


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was found. With an `error` the answer is unusable; `line` is a line of `code`."""

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


def extract(text: str) -> Extraction:
    """The program of an answer: the last block that defines `compute_reward`, or else the only function there is, renamed."""
    text = text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates can be neither parsed nor written to a journal
    if len(text.encode()) > MAX_BYTES:
        return Extraction(error=f"the answer is longer than {MAX_BYTES // 1000} kB")
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if not text.strip():
        return Extraction(error="the answer is empty")
    blocks = [_read(*stretch) for stretch in _stretches(text)]
    functions = [(block, name) for block in blocks for name in _functions(block.tree)]
    named = [pair for pair in functions if pair[1] == FUNCTION]
    if not named:
        broken = next((b for b in reversed(blocks) if b.error and f"def {FUNCTION}" in b.code), None)
        broken = broken or next((b for b in reversed(blocks) if b.error and "def " in b.code), None)
        if broken:
            return Extraction(code=broken.code, repairs=broken.repairs, error=broken.error, line=broken.line)
        if len(functions) != 1:
            return Extraction(error=_nothing(blocks, [name for _, name in functions]))
    block, name = (named or functions)[-1]
    others = [(b.code, b.tree) for b in blocks if b is not block and b.tree]
    code, joined = completed(block.code, block.tree, others) if block.tree else (block.code, ())
    repairs = (*block.repairs, *joined)
    if name != FUNCTION:
        code = re.sub(rf"^((?:async\s+)?def\s+){re.escape(name)}\b", rf"\g<1>{FUNCTION}", code, flags=re.MULTILINE)
        repairs = (*repairs, f"renamed `{name}`")
    found = Extraction(code=code, function=FUNCTION, repairs=repairs)
    definition = _definition(_parse(code)[0], FUNCTION)
    if definition is None:
        return replace(found, error="the blocks of the answer do not form one program")
    if error := _signature_error(definition):
        return replace(found, error=error, line=definition.lineno)
    return replace(found, arguments=_names(definition))


def program_sha256(code: str) -> str:
    """Of what the program does: comments, formatting and docstrings do not count. Text that is no program is hashed as it is."""
    tree, _, _ = _parse(code)
    if tree is not None:
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.body:
                first = node.body[0]
                if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
                    del node.body[0]
        try:
            code = ast.dump(tree)
        except RecursionError:
            pass
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def inspect_arguments(code: str, function: str) -> tuple[str, ...]:
    """Argument names of a top-level function, in order; empty when there is no such function."""
    return _names(definition) if (definition := _definition(_parse(code)[0], function)) else ()


def check_arguments(arguments: Sequence[str], allowed: Sequence[str]) -> str | None:
    """What is wrong with the arguments, in words for the model; None when each is a variable of the task."""
    for name in arguments:
        if name not in allowed:
            near = closest(name, allowed)
            hint = f"; did you mean `{near}`?" if near is not None else "."
            return f"argument `{name}` is no variable of this task{hint} Allowed: {', '.join(allowed)}"
    return None


# ── Where a program may stand in a text ──────────────────────────────────────────────────────────────────────────────


def _stretches(text: str, depth: int = 0) -> Iterator[tuple[str, bool]]:
    """(text, fenced) of every stretch that may be a program."""
    if depth < _NESTING:
        strings = [s for s in _json_strings(text) if "def " in s]
        fences = [] if strings else _fences(text)
        for string in strings:
            yield from _stretches(string, depth + 1)
        for fence in fences:
            if "```" in fence or "~~~" in fence or fence.lstrip()[:1] in ("{", "["):
                yield from _stretches(fence, depth + 1)
            else:
                yield fence, True
        if strings or fences:
            return
    yield text, False


def _fences(text: str) -> list[str]:
    from markdown_it import MarkdownIt

    # Only the rules a fence can stand under. Without `code` a fence may be indented at will, without `html_block` one right after a
    # tag is seen, without `normalize` a NUL stays what it is and is refused.
    parser = MarkdownIt("zero").enable(["fence", "list", "blockquote"]).disable(["normalize", "inline"])
    return [token.content for token in parser.parse(text) if token.type == "fence"]


def _json_strings(text: str) -> list[str]:
    if text.lstrip()[:1] not in ("{", "["):
        return []
    try:
        waiting: list[Any] = [json.loads(text)]
    except (ValueError, RecursionError):
        return []
    strings = []
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            strings.append(value)
        elif isinstance(value, (dict, list)):
            waiting.extend(reversed(value.values() if isinstance(value, dict) else value))
    return strings


# ── From text to a syntax tree ───────────────────────────────────────────────────────────────────────────────────────


def _parse(code: str) -> tuple[ast.Module | None, str | None, int | None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in a docstring is no news for the terminal
            return ast.parse(code), None, None
    except SyntaxError as error:
        return None, f"{type(error).__name__}: {error.msg}", error.lineno
    except (ValueError, MemoryError, RecursionError, OverflowError) as error:
        return None, f"not a program: {error or type(error).__name__}", None


def _read(code: str, fenced: bool) -> _Block:
    """Parse as it stands, then with one mend after another."""
    first: _Block | None = None
    repairs: tuple[str, ...] = ()
    mends: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("", str),
        ("dedented", textwrap.dedent),
        ("odd spaces", lambda code: code.translate(_ODD_SPACES)),
        ("HTML escapes", html.unescape),
    )
    for repair, mend in mends:
        changed = mend(code)
        if repair and changed == code:
            continue
        code, repairs = changed, (*repairs, repair) if repair else ()
        tree, error, line = _parse(code)
        if tree is not None:
            return _Block(code, tree, repairs)
        first = first or _Block(code, None, (), error, line)
    assert first is not None
    return first if fenced else _unfenced(code) or first


def _unfenced(text: str) -> _Block | None:
    """A program with prose around it. Prose is cut only at a line without indentation, so that no function loses its end."""
    lines = text.split("\n")
    first: _Block | None = None
    for start in [i for i, line in enumerate(lines) if _CODE_START.match(line)][:_STARTS]:
        chunk = lines[start:]
        for _ in range(_CUTS):
            code = "\n".join(chunk).rstrip() + "\n"
            tree, error, line = _parse(code)
            if _functions(tree):
                return _Block(code, tree, ("no code fence",))
            if f"def {FUNCTION}" in code:
                first = first or _Block(code, None, ("no code fence",), error or "no top-level function", line)
            if not line or line > len(chunk) or chunk[line - 1][:1] in ("", " ", "\t"):
                break
            chunk = chunk[: line - 1]
    return first


def _functions(tree: ast.Module | None) -> list[str]:
    return [node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))] if tree else []


def _definition(tree: ast.Module | None, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The last one, as in Python."""
    body = reversed(tree.body) if tree else ()
    return next((n for n in body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.name == name), None)


def _names(definition: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    arguments = definition.args
    return tuple(a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))


def _signature_error(definition: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    name, arguments = definition.name, definition.args
    if isinstance(definition, ast.AsyncFunctionDef):
        return f"`{name}` is async; write a plain `def`"
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        return f"`{name}` must name each variable it takes: no `*args`, `**kwargs` or `/`"
    if not arguments.args and not arguments.kwonlyargs:
        return f"`{name}` takes no arguments; name the variables it needs"
    return None


def _nothing(blocks: list[_Block], functions: list[str]) -> str:
    if functions:
        return f"no function is named `{FUNCTION}`, but several others are: {', '.join(dict.fromkeys(functions))}"
    classes = [node.name for b in blocks if b.tree for node in b.tree.body if isinstance(node, ast.ClassDef)]
    if classes:
        return f"no function `{FUNCTION}` at the top level; define it outside class `{classes[0]}`"
    return f"no function `{FUNCTION}` found; answer with one python code block that defines it"
