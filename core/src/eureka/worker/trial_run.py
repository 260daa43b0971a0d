"""One segment of one trial as core keeps it: progress, checkpoints, curves and the result."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pluggy

from eureka.checkpoint import write_checkpoint
from eureka.errors import RewardFailed
from eureka.files import sync_tree, write_atomically
from eureka.job_types import TrainJob
from eureka.seeds import derive_seed
from eureka.training import Policy
from eureka.transitions import save_transitions
from eureka.types import CheckpointResult, TrainResult, Trial, TrialError
from eureka.worker.alive import Alive
from eureka.worker.components import make_recorder
from eureka.worker.evaluate import EvaluationEpisodes, TransitionLog, evaluate_policy
from eureka.worker.protocol import Events
from eureka.worker.recorder import Array, Recorder, all_names


class TrialRun:
    """Opened when the trainer first touches the trial, closed by `finish` or `fail`, which write `result.json`."""

    def __init__(self, trial: Trial, job: TrainJob, hooks: pluggy.PluginManager, events: Events, alive: Alive) -> None:
        self.trial = trial
        self.isolation = ""
        self._job = job
        self._hooks = hooks
        self._events = events
        self._dir = job.run_dir / trial.dir
        self._dir.mkdir(parents=True)
        self._env: Recorder | None = None
        self._log = TransitionLog(all_names(job.task), job.budget.checkpoints * job.budget.episodes)
        self._started_at, self._next = self._segment_before()
        self._best = -math.inf
        self._checkpoints: list[CheckpointResult] = []
        self._sums: dict[str, float] = {}
        self._count = 0
        self._steps = self._started_at
        self._collected = 0
        self._evaluation_steps = 0
        self._training: list[tuple[float, float]] = []
        self._evaluations: list[tuple[float, float]] = []
        self._alive = alive
        self._since = time.time()
        self._reported = 0.0

    def _segment_before(self) -> tuple[int, int]:
        """Steps the segment before trained to, and the checkpoint this one begins with: an update can overshoot a segment's end."""
        if not self.trial.start:
            return 0, 1
        before = TrainResult.model_validate_json((self._job.run_dir / self.trial.start / "result.json").read_bytes())
        return before.reached, 1 + before.reached * self._job.budget.checkpoints // self._job.budget.total

    def collected(self, steps: int) -> int:
        """Count the environment steps of a rollout: all there is to count when its reward fails before the update.

        Returns how many the trial had made before it, over all its segments.
        """
        self._collected += steps
        return self._started_at + self._collected - steps

    def add_rewards(self, total: Array, components: Mapping[str, Array]) -> None:
        """Add a rollout's rewards to the means of the next checkpoint."""
        self._count += total.size
        for name, values in {"total": total, **components}.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(values.sum())

    def after_update(self, steps: int, policy: Policy) -> None:
        """Report progress; at the first update at or after k/10 of the budget, evaluate and keep the policy if it is the best."""
        self._steps = steps
        due = steps * self._job.budget.checkpoints // self._job.budget.total
        if due >= self._next:
            self._checkpoint(min(due, self._job.budget.checkpoints), policy)
            self._next = due + 1
        if time.monotonic() - self._reported > 0.2 or due >= self._next:
            self._report("running")

    def _checkpoint(self, index: int, policy: Policy) -> None:
        started = time.time()
        self._training.append((self._since, started))
        episodes = self._evaluate(index, policy)
        self._log.add(index, episodes)
        fitness = float(episodes.fitness.mean())
        means = {name: value / self._count for name, value in self._sums.items()} if self._count else {}
        self._sums, self._count = {}, 0
        self._checkpoints.append(
            CheckpointResult(
                index=index,
                steps=self._steps,
                fitness=fitness,
                length=float(episodes.length.mean()),
                components=means,
            )
        )
        score = self._job.task.fitness.score(fitness)
        if score > self._best:
            self._best = score
            assert self._env is not None
            write_checkpoint(self._dir / "checkpoint", policy, self._job.trainer.use, self._env)
        self._evaluation_steps += int(episodes.length.sum())
        self._since = time.time()
        self._evaluations.append((started, self._since))
        self._report("running")

    def _evaluate(self, index: int, policy: Policy) -> EvaluationEpisodes:
        count = self._job.budget.episodes
        if self._env is None:
            self._env = make_recorder(self._hooks, self._job.task, count, all_names(self._job.task))
            self._env.on_steps = self._alive
        seeds = [derive_seed("evaluation", self.trial.seed, index, episode) for episode in range(count)]
        return evaluate_policy(self._env, policy.act, seeds, self._job.task.fitness.fold, self._log.rows_per_episode)

    def _report(self, status: str) -> None:
        self._reported = time.monotonic()
        fitness = self._checkpoints[-1].fitness if self._checkpoints else None
        self._events.write("progress", trial=self.trial.id, steps=self._steps, fitness=fitness, status=status)

    def finish(self, save_state: Callable[[Path], None]) -> None:
        """Save what the next segment needs, if there is one, and the result."""
        if self._job.budget.end < self._job.budget.total:
            state = self._dir / "state"
            state.mkdir()
            save_state(state)
        if self._log.episodes:
            save_transitions(self._dir / "transitions.npz", self._log.joined())
        self._write("ok", None)

    def fail(self, error: RewardFailed) -> None:
        """Save why the reward failed."""
        self._steps = max(self._steps, self._started_at + self._collected)
        # One about a row names the environment step itself.
        message = error.message if error.row is not None else f"after {self._steps:,} environment steps: {error.message}"
        self._write("failed", TrialError(code=error.code, message=message, line=error.line))

    def _write(self, status: str, error: TrialError | None) -> None:
        self._training.append((self._since, time.time()))
        result = TrainResult(
            trial=self.trial.id,
            dir=self.trial.dir,
            spec=self._job.specs[self.trial.id],
            status=status,
            checkpoints=tuple(self._checkpoints),
            steps=self._steps - self._started_at,
            reached=self._steps,
            evaluation_steps=self._evaluation_steps,
            error=error,
            isolation=self.isolation,
            training_intervals=tuple(self._training),
            evaluation_intervals=tuple(self._evaluations),
        )
        sync_tree(self._dir)  # the result vouches for the files beside it
        write_atomically(self._dir / "result.json", result.model_dump_json())
        self._report(status)

    def close(self) -> None:
        """Free the evaluation environment."""
        if self._env is not None:
            self._env.close()
            self._env = None
