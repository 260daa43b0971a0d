"""From text to a syntax tree, within a bound on the work that one answer can cause. Nothing is executed."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field

MAX_TOKENS, _MAX_CHARACTERS = 12_000, 60_000  # of one program; a long reward has a thousand tokens
_MAX_DOTS = 500  # of one import: CPython joins the parts of `import a.b.c…` in quadratic time
_IMPORT = re.compile(r"\b(?:import|from)\b[^\n;]*")
_TOKEN = re.compile(r"\w+|[^\w\s]")

Definition = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The tree, or why there is none. line: of the text, where the parser names one."""

    tree: ast.Module | None = None
    error: str | None = None
    line: int | None = None


@dataclass(slots=True)
class Work:
    """What may still be spent on one answer. tokens: handed to Python's parser; lines: handed to the markdown parser."""

    tokens: int = 24_000
    lines: int = 6_000
    known: dict[str, Parsed] = field(default_factory=dict)

    def parse(self, code: str) -> Parsed:
        """As `parse`; the same text costs once."""
        if code not in self.known:
            tokens = len(_TOKEN.findall(code)) if len(code) <= _MAX_CHARACTERS else MAX_TOKENS + 1
            if tokens > MAX_TOKENS:
                self.known[code] = Parsed(error=f"too long for a reward; write at most {MAX_TOKENS} words and signs of code")
            elif tokens > self.tokens:
                self.known[code] = Parsed(error="the answer holds too much code to look through; answer with one code block")
            else:
                self.tokens -= tokens
                self.known[code] = parse(code)
        return self.known[code]


def parse(code: str) -> Parsed:
    """The syntax tree of a text, or the reason in the parser's words; never raises."""
    if "\0" in code:
        line = code[: code.index("\0")].count("\n") + 1
        return Parsed(error="SyntaxError: the program contains a null byte; write plain text", line=line)
    if any(found[0].count(".") > _MAX_DOTS for found in _IMPORT.finditer(code.replace("\\\n", ""))):
        return Parsed(error="an import has too many parts; import numpy, math or typing")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in a docstring is no news for the terminal
            return Parsed(ast.parse(code))
    except SyntaxError as error:
        lines = code.rstrip().split("\n")
        line = min(max(error.lineno or 1, 1), len(lines))  # Python may point behind the end
        shown = lines[line - 1].strip()[:80]
        return Parsed(error=f"{type(error).__name__}: {error.msg}" + (f", at `{shown}`" if shown else ""), line=line)
    except (MemoryError, RecursionError, SystemError):  # what Python's versions make of it
        return Parsed(error="the program is nested too deeply; split it into statements and helper functions")
    except (ValueError, OverflowError) as error:
        return Parsed(error=f"not a program: {error}")


def functions(tree: ast.Module | None) -> dict[str, Definition]:
    """The functions at the top level by name; of several with one name the last, as in Python."""
    body = tree.body if tree else ()
    return {node.name: node for node in body if isinstance(node, DEFINITIONS)}


def argument_names(definition: Definition) -> tuple[str, ...]:
    """In order, without `*args` and `**kwargs`."""
    arguments = definition.args
    return tuple(a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))
