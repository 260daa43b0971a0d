"""No false alarms: rewards as a good model writes them, in many styles, pass every check on the shipped tasks they are for."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from eureka.config import load_config
from eureka.job_types import CheckJob, DescribeJob
from eureka.static_check import check
from eureka.tasks import list_tasks
from eureka.types import Candidate, Verdict
from eureka.worker import check as worker_check
from eureka.worker import describe
from eureka.worker.protocol import Events
from eureka.worker.variables import all_names

REWARDS = Path(__file__).parents[1] / "corpus_good"
TASKS = sorted(folder.name for folder in REWARDS.iterdir() if folder.is_dir())
FILES = sorted(REWARDS.rglob("*.py"))
ROBOTS = ("ant", "pusher")


def test_there_are_rewards_for_every_sort_of_shipped_task():
    assert set(TASKS) <= set(list_tasks())
    # Of the robots two whose variables are vectors: a few rewards each say what those of scalars do not.
    assert len(FILES) >= 74 and all(len(list((REWARDS / task).iterdir())) >= (4 if task in ROBOTS else 11) for task in TASKS)


@pytest.mark.parametrize("task", TASKS)
def test_a_good_reward_passes_the_static_check(task):
    variables = all_names(load_config(task, only={"sim"}).task)
    refused = {file.name: str(check(file.read_text(), variables)) for file in FILES if file.parent.name == task}
    assert set(refused.values()) == {"None"}, refused


def test_a_good_reward_is_checked_in_no_time():
    variables = {task: all_names(load_config(task, only={"sim"}).task) for task in TASKS}
    started = time.process_time()
    for file in FILES:
        check(file.read_text(), variables[file.parent.name])
    assert (time.process_time() - started) / len(FILES) < 0.02


@pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")
@pytest.mark.parametrize("name", TASKS)
def test_a_good_reward_passes_the_whole_check_on_the_environment(tmp_path, name):
    task = load_config(name, only={"sim"}).task
    context = describe.run(DescribeJob(run_dir=tmp_path, task=task, seed=0), tmp_path, Events(tmp_path)).context
    rewards = {f"r0i0s{i:02}": file for i, file in enumerate(file for file in FILES if file.parent.name == name)}
    with (tmp_path / "candidates.jsonl").open("w") as lines:
        for id_, file in rewards.items():
            candidate = Candidate(id=id_, restart=0, iteration=0, sample=0, code=file.read_text(), sha256="")
            lines.write(candidate.model_dump_json() + "\n")
        lines.write("end\n")
    job = CheckJob(run_dir=tmp_path, task=task, context=context, isolation="best-effort")
    worker_check.run(job, tmp_path, Events(tmp_path))
    verdicts = [Verdict.model_validate_json(line) for line in (tmp_path / "verdicts.jsonl").read_text().splitlines()]
    assert len(verdicts) == len(rewards)
    assert {rewards[v.candidate].name: f"{v.code} line {v.line}: {v.message}" for v in verdicts if not v.accepted} == {}
