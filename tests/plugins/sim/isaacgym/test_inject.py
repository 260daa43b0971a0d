"""The copy of a task that trains under another reward."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from eureka_isaacgym.isaac_worker.faults import Usage
from eureka_isaacgym.isaac_worker.inject import metrics, with_log, with_seam
from eureka_isaacgym.isaac_worker.source import Source

TASKS = Path(__file__).parent / "tree" / "isaacgymenvs" / "tasks"


def source(task: str) -> Source:
    return Source((TASKS / f"{task.lower()}.py").read_text(), task)


def compute_reward(text: str, task: str) -> list[str]:
    """The statements of the method, as Python writes them."""
    method = Source(text, task).methods["compute_reward"]
    return [ast.unparse(statement) for statement in method.body]


@pytest.mark.parametrize("task", ["Cartpole", "Ant"])
def test_the_reward_comes_from_the_seam_before_resets_and_successes_are_computed(task: str) -> None:
    body = [line for line in compute_reward(with_seam(source(task)), task) if not line.startswith("'")]
    assert body[0] == "self.rew_buf[:], self.rew_dict = self.eureka_reward()"
    call = next(number for number, line in enumerate(body) if "compute_success(" in line)
    assert body[call].startswith("self.gt_rew_buf, self.reset_buf[:], self.consecutive_successes[:] =") or body[call].startswith("(self.gt")
    assert body[call + 1] == "self.extras['gt_reward'] = self.gt_rew_buf.mean()"


def test_the_human_reward_goes_on_under_another_name_and_nothing_else_changes() -> None:
    before, after = source("Cartpole"), with_seam(source("Cartpole"))
    assert "def compute_success(" in after and "compute_cartpole_reward" not in after
    kept = [line for line in before.text.split("\n") if "rew_buf" not in line and "compute_cartpole_reward" not in line]
    assert all(line in after.split("\n") for line in kept)


def test_for_the_human_reward_only_a_log_line_is_added() -> None:
    before, after = source("Ant").text.split("\n"), with_log(source("Ant")).split("\n")
    added = [line for line in after if line not in before]
    assert added == ["        self.extras['gt_reward'] = self.rew_buf.mean()"]
    assert len(after) == len(before) + 1


def test_metrics_are_what_the_task_logs_by_name() -> None:
    assert metrics(source("Cartpole")) == ["consecutive_successes"]


def test_a_task_with_no_place_for_another_reward_is_told() -> None:
    text = "class T(VecTask):\n    def compute_reward(self):\n        self.rew_buf[:] = 1.0\n"
    with pytest.raises(Usage, match="no place for another reward"):
        with_seam(Source(text, "T"))
