"""One segment of one trial as core keeps it: progress, checkpoints, curves and the result."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from eureka.checkpoint import Spaces, write_checkpoint
from eureka.errors import RewardFailed
from eureka.files import sync_tree, write_atomically
from eureka.inner import innermost
from eureka.job_types import TrainJob
from eureka.training import Policy
from eureka.types import TrainResult, Trial, TrialError
from eureka.unmeasured import SavedCheckpoint, Trained, begin
from eureka.worker.evaluate import EvaluationEpisodes
from eureka.worker.measured import Measured
from eureka.worker.protocol import Events
from eureka.worker.recorder import Array


class TrialRun:
    """Opened when the trainer first touches the trial, closed by `finish` or `fail`, which write `result.json`."""

    def __init__(self, trial: Trial, job: TrainJob, events: Events) -> None:
        self.trial = trial
        self.isolation = self.remark = ""
        self._job = job
        self._trainer = innermost("trainer", job.trainer).use
        self._events = events
        self._dir = self._made(job.run_dir / trial.dir)
        self._measured = Measured(job.task)
        self._started_at, self._next = self._segment_before()
        self._sums: dict[str, float] = {}
        self._count = 0
        self._steps = self._started_at
        self._collected = 0
        self._training: list[tuple[float, float]] = []
        self._evaluations: list[tuple[float, float]] = []
        self._since = time.time()
        self._reported = 0.0

    def _made(self, folder: Path) -> Path:
        """Where it writes. folder: the trial's own."""
        folder.mkdir(parents=True)
        return folder

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

    def due(self, steps: int) -> int:
        """Count `steps`; the checkpoint that is due at them, else 0: the first update at or after k/10 of the budget is one."""
        self._steps = steps
        reached = steps * self._job.budget.checkpoints // self._job.budget.total
        if reached < self._next:
            if time.monotonic() - self._reported > 0.2:
                self._report("running")
            return 0
        self._next = reached + 1
        return min(reached, self._job.budget.checkpoints)

    def checkpoint(self, index: int, policy: Policy, episodes: EvaluationEpisodes, spaces: Spaces) -> None:
        """Add the episodes to the record, and keep the policy if it is the best so far, or all are to be kept."""
        self._measured.steps += episodes.steps
        if episodes.error is not None:
            return
        best = self._measured.add(index, self._steps, self._means(), episodes)
        if best:
            write_checkpoint(self._dir / "checkpoint", policy, self._trainer, spaces)
        if self._job.keep_all and self.trial.reward == "candidate":
            kept = self._dir / "checkpoints"
            kept.mkdir(exist_ok=True)
            write_checkpoint(kept / str(self._steps), policy, self._trainer, spaces)
        self._report("running")

    def _means(self) -> dict[str, float]:
        """Of the components, since it was last asked."""
        means = {name: value / self._count for name, value in self._sums.items()} if self._count else {}
        self._sums, self._count = {}, 0
        return means

    def waited(self, started: float, ended: float, evaluated: bool) -> None:
        """Training stood still meanwhile, in seconds since the epoch. evaluated: for an evaluation of this trial, among others or not."""
        self._training.append((self._since, started))
        if evaluated:
            self._evaluations.append((started, ended))
        self._since = ended

    def _report(self, status: str) -> None:
        self._reported = time.monotonic()
        checkpoints = self._measured.checkpoints
        fitness = checkpoints[-1].fitness if checkpoints else None
        self._events.write("progress", trial=self.trial.id, steps=self._steps, fitness=fitness, status=status)

    def finish(self, save_state: Callable[[Path], None]) -> None:
        """Save what the next segment needs, if there is one, and the result."""
        if self._job.budget.end < self._job.budget.total:
            state = self._dir / "state"
            state.mkdir()
            save_state(state)
        self._measured.save_episodes(self._dir)
        self._write("ok", None)

    def fail(self, error: RewardFailed) -> None:
        """Save why the reward failed."""
        self._steps = max(self._steps, self._started_at + self._collected)
        # One about a row names the environment step itself.
        message = error.message if error.row is not None else f"after {self._steps:,} environment steps: {error.message}"
        self._write("failed", TrialError(code=error.code, message=message, line=error.line))

    def _write(self, status: Literal["ok", "failed"], error: TrialError | None) -> None:
        self._training.append((self._since, time.time()))
        result = TrainResult(
            trial=self.trial.id,
            dir=self.trial.dir,
            spec=self._job.specs[self.trial.id],
            lesson=self._job.lesson,
            status=status,
            checkpoints=tuple(self._measured.checkpoints),
            steps=self._steps - self._started_at,
            reached=self._steps,
            evaluation_steps=self._measured.steps,
            error=error,
            isolation=self.isolation,
            remark=self.remark,
            training_intervals=tuple(self._training),
            evaluation_intervals=tuple(self._evaluations),
        )
        sync_tree(self._dir)  # the result vouches for the files beside it
        write_atomically(self._dir / "result.json", result.model_dump_json())
        self._report(status)


class UnmeasuredRun(TrialRun):
    """Of a training whose rewards run in its own process: it saves the policies that are due, for another worker to measure."""

    def __init__(self, trial: Trial, job: TrainJob, events: Events) -> None:
        super().__init__(trial, job, events)
        self._saved: list[SavedCheckpoint] = []

    def _made(self, folder: Path) -> Path:
        return begin(folder)

    def save(self, index: int, policy: Policy, spaces: Spaces) -> None:
        """Save the policy of checkpoint k."""
        write_checkpoint(self._dir / str(index), policy, self._trainer, spaces)
        self._saved.append(SavedCheckpoint(index=index, steps=self._steps, components=self._means()))

    def _write(self, status: Literal["ok", "failed"], error: TrialError | None) -> None:
        self._training.append((self._since, time.time()))
        Trained(
            spec=self._job.specs[self.trial.id],
            status=status,
            saved=tuple(self._saved),
            steps=self._steps - self._started_at,
            reached=self._steps,
            error=error,
            isolation=self.isolation,
            remark=self.remark,
            training_intervals=tuple(self._training),
        ).leave(self._dir)
        self._report("running")  # it is not done before it is measured
