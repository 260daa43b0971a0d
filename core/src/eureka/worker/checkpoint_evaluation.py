"""Evaluates the policies of a job that are due for a checkpoint, as many at a time as fit in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pluggy

from eureka.env import LONGEST_EPISODE
from eureka.job_types import MeasureJob, TrainJob
from eureka.training import ActTogether, Policy
from eureka.worker.alive import Alive
from eureka.worker.components import make_recorder
from eureka.worker.evaluate import EvaluationEpisodes, evaluate_policies
from eureka.worker.recorder import Recorder, all_names
from eureka.worker.thinning import rows_within

_RECORDED_BYTES = 128 << 20


class CheckpointEvaluation:
    """Keeps one recorder of all variables for the whole job, with rows for as many policies as were ever due at a time."""

    def __init__(self, job: TrainJob | MeasureJob, hooks: pluggy.PluginManager, alive: Alive) -> None:
        self._job = job
        self._hooks = hooks
        self._alive = alive
        self._names = all_names(job.task)
        self._env: Recorder | None = None
        self._most = 0

    def run(
        self, policies: Sequence[Policy], seeds: Sequence[Sequence[int]], act: ActTogether | None
    ) -> tuple[list[EvaluationEpisodes], Recorder]:
        """The episodes of each policy, and the environment they were run in. seeds: one per episode, as many for each policy.

        act: all of these policies at once.
        """
        env = self._recorder(len(policies))
        together = env.num_envs // self._job.budget.episodes
        found = []
        for start in range(0, len(policies), together):
            some = slice(start, start + together)
            acts = [policy.act for policy in policies[some]]
            found += evaluate_policies(
                env, acts, seeds[some], self._job.task.fitness.fold, self._rows_kept, act if together >= len(policies) else None
            )
        return found, env

    def close(self) -> None:
        """Free the environment."""
        if self._env is not None:
            self._env.close()
            self._env = None

    def _recorder(self, policies: int) -> Recorder:
        """One with room for so many policies at a time, or for as many as are allowed."""
        episodes = self._job.budget.episodes
        if policies > 1 and not self._most:
            self._most = self._allowed()
        wanted = min(policies, self._most or 1) * episodes
        if self._env is None or self._env.num_envs < wanted:
            self.close()
            self._env = make_recorder(self._hooks, self._job.task, wanted, self._names)
            self._env.on_steps = self._alive
        return self._env

    def _allowed(self) -> int:
        """How many policies' episodes may be recorded at a time: whole episodes of every variable take memory."""
        one = make_recorder(self._hooks, self._job.task, 1, self._names)
        one.reset([0])
        longest = one.step_bytes * (one.max_episode_steps or LONGEST_EPISODE)
        one.close()
        return max(_RECORDED_BYTES // (longest * self._job.budget.episodes), 1)

    def _rows_kept(self, shapes: Mapping[str, tuple[int, ...]]) -> int:
        return rows_within(shapes, self._job.budget.checkpoints * self._job.budget.episodes)
