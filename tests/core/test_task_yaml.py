"""A task written as YAML is the same task when it is read."""

from __future__ import annotations

import pytest

from eureka.config_loading import DEFAULTS
from eureka.config_parts import parse
from eureka.task_yaml import task_yaml
from eureka.types import ComponentSpec, Dropped, Fitness, Task, VariableSpec
from eureka.yaml_source import parse_yaml, read_yaml

NASTY = (
    "a: b # c",
    "'",
    '"',
    "[x], {y}",
    "- z",
    "&a *b !c %d @e `f`",
    "1e3",
    "null",
    "yes",
    "2024-01-01",
    "é – 角",
    "two\nlines",
    " x ",
    "",
    "\\n",
)


def read(text: str) -> Task:
    return parse({**read_yaml(DEFAULTS).data, "task": parse_yaml(text, "task.yaml").data}, lambda path: "").task


def a_task(**changes: object) -> Task:
    task = Task(
        name="pole",
        description="Keep it up.",
        sim=ComponentSpec(use="gymnasium", options={"env": "Pole-v1"}),
        variables={
            "angle": VariableSpec(source="obs[0]", meaning="lean", unit="rad", goal="zero"),
            "action": VariableSpec(source="action"),
        },
        fitness=Fitness(value="native"),
    )
    return task.model_copy(update=changes)


def test_a_task_is_a_line_per_variable_as_a_person_would_write_it() -> None:
    task = a_task(fitness=Fitness(value="length", fold="last", solved=475))
    assert task_yaml(task, task.sim.as_yaml(), [Dropped(name="score", source="env.score", reason="its name speaks of reward")]) == (
        "name: pole\n"
        "description: Keep it up.\n"
        "sim: {use: gymnasium, env: Pole-v1}\n"
        "variables:\n"
        "  angle: {from: 'obs[0]', meaning: lean, unit: rad, goal: zero}\n"
        "  action: {from: action}\n"
        "  # Left out, for it would tell a reward what it is measured by; to have it all the same, take the first # away:\n"
        "  # score: {from: env.score}  # its name speaks of reward\n"
        "fitness: {value: length, fold: last, goal: maximize, solved: 475.0}\n"
        "human: native\n"
    )


@pytest.mark.parametrize("text", NASTY)
def test_any_text_survives(text: str) -> None:
    task = a_task(
        description=text,
        sim=ComponentSpec(use="x", options={"env": text, "kwargs": {"deep": [text, {"n": 1}]}}),
        variables={"true": VariableSpec(source="obs[0]", meaning=text, unit=text), "null": VariableSpec(source="action")},
        human=text,
        terminated_is_success=True,
    )
    written = task_yaml(task, task.sim.as_yaml(), [Dropped(name="hidden", source=text, reason=text)])
    assert read(written) == task
    assert "hidden" not in read(written).variables


def test_a_dropped_variable_is_there_when_its_comment_sign_is_taken_away() -> None:
    task = a_task()
    written = task_yaml(task, task.sim.as_yaml(), [Dropped(name="score", source="env.hull['a: b'] # c", reason="it: leaks # a lot")])
    assert read(written.replace("# score", "score", 1)).variables["score"].source == "env.hull['a: b'] # c"


def test_a_task_without_variables_has_none_when_it_is_read() -> None:
    task = a_task(variables={})
    assert read(task_yaml(task, task.sim.as_yaml())) == task
