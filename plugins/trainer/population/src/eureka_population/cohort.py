"""All trials of a cohort in training: one batch of environment rows, one block of parameters."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eureka.errors import RewardFailed
from eureka.training import Policy, RecordedEnv, TrainTools
from eureka.types import Budget, Trial
from eureka_population import segment
from eureka_population.actor import Actors, Statistics
from eureka_population.fit import read_start
from eureka_population.learner import Learner
from eureka_population.network import network
from eureka_population.options import POLICY_FILE, Options
from eureka_population.policy import as_policy
from eureka_population.rollout import Rollout
from eureka_population.spaces import actions, observation_width, rows_of_numbers


class Cohort:
    """Trial k owns rows k·N to k·N + N − 1 of the environment. One that fails is given up: its rows rest, the others do not notice."""

    def __init__(self, options: Options, trials: tuple[Trial, ...], env: RecordedEnv, tools: TrainTools, budget: Budget) -> None:
        self.options = options
        self.trials = trials
        self.env = env
        self._tools = tools
        self._budget = budget
        width = observation_width(env.observation_space)
        self._width = width
        self.network = network(options.widths, options.activation, width, actions(env.action_space))
        self.parameters = np.empty((len(trials), self.network.size), np.float32)
        self.statistics = Statistics(len(trials), width)
        self.rollout = Rollout(len(trials), options.n_steps, options.num_envs, width, self.network.actions.width)
        self.learners = [Learner(options, self.network, trial, self.parameters[k]) for k, trial in enumerate(trials)]
        self.actors = Actors(self.network, self.parameters, self.statistics, options.normalize_observations)
        self._policies: list[Policy] = [as_policy(self.actors, k) for k in range(len(trials))]
        self.going = np.arange(len(trials), dtype=np.int64)
        self.steps = 0

    def rows(self, trial: int) -> slice:
        """The rows of the environment that are trial k's."""
        return slice(trial * self.options.num_envs, (trial + 1) * self.options.num_envs)

    def run(self) -> None:
        """Train every trial to the end of the segment, and end each with the tools' `finished` or `failed`."""
        self._start()
        while self.steps < self._budget.end and len(self.going):
            self._collect()
            self.steps += self.options.rollout
            self._update()
            if len(self.going):
                policies = {self.trials[k].id: self._policies[k] for k in self.going}
                lost = self._tools.after_update(self.steps, policies, partial(self.actors.likeliest, self.going))
                self._give_up({k: lost[self.trials[k].id] for k in self.going.tolist() if self.trials[k].id in lost})
        for k in self.going.tolist():
            self._tools.finished(self.trials[k].id, partial(segment.save, self, k))

    def _start(self) -> None:
        """Begin from scratch or a policy, or go on from the segment before: all trials of a cohort are in the same segment."""
        going_on: dict[int, Path] = {}
        for k, trial in enumerate(self.trials):
            start = self._tools.start_dir(trial.id)
            if start is None:
                self._begin(k)
            elif segment.load(self, k, start, self._tools.anew(trial.id)):
                going_on[k] = start
        new = np.array([k for k in range(len(self.trials)) if k not in going_on], np.int64)
        if len(new):
            seeds = [seed for trial in self.trials for seed in self._tools.row_seeds(trial.id, self.options.num_envs)]
            self._see(self.env.reset(seeds).observations, new)
        for k, start in going_on.items():  # after the reset, which is of all rows
            self.env.load_state(start / "env", self.rows(k))

    def _begin(self, trial: int) -> None:
        """Begin with the trial's own policy, or that of the options, or the random one that is there."""
        policy = self._tools.start_policy(self.trials[trial].id)
        file = self.options.warm_start if policy is None else policy / POLICY_FILE
        if file is not None:
            row, statistics = read_start(self.options, file, policy is None, self.network, self.env.observation_space)
            self.parameters[trial] = row
            self.statistics.load(trial, statistics.of(0))

    def _collect(self) -> None:
        """A rollout of every trial."""
        options, rollout = self.options, self.rollout
        rollout.begin(self.going, {k: self.learners[k].noise() for k in self.going.tolist()})
        active = np.repeat(np.isin(np.arange(len(self.trials)), self.going), options.num_envs)
        some_rest = not active.all()
        for t in range(options.n_steps):
            rollout.act(self.actors, self.going)
            step = self.env.step(self.network.actions.applied(rollout.flat_actions()), active if some_rest else None)
            ends = step.terminated | step.truncated
            self._see(step.observations, self.going)
            rollout.store(t, ends)
            cut = np.flatnonzero(step.truncated & ~step.terminated & active)
            if len(cut):
                final = rows_of_numbers(step.final_observations, self._width)[cut]
                rollout.cut(t, cut, self.actors, final)
        rollout.end()

    def _update(self) -> None:
        recorded = self.env.take()
        lost: dict[int, RewardFailed] = {}
        for k in self.going.tolist():
            try:
                rewards = self._tools.rewards(self.trials[k].id, recorded.rows(self.rows(k)))
                self.learners[k].learn(self.rollout.of(k), rewards, self._progress(self.learners[k].schedules_begin))
            except RewardFailed as error:
                lost[k] = error
        self._give_up(lost)

    def _progress(self, begin: int) -> float:
        """The share that is left of the budget from `begin` on."""
        return 1.0 - (self.steps - begin) / (self._budget.total - begin)

    def _see(self, observations: NDArray[np.generic], trials: NDArray[np.int64]) -> None:
        blocks = rows_of_numbers(observations, self._width).reshape(len(self.trials), self.options.num_envs, self._width)
        self.actors.see(blocks, trials, trials, True, self.rollout.now)

    def _give_up(self, lost: dict[int, RewardFailed]) -> None:
        for k, error in lost.items():
            self._tools.failed(self.trials[k].id, error)
        if lost:
            self.going = np.array([k for k in self.going.tolist() if k not in lost], np.int64)
