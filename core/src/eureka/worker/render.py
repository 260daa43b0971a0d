"""Operation `render`: episodes of a saved policy, for somebody to watch. Loads no reward."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import cast

import numpy as np

from eureka.env import LONGEST_EPISODE, RenderedEnv
from eureka.errors import EurekaError
from eureka.final_types import PlayedEpisode
from eureka.job_types import JobResult, RenderJob
from eureka.training import Policy
from eureka.worker.alive import Alive
from eureka.worker.components import load_policy, make_recorder, worker_hooks
from eureka.worker.film import Film
from eureka.worker.finite import not_finite
from eureka.worker.fold import Fold
from eureka.worker.protocol import Events
from eureka.worker.recorder import Recorder


def run(job: RenderJob, directory: Path, events: Events) -> JobResult:
    """Play the job's episodes one after another, telling of each as it ends. Raises EurekaError for what cannot be shown."""
    hooks = worker_hooks(job.task, job.trainer)
    env = make_recorder(hooks, job.task, 1, (), "human" if job.window else "rgb_array" if job.video is not None else None)
    env.on_steps = Alive(events)
    policy = load_policy(hooks, job.trainer, job.run_dir / job.checkpoint, env)
    film = Film(cast(RenderedEnv, env.env), job.video, job) if job.video is not None else None
    played = []
    for seed in job.seeds:
        played.append(play(env, policy, seed, film.look if film is not None else lambda last: None))
        events.write("played", episode=played[-1].model_dump())
    if film is not None:
        film.close()
    env.close()
    return JobResult(status="ok", played=tuple(played), cut=film is not None and film.cut)


def play(env: Recorder, policy: Policy, seed: int, look: Callable[[bool], None]) -> PlayedEpisode:
    """One episode under deterministic actions, as an evaluation's: the same seed, the same figures.

    env: of one row. look: called in the reset state and after every step, with whether that was the last one.
    """
    observations = env.reset([seed]).observations
    look(False)
    limit, folded, native, row = env.max_episode_steps or LONGEST_EPISODE, Fold(env.task.fitness.fold, 1), 0.0, np.ones(1, np.bool_)
    for length in count(1):
        step = env.step(policy.act(observations))
        recorded = env.take()  # step by step, so that a long episode takes no more memory
        fitness = recorded.fitness[0]
        if not np.isfinite(fitness[0]):
            raise EurekaError(not_finite(env.task, fitness[0], f"step {length} of the episode with seed {seed}").message)
        folded.add(fitness, row)
        native += float(recorded.native[0, 0])
        terminated = bool(step.terminated[0])
        last = terminated or bool(step.truncated[0]) or length >= limit
        look(last)
        if last:
            break
        observations = step.observations
    own = native if math.isfinite(native) else None
    return PlayedEpisode(seed=seed, fitness=float(folded.result()[0]), native=own, steps=length, terminated=terminated)
