"""Operation `evaluate`: saved checkpoints on fresh episodes. Loads no reward."""

from __future__ import annotations

import time
from pathlib import Path

from eureka.final_types import FreshEvaluation
from eureka.job_types import EvaluateJob, JobResult
from eureka.types import TrialError
from eureka.worker.alive import Alive
from eureka.worker.components import load_policy, make_recorder, worker_hooks
from eureka.worker.evaluate import evaluate_policies
from eureka.worker.protocol import Events


def run(job: EvaluateJob, directory: Path, events: Events) -> JobResult:
    """One `FreshEvaluation` per checkpoint, all on the same episodes; with an error where its policy drives the fitness out of bounds."""
    hooks = worker_hooks(job.task, job.trainer)
    env = make_recorder(hooks, job.task, len(job.seeds), ())
    env.on_steps = Alive(events)
    fresh = []
    for name, spec in job.checkpoints:
        started = time.time()
        policy = load_policy(hooks, job.trainer, job.run_dir / name / "checkpoint", env)
        (episodes,) = evaluate_policies(env, [policy.act], [job.seeds], job.task.fitness.fold, rows_per_episode=0)
        failed = episodes.error
        fresh.append(
            FreshEvaluation(
                dir=name,
                spec=spec,
                fitness=tuple(episodes.fitness.tolist()) if failed is None else (),
                steps=episodes.steps,
                interval=(started, time.time()),
                error=TrialError(code=failed.code, message=f"on fresh episodes: {failed.message}") if failed is not None else None,
            )
        )
    env.close()
    return JobResult(status="ok", fresh=tuple(fresh))
