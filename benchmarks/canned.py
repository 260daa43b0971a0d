"""Programs that stand for a model's answers, so that a search costs no key and is the same every time."""

from __future__ import annotations

import ast
from pathlib import Path

REWARDS = Path(__file__).with_name("rewards")


def programs(task: str) -> list[str]:
    """The sixteen programs of a task, in their file's order, each a whole text that defines `compute_reward`."""
    text = (REWARDS / f"{task}.py").read_text()
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return [f"import numpy as np\n\n\n{_renamed(text, function)}\n" for function in functions]


def write_answers(task: str, samples: int, folder: Path) -> None:
    """Files for `llm: replay` in `folder`, named after candidates: `samples` answers an iteration until there are no more programs."""
    for number, program in enumerate(programs(task)):
        iteration, sample = divmod(number, samples)
        (folder / f"r0i{iteration}s{sample:02d}.txt").write_text(f"```python\n{program}```\n")


def _renamed(text: str, function: ast.FunctionDef) -> str:
    source = ast.get_source_segment(text, function)
    assert source is not None
    return source.replace(f"def {function.name}(", "def compute_reward(", 1)
