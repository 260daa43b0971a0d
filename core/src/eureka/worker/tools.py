"""`TrainTools`: environments, rewards, evaluation and records for a trainer, one set per job."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pluggy

from eureka.checkpoint import check_checkpoint
from eureka.errors import ConfigError, EurekaError, RewardFailed
from eureka.inner import innermost
from eureka.job_types import TrainJob
from eureka.seeds import derive_seed
from eureka.training import ActTogether, Policy
from eureka.types import Anew, Trial
from eureka.unmeasured import FOLDER
from eureka.worker.alive import Alive
from eureka.worker.checkpoint_evaluation import CheckpointEvaluation
from eureka.worker.components import array_library, make_recorder, reward_device
from eureka.worker.finite import check_fitness
from eureka.worker.measured import episode_seeds
from eureka.worker.protocol import Events
from eureka.worker.recorder import Array, Recorded, Recorder
from eureka.worker.reward_client import RewardHost
from eureka.worker.reward_sources import RewardSource, open_source, wanted_names, with_place
from eureka.worker.rewards_here import RewardsHere
from eureka.worker.trial_run import TrialRun, UnmeasuredRun
from eureka.worker.worker_confinement import confine_worker


class Tools:
    """See `eureka.training.TrainTools`."""

    def __init__(self, job: TrainJob, directory: Path, events: Events, hooks: pluggy.PluginManager) -> None:
        self.threads = job.threads
        self.workdir = directory
        self._job = job
        self._hooks = hooks
        self._events = events
        self._trials = {trial.id: trial for trial in job.trials}
        self._runs: dict[str, TrialRun] = {}
        self._sources: dict[str, RewardSource] = {}
        self._here = reward_device(hooks)
        self._host: RewardHost | RewardsHere
        if self._here is None:
            self._host = RewardHost(isolation=job.isolation, library=array_library(hooks))
        else:
            self._host = RewardsHere(array_library(hooks), self._here, self._confine)
        self._names = wanted_names(job, hooks, directory)
        self._ended: set[str] = set()
        self._alive = Alive(events)
        self._evaluation = CheckpointEvaluation(job, hooks, self._alive)
        self._lost: dict[str, RewardFailed] = {}
        self._spaces: Recorder | None = None
        self.faults: dict[str, str] = {}

    def _confine(self) -> str:
        folders = [self.workdir, *(self._job.run_dir / trial.dir / FOLDER for trial in self._job.trials)]
        return confine_worker(self._job.isolation, folders)

    @property
    def unfinished(self) -> list[str]:
        """Trials neither finished nor failed."""
        return [id_ for id_ in self._trials if id_ not in self._ended]

    def make_env(self, num_envs: int) -> Recorder:
        env = make_recorder(self._hooks, self._job.task, num_envs, self._names)
        env.on_steps = self._alive
        for trial in self._job.trials:
            if trial.policy:
                self._check_start(trial.policy, env)
        self._spaces = env
        return env

    def _check_start(self, policy: str, env: Recorder) -> None:
        """Raise ConfigError for a policy to begin with that another trainer wrote, or for other spaces."""
        try:
            check_checkpoint(self._job.run_dir / policy, innermost("trainer", self._job.trainer).use, env)
        except EurekaError as error:
            raise ConfigError(f"the policy to begin with: {error}") from None

    def row_seeds(self, trial: str, num_envs: int) -> list[int]:
        spec = self._trials[trial]
        self._run(spec)
        return [derive_seed("training", spec.seed, self._job.budget.start, "row", row) for row in range(num_envs)]

    def start_dir(self, trial: str) -> Path | None:
        spec = self._trials[trial]
        self._run(spec)
        return self._job.run_dir / spec.start / "state" if spec.start else None

    def anew(self, trial: str) -> frozenset[Anew]:
        return frozenset(self._trials[trial].anew)

    def start_policy(self, trial: str) -> Path | None:
        spec = self._trials[trial]
        self._run(spec)
        return self._job.run_dir / spec.policy if spec.policy else None

    def rewards(self, trial: str, transitions: Recorded) -> Array:
        spec = self._trials[trial]
        run = self._run(spec)
        before = run.collected(transitions.num_steps * transitions.num_envs)
        check_fitness(self._job.task, transitions, before)
        if trial not in self._sources:
            self._sources[trial] = open_source(spec, self._job, self._hooks, self._host, self.workdir)
            run.isolation = self._sources[trial].isolation
        source = self._sources[trial]
        try:
            total, components = source.compute(transitions)
        except RewardFailed as error:
            raise with_place(error, source, transitions, before) from None
        run.remark = source.remark()
        run.add_rewards(total, components)
        return total

    def after_update(self, steps: int, policies: Mapping[str, Policy], act: ActTogether | None = None) -> Mapping[str, RewardFailed]:
        there = [id_ for id_ in policies if id_ not in self._lost]
        due = {id_: index for id_ in there if (index := self._run(self._trials[id_]).due(steps))}
        for id_, index in due.items() if self._here is not None else ():
            run = self._runs[id_]
            assert isinstance(run, UnmeasuredRun) and self._spaces is not None
            run.save(index, policies[id_], self._spaces)
        if due and self._here is None:
            self._evaluate(due, policies, act if len(due) == len(policies) else None)
        return {id_: self._lost[id_] for id_ in policies if id_ in self._lost}

    def _evaluate(self, due: Mapping[str, int], policies: Mapping[str, Policy], act: ActTogether | None) -> None:
        """due: trial → checkpoint. act: that of exactly these."""
        started = time.time()
        seeds = [episode_seeds(self._trials[id_], self._job.budget, index) for id_, index in due.items()]
        found, env = self._evaluation.run([policies[id_] for id_ in due], seeds, act)
        for (id_, index), episodes in zip(due.items(), found, strict=True):
            self._runs[id_].checkpoint(index, policies[id_], episodes, env)
            if episodes.error is not None:
                self._lost[id_] = episodes.error
        ended = time.time()
        for id_, run in self._runs.items():
            if id_ not in self._ended:
                run.waited(started, ended, id_ in due)

    def finished(self, trial: str, save_state: Callable[[Path], None]) -> None:
        if trial in self._lost:  # the trainer did not look at what `after_update` returned
            self.failed(trial, self._lost[trial])
            return
        self._run(self._trials[trial]).finish(save_state)
        self._end(trial)

    def failed(self, trial: str, error: RewardFailed) -> None:
        if error.code == "resource":
            self.faults[trial] = error.message  # no result: the host tries the trial again
        else:
            self._run(self._trials[trial]).fail(error)
        self._end(trial)

    def close(self) -> None:
        """End every reward process and the evaluation environment."""
        self._evaluation.close()
        self._host.close()

    def _run(self, trial: Trial) -> TrialRun:
        """The trial's record, opened by whatever the trainer asks of it first; training time counts from then."""
        if trial.id not in self._runs:
            kind = TrialRun if self._here is None else UnmeasuredRun
            self._runs[trial.id] = kind(trial, self._job, self._events)
        return self._runs[trial.id]

    def _end(self, trial: str) -> None:
        self._ended.add(trial)
        source = self._sources.pop(trial, None)
        if source is not None:
            source.close()
