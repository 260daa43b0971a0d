"""Operation `measure`: what trainings saved that computed their rewards themselves, measured as any other. Loads no reward."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pluggy

from eureka.errors import EurekaError
from eureka.files import sync_tree, write_atomically
from eureka.job_types import JobResult, MeasureJob
from eureka.training import Policy
from eureka.types import TrainResult, Trial, TrialError
from eureka.unmeasured import FOLDER, Trained
from eureka.worker.alive import Alive
from eureka.worker.checkpoint_evaluation import CheckpointEvaluation
from eureka.worker.components import load_policy, make_recorder, worker_hooks
from eureka.worker.evaluate import EvaluationEpisodes
from eureka.worker.measured import Measured, episode_seeds
from eureka.worker.protocol import Events
from eureka.worker.recorder import Recorder


def run(job: MeasureJob, directory: Path, events: Events) -> JobResult:
    """Measure every saved checkpoint of every trial on the episodes that are its own, and write each trial's `result.json`."""
    hooks = worker_hooks(job.task, job.trainer)
    trained = {trial.id: _trained(job, trial) for trial in job.trials}
    saved = [(trial, one) for trial in job.trials for one in trained[trial.id].saved]
    found: list[EvaluationEpisodes] = []
    started = time.time()
    if saved:
        env = make_recorder(hooks, job.task, 1, ())
        policies = [_policy(hooks, job, job.run_dir / trial.dir / FOLDER / str(one.index), env) for trial, one in saved]
        env.close()
        with closing(CheckpointEvaluation(job, hooks, Alive(events))) as evaluation:
            found, _ = evaluation.run(policies, [episode_seeds(trial, job.budget, one.index) for trial, one in saved], None)
    episodes = {(trial.id, one.index): those for (trial, one), those in zip(saved, found, strict=True)}
    interval = (started, time.time())
    for trial in job.trials:
        result = _result(job, trial, trained[trial.id], episodes, interval)
        fitness = max((one.fitness for one in result.checkpoints), key=job.task.fitness.score, default=None)
        events.write("progress", trial=trial.id, steps=result.reached, fitness=fitness, status=result.status)
    return JobResult(status="ok")


def _trained(job: MeasureJob, trial: Trial) -> Trained:
    trained = Trained.of(job.run_dir / trial.dir, job.specs[trial.id])
    if trained is None:
        raise RuntimeError(f"{job.run_dir / trial.dir / FOLDER}: what the training of {trial.id} left there is gone or damaged.")
    return trained


def _policy(hooks: pluggy.PluginManager, job: MeasureJob, path: Path, env: Recorder) -> Policy:
    """One that does not load is a crash, and so its own trial's fault: who saved it ran a candidate's code."""
    try:
        return load_policy(hooks, job.trainer, path, env)
    except EurekaError as error:
        raise RuntimeError(f"a policy that was saved does not load: {error}") from error


def _result(
    job: MeasureJob,
    trial: Trial,
    trained: Trained,
    episodes: Mapping[tuple[str, int], EvaluationEpisodes],
    interval: tuple[float, float],
) -> TrainResult:
    """Write the trial's result, with all that lies beside it, from what was saved and measured."""
    folder = job.run_dir / trial.dir
    left, measured, best = folder / FOLDER, Measured(job.task), 0
    status, error = trained.status, trained.error
    for one in trained.saved:
        those = episodes[trial.id, one.index]
        measured.steps += those.steps
        if those.error is not None:  # measured in training, this would have ended it
            why = those.error
            status, error = "failed", TrialError(code=why.code, message=f"after {one.steps:,} environment steps: {why.message}")
            break
        best = one.index if measured.add(one.index, one.steps, one.components, those) else best
        if job.keep_all and trial.reward == "candidate":
            _copy(left / str(one.index), folder / "checkpoints" / str(one.steps))
    if best:
        _copy(left / str(best), folder / "checkpoint")
    if status == "ok":
        measured.save_episodes(folder)
        if (left / "state").exists():
            (left / "state").rename(folder / "state")
    result = TrainResult(
        trial=trial.id,
        dir=trial.dir,
        spec=trained.spec,
        lesson=job.lesson,
        status=status,
        checkpoints=tuple(measured.checkpoints),
        steps=trained.steps,
        reached=trained.reached,
        evaluation_steps=measured.steps,
        error=error,
        isolation=trained.isolation,
        remark=trained.remark,
        training_intervals=trained.training_intervals,
        evaluation_intervals=(interval,) if measured.steps else (),
    )
    sync_tree(folder)
    write_atomically(folder / "result.json", result.model_dump_json())
    shutil.rmtree(left)
    return result


def _copy(saved: Path, place: Path) -> None:
    """Replace a checkpoint by a copy. No link is followed: who saved it ran a candidate's code."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(saved, place, symlinks=True)
