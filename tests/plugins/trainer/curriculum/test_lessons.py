"""A search in which every training goes through lessons."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import eureka
from eureka.checkpoint import CheckpointInfo

EUREKA = str(Path(sys.executable).with_name("eureka"))


def trainings(run):
    """Training's directory → its results, segment by segment."""
    found = defaultdict(list)
    for result in sorted(run.journal("result"), key=lambda r: int(r["dir"].rpartition("/")[2])):
        found[result["dir"].rpartition("/")[0]].append(result)
    return dict(found)


def test_each_training_goes_through_the_lessons_in_order_and_ends_in_the_task(learnt):
    run, _ = learnt
    for results in trainings(run).values():
        names = [result["lesson"] for result in results]
        assert names == sorted(names, key=["near", "half", ""].index) and {"near", "half", ""} == set(names)
        assert results[-1]["reached"] == 200 and sum(result["steps"] for result in results) == 200


def test_a_lesson_that_is_passed_leaves_its_steps_to_those_after_it(learnt):
    run, _ = learnt
    for results in trainings(run).values():
        near = [result for result in results if result["lesson"] == "near"]
        half = [result for result in results if result["lesson"] == "half"]
        seen = [point["fitness"] for result in near for point in result["checkpoints"]]
        assert seen and all(fitness < -0.05 for fitness in seen[:-1])
        assert seen[-1] >= -0.05 or near[-1]["reached"] == 60
        assert sum(result["steps"] for result in half) == 60


def test_only_the_tasks_own_checkpoints_are_a_candidates_fitness(learnt):
    run, _ = learnt
    results = trainings(run)
    for outcome in run.journal("outcome"):
        if outcome["shared_with"] is None:
            mine = results[outcome["dirs"][0].rpartition("/")[0]]
            own = [point["fitness"] for result in mine if not result["lesson"] for point in result["checkpoints"]]
            easier = [point["fitness"] for result in mine if result["lesson"] == "near" for point in result["checkpoints"]]
            assert outcome["fitness"] == max(own) < max(easier)  # near the goal from the start, every policy does well
            assert [*outcome["lesson_dirs"], *outcome["dirs"]] == [result["dir"] for result in mine]


def test_the_policy_of_the_run_is_one_of_the_task_and_says_who_trained_it(learnt):
    run, _ = learnt
    policy = eureka.open_run(run.run_dir).policy()
    folder = policy.path.relative_to(run.run_dir).parent
    assert {result["dir"]: result["lesson"] for result in run.journal("result")}[str(folder)] == ""
    info = CheckpointInfo.model_validate_json((policy.path / "checkpoint.json").read_text())
    assert info.trainer.endswith("parts.py:HillClimber")
    assert policy.act([0.5]).shape == (1,)
    assert not list(run.run_dir.glob("**/state"))


def test_the_lessons_are_told_before_and_in_the_report(learnt):
    run, printed = learnt
    assert "Lessons of each training, in steps: near (60 at most), half (60 at most), then the task itself (all)" in printed
    assert "Before the task itself came lessons (near, half), over after " in (run.run_dir / "report.html").read_text()


def test_the_first_prompt_tells_of_the_lessons_and_the_next_how_each_went(fake, lessons):
    assert fake.run(trainer=lessons, search={"iterations": 2, "samples": 2, "retest": 0}, final={"seeds": 0}).returncode == 0
    opening = fake.journal("asked")[0]["messages"][1]["content"]
    assert "trained in lessons, other versions of this task (near, half), then in the task itself" in opening
    [reflection] = fake.journal("reflection")
    assert "lesson near (until step " in reflection["text"] and "lesson half (until step " in reflection["text"]


def test_rewards_are_tried_on_recordings_of_every_lesson(learnt):
    import numpy as np

    run, _ = learnt
    recorded = np.abs(np.load(run.run_dir / "context" / "recordings.npz")["x"])
    own = len(recorded) // 3
    assert recorded[:own].max() > recorded[own : 2 * own].max()


def test_a_run_that_is_interrupted_in_a_lesson_comes_to_what_it_would_have(learnt, fake, lessons):
    whole, _ = learnt
    slow = {**lessons, "inner": {**lessons["inner"], "pause": 0.01}}
    search = {"iterations": 1, "samples": 3, "retest": 1}
    process = subprocess.Popen(
        [EUREKA, "run", fake.write(trainer=slow, search=search), "--run-dir", fake.run_dir],
        cwd=fake.folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not ((fake.run_dir / "journal.jsonl").exists() and len(fake.journal("result")) >= 2) and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130 and 2 <= len(fake.journal("result")) < len(whole.journal("result"))
    assert fake.eureka("resume", fake.run_dir).returncode == 0

    def numbers(run):
        kept = ("dir", "lesson", "checkpoints", "steps", "reached")
        return sorted(json.dumps([result[key] for key in kept]) for result in run.journal("result"))

    assert numbers(fake) == numbers(whole)
