"""Operation `describe`: what the environment is, measured over random actions, and recordings to check rewards on."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pluggy

from eureka.env import Array
from eureka.errors import ConfigError, EurekaError, RewardFailed
from eureka.hookspecs import ContextRequest, Derived, TrainingRequest
from eureka.job_types import DescribeJob, JobResult
from eureka.spaces import Box
from eureka.types import ArrayLibrary, Dropped, EnvContext, Isolation, Task, VariableInfo
from eureka.worker.alive import Alive
from eureka.worker.components import array_library, load_policy, make_recorder, reward_device, worker_hooks
from eureka.worker.declared import Bounds, declared_bounds
from eureka.worker.derive import check_left, derive, kept_anyway
from eureka.worker.describe_lessons import describe_lessons, with_lessons
from eureka.worker.finite import check_fitness
from eureka.worker.leaks import find_leaks, warnings
from eureka.worker.protocol import Events
from eureka.worker.random_rollout import ROWS, roll_out
from eureka.worker.recorder import Recorded, Recorder, all_names
from eureka.worker.reward_client import RewardHost
from eureka.worker.reward_sources import human_source

RECORDINGS = "context/recordings.npz"


def run(job: DescribeJob, directory: Path, events: Events) -> JobResult:
    """Roll the environment out at random; write `context/recordings.npz` with every variable, float64, a row per transition.

    Where the task declares no variables, the simulator derives them, and those that follow its reward or the fitness are left out.
    """
    hooks = worker_hooks(job.task, job.trainer)
    isolation = _tried(job.isolation, array_library(hooks))
    derived = None if job.task.variables else derive(hooks, job.task, job.seed)
    task = job.task if derived is None else job.task.model_copy(update={"variables": derived.variables})
    recorder = make_recorder(hooks, task, ROWS, all_names(task))
    recorder.on_steps, recorder.strict = Alive(events), True
    request = TrainingRequest(recorder.observation_space, recorder.action_space, job.steps, recorder.max_episode_steps)
    said = hooks.hook.eureka_check_training(request=request)
    if job.policy is not None and job.trainer is not None:
        try:
            load_policy(hooks, job.trainer, job.run_dir / job.policy, recorder)
        except EurekaError as error:
            raise ConfigError(f"search.start: no training here can begin with that run's policy: {error}") from None
    try:
        recorded = roll_out(recorder, job.seed)
        check_fitness(task, recorded)
    except RewardFailed as error:  # under random actions: no reward's doing
        raise ConfigError(error.message) from None
    task, dropped, told = _without_leaks(task, derived, recorded)
    told += _human_warning(task, recorded, job, array_library(hooks))
    context = _context(hooks, task, recorder, recorded)
    if derived is not None:
        context = context.model_copy(update={"derived": task.variables, "dropped": (*derived.dropped, *dropped)})
    limits, more = describe_lessons(job.lessons, task, recorder, hooks, job.seed, job.steps, Alive(events))
    recordings = with_lessons({name: recorded.flat(name) for name in all_names(task)}, more)
    path = job.run_dir / RECORDINGS
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        np.savez(file, **recordings)  # type: ignore[arg-type]
    recorder.close()
    told += tuple(line for lines in said for line in lines)
    found = {"warnings": told, "isolation": isolation, "lesson_episode_steps": limits}
    return JobResult(status="ok", context=context.model_copy(update=found))


def _human_warning(task: Task, recorded: Recorded, job: DescribeJob, library: ArrayLibrary) -> tuple[str, ...]:
    """Try the human reward: what is wrong with it should not show in the final evaluation, after a night's training.

    Returns a warning where nothing is to be trained, so that a task can be looked at while it is being written; else raises ConfigError.
    """
    try:
        human_source(task, library).compute(recorded)
    except ConfigError as error:
        if job.trainer is not None:
            raise
        return (f"The human reward is faulty, and no run begins before it is mended: {error}",)
    return ()


def _tried(isolation: Isolation | None, library: ArrayLibrary) -> str:
    """What holds a reward process here; empty where none will be started. Raises IsolationMissing, before a simulator is even made."""
    if isolation is None:
        return ""
    with closing(RewardHost(isolation=isolation, library=library)) as host:
        return host.probe()


def _without_leaks(task: Task, derived: Derived | None, recorded: Recorded) -> tuple[Task, list[Dropped], tuple[str, ...]]:
    """The task less what was derived and follows the reward or the fitness; that; and a warning about those that stay all the same."""
    leaks = find_leaks(task, recorded)
    if derived is None:
        return task, [], warnings(task, leaks, derived=False)
    kept = kept_anyway(task, derived)
    dropped = [Dropped(name=k.name, source=task.variables[k.name].source, reason=k.reason) for k in leaks if k.name not in kept]
    gone = {d.name for d in dropped}
    variables = {name: spec for name, spec in task.variables.items() if name not in gone}
    check_left(task, variables, (*derived.dropped, *dropped))
    told = warnings(task, [leak for leak in leaks if leak.name in kept], derived=True)
    return task.model_copy(update={"variables": variables}), dropped, told


def _context(hooks: pluggy.PluginManager, task: Task, recorder: Recorder, recorded: Recorded) -> EnvContext:
    names = all_names(task)
    variables = tuple(_info(task, name, recorded, recorder) for name in names if not name.startswith("prev_"))
    text = hooks.hook.eureka_extract_context(request=ContextRequest(task=task, variables=variables, env=recorder.env))
    low, high = recorder.action_space.bounds() if isinstance(recorder.action_space, Box) else (np.empty(0), np.empty(0))
    return EnvContext(
        task=task.name,
        description=task.description,
        text=text or "",
        variables=variables,
        has_prev=tuple(name[len("prev_") :] for name in names if name.startswith("prev_")),
        action_low=tuple(low.ravel().tolist()),
        action_high=tuple(high.ravel().tolist()),
        max_episode_steps=recorder.max_episode_steps,
        fold=task.fitness.fold,
        goal=task.fitness.goal,
        array_library=array_library(hooks),
        reward_device=reward_device(hooks),
    )


def _info(task: Task, name: str, recorded: Recorded, recorder: Recorder) -> VariableInfo:
    values = recorded.flat(name)
    spec = task.variables.get(name)
    meaning = spec.meaning if spec else {"terminated": "1 when the state reached ends the episode, else 0"}.get(name, "")
    columns = values.reshape(len(values), -1)
    declared = declared_bounds(spec.source if spec else name, recorder.observation_space, recorder.action_space)
    return VariableInfo(
        name=name,
        shape=values.shape[1:],
        meaning=meaning,
        unit=spec.unit if spec else "",
        goal=spec.goal if spec else None,
        low=tuple(columns.min(0).tolist()),
        mean=tuple(columns.mean(0).tolist()),
        high=tuple(columns.max(0).tolist()),
        bounds=_kept(declared, columns) if declared is not None and declared[0].shape == values.shape[1:] else None,
    )


def _kept(declared: Bounds, columns: Array) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Declared bounds, open where the environment itself does not keep to them. columns: recorded values, (B, entries)."""
    low, high = (bound.ravel() for bound in declared)
    low, high = np.where(columns.min(0) < low, -np.inf, low), np.where(columns.max(0) > high, np.inf, high)
    return tuple(low.tolist()), tuple(high.tolist())
