"""What a model may read of a task."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

from eureka_isaacgym.isaac_worker.context import attributes, context_text
from eureka_isaacgym.isaac_worker.source import Source, without_comments

TREE = Path(__file__).parent / "tree" / "isaacgymenvs"


def source(task: str) -> Source:
    return Source((TREE / "tasks" / f"{task.lower()}.py").read_text(), task)


@pytest.mark.parametrize("task", ["Cartpole", "Ant"])
def test_it_holds_how_the_task_observes_and_no_reward_code(task: str) -> None:
    text = context_text(source(task))
    ast.parse(text)
    assert "def compute_observations(self):" in text
    assert not re.search(r"rew|success|reset|42", text)


def test_it_holds_the_functions_that_observing_calls() -> None:
    assert "def compute_ant_observations(" in context_text(source("Ant"))


def test_attributes_are_those_that_observing_reads_or_writes_with_types_from_source_and_settings() -> None:
    settings = yaml.safe_load((TREE / "cfg" / "task" / "Ant.yaml").read_text())
    found = attributes(source("Ant"), settings)
    tensors = {"root_states", "targets", "potentials", "prev_potentials", "dof_pos", "dof_vel", "actions", "obs_buf", "progress_buf"}
    assert {name for name, kind in found.items() if kind == "Tensor"} == tensors | {"vec_sensor_tensor"}
    assert {name: kind for name, kind in found.items() if kind != "Tensor"} == {"dof_vel_scale": "float", "dt": "float"}


def test_what_only_reward_code_uses_is_no_attribute_for_a_reward() -> None:
    found = attributes(source("Ant"))
    assert not {"up_weight", "actions_cost_scale", "consecutive_successes", "rew_buf", "reset_buf"} & set(found)


def test_without_settings_a_number_from_them_has_no_type() -> None:
    assert attributes(source("Ant"))["dof_vel_scale"] == ""


def test_comments_go_and_type_comments_stay() -> None:
    head = "    def f(a):\n        # type: (float) -> float\n"
    text = head + '        """Words."""\n        x = "# no comment"  # the reward\n\n        return a'
    assert without_comments(text) == head + '        x = "# no comment"\n        return a'
