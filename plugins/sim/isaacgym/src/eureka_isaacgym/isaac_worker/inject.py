"""Makes the copy of a task that trains under another reward, and says what of it is the human one."""

from __future__ import annotations

import ast
from typing import List, NamedTuple, Tuple

from .faults import Usage
from .source import Source, self_attribute

SEAM = "eureka_reward"
"""The method of the copy that computes the candidate's reward; the worker gives it to the class."""
SUCCESS = "compute_success"
"""What the human reward function is called in the copy: it goes on to say which environments end, and what was achieved."""


class HumanReward(NamedTuple):
    """Where a task computes its reward. function: the one called. call: the statement. target: `self.rew_buf[:]` in it."""

    function: str
    method: ast.FunctionDef
    call: ast.Assign
    target: ast.expr


def human_reward(source: Source) -> HumanReward:
    """The statement of `compute_reward` that assigns `self.rew_buf` what a function of the module gives. Raises Usage."""
    method = source.methods.get("compute_reward")
    for statement in ast.walk(method) if method is not None else ():
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
            continue
        function = getattr(statement.value.func, "id", "")
        for target in statement.targets:
            for place in target.elts if isinstance(target, ast.Tuple) else [target]:
                if self_attribute(place) == "rew_buf" and function in source.functions:
                    assert method is not None
                    return HumanReward(function, method, statement, place)
    raise Usage(
        "sim.task: {}: its compute_reward does not assign self.rew_buf what a function of the same file gives, so there is no place for "
        "another reward.".format(source.task.name)
    )


def with_seam(source: Source) -> str:
    """The task's text with the reward taken from `self.eureka_reward()`; the human one becomes `self.gt_rew_buf`, and is logged.

    The order is that of Eureka's release: a reward is computed before this step's resets and successes are.
    """
    human = human_reward(source)
    edits = _renamed(source, human)
    target, call = human.target, human.call
    edits.append((target.lineno, target.col_offset, target.end_lineno, target.end_col_offset, "self.gt_rew_buf"))  # type: ignore[arg-type]
    edits.append(_after(call, "self.extras['gt_reward'] = self.gt_rew_buf.mean()"))
    first = _first(human.method)
    indent = " " * first.col_offset
    seam = "self.rew_buf[:], self.rew_dict = self.{}()\n{}".format(SEAM, indent)
    edits.append((first.lineno, first.col_offset, first.lineno, first.col_offset, seam))
    return source.edited(edits)


def with_log(source: Source) -> str:
    """The task's text as it is, with the human reward logged under the same name."""
    return source.edited([_after(human_reward(source).call, "self.extras['gt_reward'] = self.rew_buf.mean()")])


def metrics(source: Source) -> List[str]:
    """The names under which the task logs a number at each step: `self.extras['name'] = …` with a constant name."""
    found = []
    for node in ast.walk(source.task):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if isinstance(target, ast.Subscript) and self_attribute(target) == "extras":
                key = getattr(target.slice, "value", target.slice)  # before 3.9 an index is a node of its own
                name = getattr(key, "value", key)
                if isinstance(name, str) and name not in found:
                    found.append(name)
    return found


def _first(method: ast.FunctionDef) -> ast.stmt:
    """The first statement after the docstring."""
    body = method.body
    docstring = isinstance(body[0], ast.Expr) and isinstance(getattr(body[0].value, "value", None), str)
    return body[1] if docstring and len(body) > 1 else body[0]


def _after(statement: ast.stmt, line: str) -> Tuple[int, int, int, int, str]:
    last, end = statement.end_lineno or 0, statement.end_col_offset or 0
    return last, end, last, end, "\n" + " " * statement.col_offset + line


def _renamed(source: Source, human: HumanReward) -> List[Tuple[int, int, int, int, str]]:
    edits = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id == human.function:
            edits.append((node.lineno, node.col_offset, node.lineno, node.end_col_offset or 0, SUCCESS))
        elif isinstance(node, ast.FunctionDef) and node.name == human.function:
            line = node.lineno
            start = source.lines[line - 1].index(human.function.encode())
            edits.append((line, start, line, start + len(human.function.encode()), SUCCESS))
    return edits
