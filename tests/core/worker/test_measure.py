"""What a training left unmeasured, and what becomes of it where something is wrong with it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from eureka.errors import RewardFailed
from eureka.job_types import MeasureJob, TrainJob
from eureka.types import Budget, Task, TrainResult, Trial
from eureka.unmeasured import FOLDER, Trained
from eureka.worker import measure, train
from eureka.worker.checkpoint_evaluation import CheckpointEvaluation
from eureka.worker.protocol import Events

PARTS = Path(__file__).parents[1] / "fakes" / "parts.py"
NEAR = "import numpy as np\n\ndef compute_reward(x):\n    return -np.abs(x), {'near': -np.abs(x)}\n"
BROKEN = "def compute_reward(x):\n    return x[:len(x) - (len(x) == 20)], {'x': x}\n"


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """Train these rewards in this process, which stays as free as it is; the job that is to measure them."""
    monkeypatch.setattr("eureka.worker.tools.confine_worker", lambda isolation, folders: "worker:tested")
    monkeypatch.setattr("eureka.worker.train.keep_temporary_files", lambda folder: None)
    task = {
        "name": "point",
        "description": "Go to zero.",
        "sim": f"{PARTS}:PointSimWithRewards",
        "variables": {"x": {"from": "x"}, "action": {"from": "action"}},
        "fitness": {"value": "native", "fold": "mean"},
    }

    def run(*codes: str, end: int = 200) -> MeasureJob:
        trials = [Trial(id=f"t{k}", reward="candidate", code=code, seed=7, dir=f"t{k}/0") for k, code in enumerate(codes)]
        job = TrainJob(
            run_dir=tmp_path,
            task=Task.model_validate(task),
            trainer=f"{PARTS}:HillClimber",
            trials=tuple(trials),
            budget=Budget(start=0, end=end, total=200, checkpoints=5, episodes=3),
            isolation="best-effort",
            specs={trial.id: f"spec of {trial.id}" for trial in trials},
        )
        (tmp_path / "job").mkdir()
        assert train.run(job, tmp_path / "job", Events(tmp_path / "job")).status == "ok"
        assert not list(tmp_path.rglob("transitions.npz")) and not list(tmp_path.rglob("t*/0/result.json"))
        return MeasureJob(**job.model_dump(exclude={"op", "isolation", "alone"}))

    return run


def measured(job: MeasureJob) -> dict[str, TrainResult]:
    assert measure.run(job, job.run_dir / "job", Events(job.run_dir / "job")).status == "ok"
    paths = {trial.id: job.run_dir / trial.dir / "result.json" for trial in job.trials}
    return {id_: TrainResult.model_validate_json(path.read_bytes()) for id_, path in paths.items()}


def test_every_checkpoint_is_measured_and_one_that_failed_keeps_its_reason(trained):
    job = trained(NEAR, BROKEN)
    each = measured(job)
    assert [point.index for point in each["t0"].checkpoints] == [1, 2, 3, 4, 5] and each["t0"].status == "ok"
    assert each["t0"].evaluation_steps == 5 * 3 * 10 and each["t0"].isolation == "worker:tested"
    assert each["t1"].status == "failed" and each["t1"].steps == 20 and not each["t1"].checkpoints
    assert each["t1"].error.message == "after 20 environment steps: total has shape (19,); expected (20,)"
    folder = job.run_dir / "t0" / "0"
    assert {path.name for path in folder.iterdir()} == {"checkpoint", "result.json", "transitions.npz"}


def test_what_the_next_segment_needs_comes_to_where_it_looks(trained):
    job = trained(NEAR, end=100)
    measured(job)
    assert (job.run_dir / "t0" / "0" / "state" / "trainer").exists()


def test_a_fitness_that_is_not_finite_fails_the_trial_at_its_checkpoint(trained, monkeypatch):
    job, evaluate = trained(NEAR), CheckpointEvaluation.run

    def lost(self, *arguments):
        found, env = evaluate(self, *arguments)
        found[1] = dataclasses.replace(found[1], error=RewardFailed("fitness", "the fitness is nan"))
        return found, env

    monkeypatch.setattr(CheckpointEvaluation, "run", lost)
    result = measured(job)["t0"]
    assert (result.status, result.steps, len(result.checkpoints)) == ("failed", 200, 1)
    assert (result.error.code, result.error.message) == ("fitness", "after 80 environment steps: the fitness is nan")


def test_a_policy_that_does_not_load_is_a_crash_and_not_the_user_s_mistake(trained):
    job = trained(NEAR)
    (job.run_dir / "t0" / "0" / FOLDER / "2" / "checkpoint.json").write_text("{}")
    with pytest.raises(RuntimeError, match="a policy that was saved does not load"):
        measured(job)


@pytest.mark.parametrize("text", ["", "[]", '{"spec": "another", "status": "ok"}'])
def test_what_is_damaged_or_of_another_training_counts_as_not_there(tmp_path, text):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "trained.json").write_text(text)
    assert Trained.of(tmp_path, "this") is None
