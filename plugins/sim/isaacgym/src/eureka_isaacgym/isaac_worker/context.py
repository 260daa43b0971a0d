"""What a model may read of a task, derived from its source: how it observes, and what its attributes are; no reward code."""

from __future__ import annotations

import ast
import re
from typing import Any, Dict, List, Set

from .inject import human_reward
from .source import Source, self_attribute

_OBSERVES = re.compile(r"^(compute_.*observations?.*|_update_states|compute_full_state|_compute_.*obs.*)$")
_REWARDS = re.compile(r"rew|success|reset|bonus|penalt|cost|gt_|extras|total_|camera")
"""What an attribute's name must not hold: it belongs to the reward, to the fitness, to drawing, or says which environments begin anew."""
_HANDLES = frozenset(
    [
        "gym",
        "sim",
        "envs",
        "viewer",
        "cfg",
        "device",
        "rl_device",
        "num_envs",
        "sim_params",
        "up_axis",
        "up_axis_idx",
        "obs_type",
        "debug_viz",
    ]
)
_BUFFERS = {"obs_buf": "Tensor", "states_buf": "Tensor", "progress_buf": "Tensor", "actions": "Tensor", "max_episode_length": "float"}
_MAKES_TENSORS = frozenset(
    ["to_torch", "clone", "wrap_tensor", "tensor_clamp", "torch_rand_float", "unscale", "scale", "quat_mul", "quat_apply", "quat_conjugate"]
)


def context_text(source: Source) -> str:
    """The methods that observe, and the functions of the module they call, as a model reads them."""
    methods = [node for name, node in source.methods.items() if _OBSERVES.match(name)]
    helpers = [f for name, f in source.functions.items() if name in _called(methods) and not _REWARDS.search(name)]
    inside = "\n\n".join(source.segment(node) for node in methods)
    outside = "\n\n".join(source.segment(node) for node in helpers)
    head = "class {}(VecTask):\n    # The rest of the environment is left out.\n\n".format(source.task.name)
    return "\n\n\n".join(part for part in (head + inside, outside) if part)


def attributes(source: Source, settings: Dict[str, Any] | None = None) -> Dict[str, str]:
    """Attributes of `self` that a reward may take → Tensor, float, int or bool, or empty where the source alone does not tell.

    Those that the observing methods read or write, `actions` and the episode's clock; none that only reward code uses. settings: the
    task's YAML as a mapping, for what `__init__` takes from it.
    """
    seen: Set[str] = set()
    for node in (node for name, node in source.methods.items() if _OBSERVES.match(name)):
        seen |= {self_attribute(part) for part in ast.walk(node)} - {""}
    types = _types(source, settings or {})
    assigned = {self_attribute(target) for target in _targets(source.task)}
    names = (seen & (assigned | set(_BUFFERS))) | ({"actions", "progress_buf", "obs_buf"} & (assigned | {"progress_buf", "obs_buf"}))
    names = {name for name in names if name not in _HANDLES and name not in source.methods and not _REWARDS.search(name)}
    return {name: types.get(name, "") for name in sorted(names) if types.get(name) != "other"}


def _called(methods: List[ast.FunctionDef]) -> Set[str]:
    calls = (node for method in methods for node in ast.walk(method) if isinstance(node, ast.Call))
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)}


def _targets(task: ast.ClassDef) -> List[ast.expr]:
    found: List[ast.expr] = []
    for node in ast.walk(task):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            found += target.elts if isinstance(target, ast.Tuple) else [target]
    return found


def _types(source: Source, settings: Dict[str, Any]) -> Dict[str, str]:
    """By name, from what is assigned to each; a second pass knows what the first has found."""
    types = dict(_BUFFERS, **_of_signature(source))
    for _ in range(2):
        for node in (part for part in ast.walk(source.task) if isinstance(part, ast.Assign)):
            for target in node.targets:
                name = self_attribute(target)
                # What an index is assigned is a part of it.
                if name and isinstance(target, ast.Attribute) and types.get(name, "") == "":
                    types[name] = _type(node.value, types, settings)
                elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Call):
                    types.update({self_attribute(place): "Tensor" for place in target.elts if isinstance(place, ast.Subscript)})
    return types


def _of_signature(source: Source) -> Dict[str, str]:
    """What the human reward's function says of the attributes it is given: its annotations, or its type comment."""
    human = human_reward(source)
    function, call = source.functions[human.function], human.call.value
    assert isinstance(call, ast.Call)
    told = [getattr(argument.annotation, "id", "") or "Tensor" for argument in function.args.args]
    text = b"\n".join(source.lines[function.lineno - 1 : function.body[0].lineno]).decode()
    comment = re.search(r"# type: \(([^)]*)\)", text)
    if comment:
        told = [part.strip() for part in comment.group(1).split(",")]
    given = [(self_attribute(value) if isinstance(value, ast.Attribute) else "") for value in call.args]
    return {name: kind for name, kind in zip(given, told) if name and kind in ("Tensor", "float", "int", "bool")}


def _type(value: ast.expr, types: Dict[str, str], settings: Dict[str, Any]) -> str:
    """Tensor, float, int, bool; `other` for what no reward can take; empty where it cannot be told."""
    if isinstance(value, ast.Constant):
        kind = type(value.value).__name__
        return kind if kind in ("float", "int", "bool") else "other"
    if isinstance(value, (ast.List, ast.Dict, ast.ListComp, ast.JoinedStr, ast.Set)):
        return "other"
    path = _setting(value)
    if path is not None:
        for key in path:
            settings = settings.get(key, {}) if isinstance(settings, dict) else {}
        kind = type(settings).__name__
        return kind if kind in ("float", "int", "bool") else ("" if settings == {} else "other")
    for node in ast.walk(value):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("torch", "gymtorch"):
            return "Tensor"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MAKES_TENSORS:
            return "Tensor"
        if types.get(self_attribute(node) if isinstance(node, ast.Attribute) else "") == "Tensor":
            return "Tensor"
    return ""


def _setting(value: ast.expr) -> List[str] | None:
    """The keys of `self.cfg["a"]["b"]`; None for anything else."""
    keys: List[str] = []
    while isinstance(value, ast.Subscript):
        key = getattr(value.slice, "value", value.slice)
        name = getattr(key, "value", key)
        if not isinstance(name, str):
            return None
        keys.insert(0, name)
        value = value.value
    return keys if keys and isinstance(value, ast.Attribute) and value.attr == "cfg" else None
