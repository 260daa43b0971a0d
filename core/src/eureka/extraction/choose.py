"""Which function of an answer is meant, and the one program that it makes with what it needs."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass, replace

from eureka.extraction.blocks import DEFINES, Block, blocks_of
from eureka.extraction.definition import FUNCTION, is_sketch, misplaced, signature_error
from eureka.extraction.edit import renamed, without_main, without_script
from eureka.extraction.join import completed
from eureka.extraction.parse import Definition, Work, argument_names, functions
from eureka.extraction.text import without_thinking

MAX_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was found. With an `error` the answer is unusable; `line` is a line of `code`. repairs: what was changed, in words."""

    code: str = ""
    function: str = ""
    arguments: tuple[str, ...] = ()
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
    found = _choose(blocks_of(answer, work), work, variables)
    if found.error and "def " not in answer and "def " in thinking:  # what it thought of is no answer unless there is nothing else
        found = _choose(blocks_of(thinking, work), work, variables)
        found = replace(found, repairs=("taken from the model's thinking", *found.repairs))
    return found


def _choose(blocks: list[Block], work: Work, variables: Collection[str]) -> Extraction:
    named = [block for block in blocks if FUNCTION in functions(block.tree)]
    broken = [block for block in blocks if block.error and DEFINES.search(block.code)]
    name = FUNCTION
    if not named:
        if not broken and (places := [(block, place) for block in blocks if (place := misplaced(block.tree))]):
            block, (error, line) = places[-1]
            return Extraction(code=block.code, repairs=block.repairs, error=error, line=line)
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
    block = next((b for b in reversed(named) if not is_sketch(functions(b.tree)[name])), named[-1])
    chosen = f"took the last of {len(named)} versions" if len(named) > 1 else ""
    if (broken and blocks.index(block) < blocks.index(broken[-1])) or block is not named[-1]:
        chosen = "took an earlier version, the last is not whole"
    return _assemble(block, [b for b in blocks if b is not block], name, (chosen,) if chosen else (), work)


def _assemble(block: Block, others: list[Block], name: str, repairs: tuple[str, ...], work: Work) -> Extraction:
    """One program of a block and what it needs of the others, with the function under its right name."""
    assert block.tree is not None
    code, repairs = without_main(block.code, block.tree), (*block.repairs, *repairs)
    if code != block.code:
        repairs = (*repairs, "dropped the `if __name__ == ...` block")
    tree = work.parse(code).tree or block.tree
    plain = without_script(code, tree)
    if plain != code:
        code, repairs = plain, (*repairs, "dropped `@torch.jit.script`")
        tree = work.parse(code).tree or tree
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
    if error := signature_error(definition):
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


def _nothing(blocks: list[Block], candidates: list[str]) -> str:
    if candidates:
        return f"no function is named `{FUNCTION}`, but several others are: {', '.join(candidates[:10])}; call the reward `{FUNCTION}`"
    classes = [node.name for b in blocks if b.tree for node in b.tree.body if isinstance(node, ast.ClassDef)]
    if classes:
        return f"no function `{FUNCTION}` at the top level; define it outside class `{classes[0]}`"
    return f"no function `{FUNCTION}` found; answer with one python code block that defines it"
