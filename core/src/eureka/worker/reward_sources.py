"""Where a trial's reward comes from: a candidate in its reward process, the human reward, or the fitness itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pluggy

from eureka.builtin.bind import FUNCTION
from eureka.errors import ConfigError, RewardFailed
from eureka.extraction import inspect_arguments
from eureka.hookspecs import Injection, InjectRequest
from eureka.job_types import TrainJob
from eureka.types import ArrayLibrary, Task, Trial
from eureka.worker.components import array_library, reward_device
from eureka.worker.functions import load_human
from eureka.worker.recorder import Array, Recorded, all_names
from eureka.worker.reward_client import RewardHost
from eureka.worker.rewards_here import RewardsHere

Rewards = tuple[Array, dict[str, Array]]
_VALUES_TOLD = 6


class RewardSource(NamedTuple):
    """compute: recorded steps → total (T, N) and components, each (T, N), contiguous: a sum over a view of a cohort's batch may end in
    another bit than one over a batch of the trial's own. close: end what computes it.

    isolation: what holds the process it is computed in, as in `TrainResult`. arguments: the variables it takes. remark: what is to be known
    of what it has computed so far.
    """

    compute: Callable[[Recorded], Rewards]
    close: Callable[[], None] = lambda: None
    isolation: str = "trusted"
    arguments: tuple[str, ...] = ()
    remark: Callable[[], str] = lambda: ""


def wanted_names(job: TrainJob, hooks: pluggy.PluginManager, workdir: Path) -> tuple[str, ...]:
    """The union of the variables the cohort's rewards take, in the task's order."""
    wanted: set[str] = set()
    for trial in job.trials:
        wanted.update(_arguments(trial, job, hooks, workdir))
    return tuple(name for name in all_names(job.task) if name in wanted)


def open_source(trial: Trial, job: TrainJob, hooks: pluggy.PluginManager, host: RewardHost | RewardsHere, workdir: Path) -> RewardSource:
    """Raises RewardFailed when a candidate's program does not even load."""
    if trial.reward == "fitness":
        return RewardSource(lambda recorded: (np.ascontiguousarray(recorded.fitness_reward), {}))
    if trial.reward == "human":
        return _failing_alone(human_source(job.task, array_library(hooks), reward_device(hooks) or "cpu"))
    return candidate_source(trial.code, job.task, hooks, host, workdir)


def candidate_source(code: str, task: Task, hooks: pluggy.PluginManager, host: RewardHost | RewardsHere, workdir: Path) -> RewardSource:
    """A candidate in a process of its own, or in this one. Raises RewardFailed when the program does not even load."""
    injection = _inject(code, task, hooks, workdir)
    process = host.start(injection.code, FUNCTION, injection.arguments)

    def compute(recorded: Recorded) -> Rewards:
        return _shaped(recorded, *process.call({name: recorded.flat(name) for name in injection.arguments}))

    return RewardSource(compute, process.close, process.isolation, injection.arguments, lambda: process.gave_up)


def with_place(error: RewardFailed, source: RewardSource, recorded: Recorded, before: int) -> RewardFailed:
    """The error, and where it is about a row: which environment step that was, and what the reward was given there.

    before: environment steps the trial had made before those recorded.
    """
    if error.row is None:
        return error
    given = {name: recorded.flat(name)[error.row] for name in source.arguments}
    numbers = [f"{name} = {value.item():.6g}" for name, value in given.items() if value.size == 1][:_VALUES_TOLD]
    where = f", where {', '.join(numbers)}" if numbers else ""
    return RewardFailed(error.code, f"{error.message}; that row is environment step {before + error.row + 1:,}{where}", row=error.row)


def _failing_alone(source: RewardSource) -> RewardSource:
    """The human reward in training: where it breaks on what a policy came to, its trial fails, as a candidate's would, and no other."""

    def compute(recorded: Recorded) -> Rewards:
        try:
            return source.compute(recorded)
        except ConfigError as error:
            raise RewardFailed("error", str(error)) from None

    return source._replace(compute=compute)


def human_source(task: Task, library: ArrayLibrary = "numpy", device: str = "cpu") -> RewardSource:
    """The task's human reward. device: of torch's tensors.

    Raises ConfigError, as `compute` does, for a file that does not load or breaks the contract.
    """
    if task.human == "native":
        return RewardSource(lambda recorded: (np.ascontiguousarray(recorded.native), {}))
    human = load_human(Path(task.human), all_names(task), library, device)

    def compute(recorded: Recorded) -> Rewards:
        return _shaped(recorded, *human({name: recorded.flat(name) for name in human.arguments}))

    return RewardSource(compute)


def _arguments(trial: Trial, job: TrainJob, hooks: pluggy.PluginManager, workdir: Path) -> tuple[str, ...]:
    if trial.reward == "candidate":
        with contextlib.suppress(RewardFailed):  # it will say so, alone, when its source is opened
            return _inject(trial.code, job.task, hooks, workdir).arguments
    if trial.reward == "human" and job.task.human != "native":
        return inspect_arguments(Path(job.task.human).read_text(), FUNCTION)
    return ()


def _inject(code: str, task: Task, hooks: pluggy.PluginManager, workdir: Path) -> Injection:
    request = InjectRequest(code=code, variables=tuple(all_names(task)), workdir=workdir)
    injection: Injection = hooks.hook.eureka_inject_reward(request=request)
    return injection


def _shaped(recorded: Recorded, total: Array, components: dict[str, Array]) -> Rewards:
    shape = (recorded.num_steps, recorded.num_envs)
    return np.asarray(total).reshape(shape), {name: np.asarray(values).reshape(shape) for name, values in components.items()}
