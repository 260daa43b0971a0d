"""A candidate's program, compiled by TorchScript and called on the attributes of a task."""

from __future__ import annotations

import ast
import importlib.util
import linecache
import math
import os
import re
import sys
from typing import Any, Dict, List, Tuple

from .faults import RewardFault, RewardMemory, out_of_memory

FUNCTION = "compute_reward"
_RESULT = "Tuple[torch.Tensor, Dict[str, torch.Tensor]]"
_LONGEST = 1500
_CONTRACT = 'it returned {}; expected two things, the total (B,) and a dict of its terms, such as: return total, {{"upright": upright}}'


class Reward:
    """Compiled once, called at every step. Line numbers in faults are those of the program as it was given.

    It is given copies: whatever it writes to or returns, nothing of it is the simulator's own.
    """

    def __init__(self, code: str, env: Any, folder: str) -> None:
        self.names = arguments(code)
        for name in self.names:
            if not hasattr(env, name):
                raise RewardFault("arguments", "the environment has no attribute `{}` when rewards are computed".format(name))
        kinds = {name: _kind(getattr(env, name)) for name in self.names}
        os.makedirs(folder, exist_ok=True)
        self._path = os.path.join(folder, "reward.py")
        with open(self._path, "w", encoding="utf-8") as file:
            file.write(annotated(code, kinds))
        linecache.checkcache(self._path)
        self._compute = self._compiled()

    def __call__(self, env: Any) -> Tuple[Any, Dict[str, Any]]:
        given = {name: _copy(getattr(env, name)) for name in self.names}
        before = {name: getattr(value, "_version", 0) for name, value in given.items()}
        try:
            returned = self._compute(*given.values())
        except Exception as error:
            if out_of_memory(error):
                raise RewardMemory(str(error))
            raise self._fault("error", error)
        for name, value in given.items():
            if getattr(value, "_version", 0) != before[name]:
                raise RewardFault(
                    "contract", "the reward writes to its argument '{}'; compute a new tensor, or clone it first".format(name)
                )
        total, terms = _parts(returned)
        _check(total, terms, env)
        return total, terms

    def _compiled(self) -> Any:
        import torch

        spec = importlib.util.spec_from_file_location("eureka_candidate", self._path)
        module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
        # What models take for granted in a task's file.
        module.__dict__.update(torch=torch, Tensor=torch.Tensor, Tuple=Tuple, Dict=Dict, List=List, math=math)
        try:
            spec.loader.exec_module(module)  # type: ignore[union-attr]
            return torch.jit.script(getattr(module, FUNCTION))
        except Exception as error:
            raise self._fault("torchscript", error)

    def _fault(self, code: str, error: Exception) -> RewardFault:
        """TorchScript names the file and the line in its message: where it was refused first, where it failed last."""
        text = str(error).strip()
        lines = re.findall(re.escape(self._path) + r'", line (\d+)', text)
        line = lines[0 if code == "torchscript" else -1] if lines else getattr(error, "lineno", None)
        number = int(line) if line else None
        # The annotation is ours; a helper's own is another.
        other = re.search(r"annotated as having type Tuple\[Tensor, Dict\[str, Tensor\]\] but is actually of type (.+?)[.:]?$", text, re.M)
        if other:
            return RewardFault("contract", _CONTRACT.format(other.group(1)), number)
        text = text.replace(self._path, "reward.py")
        word = "TorchScript refuses it" if code == "torchscript" else "{} while it ran".format(type(error).__name__)
        short = text if len(text) <= _LONGEST else text[: _LONGEST // 2] + "\n…\n" + text[-_LONGEST // 2 :]
        return RewardFault(code, "{}: {}".format(word, short), number)


def arguments(code: str) -> List[str]:
    """What `compute_reward` takes, in order."""
    return [argument.arg for argument in _definition(code).args.args]


def annotated(code: str, kinds: Dict[str, str]) -> str:
    """The program with the arguments' annotations as the environment's attributes are, on the same lines.

    Models annotate a number as a tensor, or nothing; and `tuple[…]` cannot be evaluated by Python 3.8.
    """
    definition, lines = _definition(code), [line.encode() for line in code.split("\n")]
    edits = []
    for argument in definition.args.args:
        if kinds.get(argument.arg):
            start = argument.col_offset + len(argument.arg.encode())
            edits.append((argument.lineno, start, argument.end_lineno, argument.end_col_offset, ": " + kinds[argument.arg]))
    returns = definition.returns
    if returns is not None:
        edits.append((returns.lineno, returns.col_offset, returns.end_lineno, returns.end_col_offset, _RESULT))
    for first, start, last, end, new in sorted(edits, reverse=True):
        assert last is not None and end is not None
        head, tail = lines[first - 1][:start], lines[last - 1][end:]
        # What stood on several lines leaves as many behind, or the lines below would count otherwise.
        lines[first - 1 : last] = (head + new.encode() + b"\n" * (last - first) + tail).split(b"\n")
    return b"\n".join(lines).decode()


def _definition(code: str) -> ast.FunctionDef:
    try:
        body = ast.parse(code).body
    except SyntaxError as error:
        here = "{}.{}".format(*sys.version_info[:2])
        raise RewardFault("syntax", "the simulator's Python {} cannot read it: {}".format(here, error.msg), error.lineno)
    for node in reversed(body):
        if isinstance(node, ast.FunctionDef) and node.name == FUNCTION:
            return node
    raise RewardFault("no_program", "there is no function `{}`".format(FUNCTION))


def _kind(value: Any) -> str:
    import torch

    if isinstance(value, torch.Tensor):
        return "torch.Tensor"
    for kind in (bool, int, float):
        if isinstance(value, kind):
            return kind.__name__
    raise RewardFault("arguments", "an argument of type {} cannot be compiled".format(type(value).__name__))


def _copy(value: Any) -> Any:
    import torch

    return value.clone() if isinstance(value, torch.Tensor) else value


def _parts(returned: Any) -> Tuple[Any, Dict[str, Any]]:
    """The total and its terms; a tensor of two rows would come apart, too."""
    import torch

    if isinstance(returned, torch.Tensor):
        raise RewardFault("contract", _CONTRACT.format("Tensor"))
    if not isinstance(returned, tuple) or len(returned) != 2 or not isinstance(returned[1], dict):
        raise RewardFault("contract", _CONTRACT.format("something else"))
    return returned[0], returned[1]


def _check(total: Any, terms: Any, env: Any) -> None:
    import torch

    rows = env.num_envs
    if not terms or len(terms) > 32:
        raise RewardFault("contract", "it returned {} terms; expected 1 to 32".format(len(terms)))
    for name, values in [("the total", total), *(("the term `{}`".format(name), term) for name, term in terms.items())]:
        shape = tuple(values.shape) if isinstance(values, torch.Tensor) else "of one {}".format(type(values).__name__)
        if shape != (rows,):
            raise RewardFault("contract", "{} has the shape {}, expected (B,), here ({},)".format(name, shape, rows))
        if not bool(torch.isfinite(values).all()):
            row = int((~torch.isfinite(values)).nonzero()[0, 0])
            raise RewardFault("non_finite", "{} is {} for row {} of {}".format(name, float(values[row]), row, rows))
