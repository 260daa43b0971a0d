"""Writes a task as the `task.yaml` a person would write: a variable a line, what was left out as comments."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML

from eureka.builtin.outside_text import one_line
from eureka.types import Dropped, Task


def task_yaml(task: Task, sim: Mapping[str, Any], dropped: Sequence[Dropped] = ()) -> str:
    """The task as YAML that loads again, ready to edit. sim: its `use` and the options worth writing. dropped: become comments."""
    variables = {name: variable.model_dump(mode="json", by_alias=True, exclude_defaults=True) for name, variable in task.variables.items()}
    fitness = task.fitness.model_dump(mode="json", exclude_none=True)
    lines = [_line("name", task.name), _line("description", task.description), _line("sim", dict(sim))]
    lines += ["variables:", *(f"  {_line(name, spec)}" for name, spec in variables.items())] if variables else ["variables: {}"]
    if dropped:
        lines.append("  # Left out, for it would tell a reward what it is measured by; to have it all the same, take the first # away:")
        lines += [f"  # {_line(one_line(d.name), {'from': one_line(d.source)})}  # {one_line(d.reason)}" for d in dropped]
    lines += [_line("fitness", fitness), _line("human", task.human)]
    if task.terminated_is_success:
        lines.append(_line("terminated_is_success", True))
    return "".join(f"{line}\n" for line in lines)


def _line(key: str, value: Any) -> str:
    """`key: value` on one line, whatever is in it."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 2**16
    yaml.representer.ignore_aliases = lambda *_: True
    out = io.StringIO()
    yaml.dump({key: value}, out)
    return out.getvalue().strip()[1:-1]
