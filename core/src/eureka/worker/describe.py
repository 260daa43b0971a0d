"""Operation `describe`: what the environment is, measured over random actions, and recordings to check rewards on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from eureka.errors import ConfigError, RewardFailed
from eureka.hookspecs import ContextRequest
from eureka.job_types import DescribeJob, JobResult
from eureka.seeds import derive_seed
from eureka.spaces import Box
from eureka.types import EnvContext, VariableInfo
from eureka.worker.alive import Alive
from eureka.worker.components import make_recorder, worker_hooks
from eureka.worker.protocol import Events
from eureka.worker.recorder import Recorded, Recorder, all_names

ROWS, STEPS = 4, 256
RECORDINGS = "context/recordings.npz"


def run(job: DescribeJob, directory: Path, events: Events) -> JobResult:
    """Roll the environment out at random; write `context/recordings.npz` with every variable, float64, ROWS × STEPS transitions."""
    hooks = worker_hooks(job.task)
    names = all_names(job.task)
    recorder = make_recorder(hooks, job.task, ROWS, names)
    recorder.on_steps = Alive(events)
    try:
        recorded = _roll_out(recorder, job.seed)
    except RewardFailed as error:  # under random actions: no reward's doing
        raise ConfigError(error.message) from None
    path = job.run_dir / RECORDINGS
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        np.savez(file, **{name: recorded.flat(name) for name in names})  # type: ignore[arg-type]
    variables = tuple(_info(job, name, recorded) for name in names if not name.startswith("prev_"))
    text = hooks.hook.eureka_extract_context(request=ContextRequest(task=job.task, variables=variables, env=recorder.env))
    low, high = recorder.action_space.bounds() if isinstance(recorder.action_space, Box) else (np.empty(0), np.empty(0))
    recorder.close()
    context = EnvContext(
        task=job.task.name,
        description=job.task.description,
        text=text or "",
        variables=variables,
        has_prev=tuple(name[len("prev_") :] for name in names if name.startswith("prev_")),
        action_low=tuple(low.ravel().tolist()),
        action_high=tuple(high.ravel().tolist()),
        max_episode_steps=recorder.max_episode_steps,
        fold=job.task.fitness.fold,
        goal=job.task.fitness.goal,
    )
    return JobResult(status="ok", context=context)


def _roll_out(recorder: Recorder, seed: int) -> Recorded:
    generators = [np.random.default_rng(derive_seed("design", seed, "action", row)) for row in range(ROWS)]
    recorder.reset([derive_seed("design", seed, "row", row) for row in range(ROWS)])
    for _ in range(STEPS):
        recorder.step(np.stack([recorder.action_space.sample(rng) for rng in generators]))
    return recorder.take()


def _info(job: DescribeJob, name: str, recorded: Recorded) -> VariableInfo:
    values = recorded.flat(name)
    spec = job.task.variables.get(name)
    meaning = spec.meaning if spec else {"terminated": "1 when the state reached ends the episode, else 0"}.get(name, "")
    columns = values.reshape(len(values), -1)
    return VariableInfo(
        name=name,
        shape=values.shape[1:],
        meaning=meaning,
        unit=spec.unit if spec else "",
        goal=spec.goal if spec else None,
        low=tuple(columns.min(0).tolist()),
        mean=tuple(columns.mean(0).tolist()),
        high=tuple(columns.max(0).tolist()),
    )
