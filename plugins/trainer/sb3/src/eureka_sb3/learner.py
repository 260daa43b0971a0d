"""One trial's PPO: its own environment, generators, network and training loop."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3 import PPO
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.utils import LinearSchedule

from eureka.errors import ConfigError, RewardFailed
from eureka.spaces import Box
from eureka.training import Policy, RecordedEnv, TrainTools
from eureka.types import Budget, Trial
from eureka_sb3.normalise import ObservationNormaliser, RewardNormaliser
from eureka_sb3.options import Options
from eureka_sb3.policy import as_policy, network_arguments
from eureka_sb3.rollout_buffer import RewardedRolloutBuffer
from eureka_sb3.vec_env import RecordedVecEnv


class Learner:
    """A trial in training. Everything random in it is seeded with `trial.seed`, so one trial at a time may live in a process."""

    def __init__(self, options: Options, trial: Trial, env: RecordedEnv, tools: TrainTools) -> None:
        # The last bits of a matrix product depend on the number of threads, and a trial's result must not.
        torch.set_num_threads(1)
        self.options = options
        self.trial = trial
        self.env = env
        self.tools = tools
        self.observation_normaliser = self._observation_normaliser()
        self.reward_normaliser = RewardNormaliser(options.gamma, env.num_envs) if options.normalize_rewards else None
        rate = options.learning_rate
        self.model = PPO(
            "MlpPolicy",
            RecordedVecEnv(env, tools.row_seeds(trial.id, env.num_envs), self.observation_normaliser),
            learning_rate=LinearSchedule(rate, 0.0, 1.0) if options.learning_rate_schedule == "linear" else rate,
            n_steps=options.n_steps,
            batch_size=options.batch_size,
            n_epochs=options.n_epochs,
            gamma=options.gamma,
            gae_lambda=options.gae_lambda,
            clip_range=options.clip_range,
            ent_coef=options.ent_coef,
            vf_coef=options.vf_coef,
            max_grad_norm=options.max_grad_norm,
            target_kl=options.target_kl,
            rollout_buffer_class=RewardedRolloutBuffer,
            rollout_buffer_kwargs={"fetch_rewards": self._fetch_rewards, "normaliser": self.reward_normaliser},
            policy_kwargs=network_arguments(options.net_arch, options.activation),
            seed=trial.seed,
            device="cpu",
        )
        self.model.set_logger(Logger(folder=None, output_formats=[]))
        self.policy: Policy = as_policy(
            self.model.policy,
            self.observation_normaliser,
            env.observation_space,
            env.action_space,
            options.net_arch,
            options.activation,
        )

    def run(self, budget: Budget) -> None:
        """Train to the end of the segment. Raises RewardFailed when the reward's code fails or makes training diverge."""
        model = self.model
        # Resets the environment unless a saved state was restored together with it.
        _, callback = model._setup_learn(budget.total, reset_num_timesteps=False)
        while model.num_timesteps < budget.end:
            model.collect_rollouts(model.env, callback, model.rollout_buffer, model.n_steps)
            model._update_current_progress_remaining(model.num_timesteps, budget.total)
            self._update()
            self.tools.after_update(model.num_timesteps, {self.trial.id: self.policy})

    def _update(self) -> None:
        try:
            self.model.train()
        except ValueError:
            # torch's distributions refuse the NaN of a network that diverged in an earlier minibatch.
            if self._finite():
                raise
        if not self._finite():
            raise RewardFailed(
                "non_finite",
                "training diverged: the policy's parameters are no longer finite; "
                f"the last rewards were as large as {self.model.rollout_buffer.largest_reward:.3g}",
            )

    def _finite(self) -> bool:
        return all(bool(torch.isfinite(parameter).all()) for parameter in self.model.policy.parameters())

    def _fetch_rewards(self) -> NDArray[np.float64]:
        return self.tools.rewards(self.trial.id, self.env.take())

    def _observation_normaliser(self) -> ObservationNormaliser | None:
        space = self.env.observation_space
        if not self.options.normalize_observations:
            return None
        if not isinstance(space, Box):
            raise ConfigError(
                f"trainer.normalize_observations: true needs Box observations; the environment's are {space.type}. Set it to false."
            )
        return ObservationNormaliser(space.shape)
