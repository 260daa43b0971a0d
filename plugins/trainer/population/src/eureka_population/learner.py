"""One trial's learning: its generator, optimiser and reward normalisation. Nothing in it knows of other trials."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eureka.errors import RewardFailed
from eureka.types import Trial
from eureka_population.kernels.returns import advantages, scale_rewards, values
from eureka_population.kernels.update import update
from eureka_population.network import Floats, Network
from eureka_population.options import Options
from eureka_population.rollout import TrialRollout


class Learner:
    """parameters: float32 (P,), the trial's row, a view that it writes to. moments: float32 (2, P), Adam's; adam_steps: how many it made.

    returns: float64 (N,), the discounted returns of the episodes going on; reward_statistics: their mean, variance and count.
    schedules_begin: environment steps at which learning rate and clip range began to fall.
    """

    def __init__(self, options: Options, network: Network, trial: Trial, parameters: Floats) -> None:
        self._options = options
        self._network = network
        self.parameters = parameters
        self.generator = np.random.Generator(np.random.PCG64(trial.seed))
        parameters[:] = network.initial(self.generator)
        self.moments = np.zeros((2, network.size), np.float32)
        self.adam_steps = 0
        self.schedules_begin = 0
        self.returns = np.zeros(options.num_envs)
        self.reward_statistics = np.array([0.0, 1.0, 1e-4])
        self._sizes = np.array(network.actor, np.int64), np.array(network.critic, np.int64)
        self._choices = np.array(network.actions.choices, np.int64)
        self._relu = network.activation == "relu"
        self._settings = (
            np.float32(options.clip_range_vf or 0.0),
            options.normalize_advantage,
            np.float32(options.ent_coef),
            np.float32(options.vf_coef),
        )

    def noise(self) -> Floats:
        """What the next rollout's actions are drawn with, float32 (T, N, h): uniform for choices, else normal."""
        shape = (self._options.n_steps, self._options.num_envs, self._network.actions.width)
        if self._network.actions.choices:
            return self.generator.random(shape, np.float32)
        return self.generator.standard_normal(shape, np.float32)

    def learn(self, rollout: TrialRollout, rewards: NDArray[np.float64], progress: float) -> None:
        """One update. rewards: (T, N). progress: the share of its schedules' budget that is left. Raises RewardFailed where it diverges."""
        options = self._options
        largest = float(np.abs(rewards).max())
        steps, rows = rewards.shape
        critic = self._sizes[1]
        if options.normalize_rewards:
            rewards = np.array(rewards)
            scale_rewards(rewards, rollout.ends, options.gamma, self.returns, self.reward_statistics)
            if not np.isfinite(self.reward_statistics).all():  # all rewards would be 0 from now on
                raise _too_large(largest)
        begin, end = self._network.parts
        expected = np.empty((steps + 1, rows), np.float32)
        values(self.parameters[begin:end], critic, self._relu, rollout.seen.reshape(-1, rollout.seen.shape[2]), expected.reshape(-1))
        with np.errstate(over="ignore"):
            bootstrapped = rewards.astype(np.float32)
        if len(rollout.cut):
            beyond = np.empty(len(rollout.cut), np.float32)
            values(self.parameters[begin:end], critic, self._relu, rollout.cut, beyond)
            bootstrapped[rollout.cut_at[:, 0], rollout.cut_at[:, 1]] += np.float32(options.gamma) * beyond
        estimates = np.empty((steps, rows), np.float32)
        advantages(bootstrapped, expected, rollout.ends, np.float32(options.gamma), np.float32(options.gae_lambda), estimates)
        if not np.isfinite(estimates).all():
            raise _too_large(largest)
        self._update(rollout, estimates, expected, progress)
        if not np.isfinite(self.parameters).all():
            raise RewardFailed(
                "non_finite",
                f"training diverged: the policy's parameters are no longer finite; the last rewards were as large as {largest:.3g}",
            )

    def _update(self, rollout: TrialRollout, estimates: Floats, expected: Floats, progress: float) -> None:
        options = self._options
        count = estimates.size
        linear = {"constant": 1.0, "linear": max(progress, 0.0)}
        batch = (
            rollout.seen[:-1].reshape(count, -1),
            rollout.actions.reshape(count, -1),
            rollout.log_probabilities.reshape(count),
            estimates.reshape(count),
            (estimates + expected[:-1]).reshape(count),
            expected[:-1].reshape(count),
        )
        order = np.tile(np.arange(count), (options.n_epochs, 1))
        self.generator.permuted(order, axis=1, out=order)  # in place: it may be the largest array there is
        actor, critic = self._sizes
        self.adam_steps = update(
            self.parameters,
            self.moments,
            self.adam_steps,
            actor,
            critic,
            self._relu,
            self._choices,
            batch,
            order,
            options.batch_size,
            (np.float32(options.clip_range * linear[options.clip_range_schedule]), *self._settings),
            options.learning_rate * linear[options.learning_rate_schedule],
            options.max_grad_norm,
            options.target_kl or 0.0,
        )


def _too_large(largest: float) -> RewardFailed:
    return RewardFailed("non_finite", f"training diverged: rewards of up to {largest:.3g} are too large to learn from")
