"""One trial in training: its own environment, generators, network and loop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.utils import FloatSchedule, LinearSchedule
from stable_baselines3.common.vec_env import VecEnv

from eureka.errors import ConfigError, RewardFailed
from eureka.training import Policy, RecordedEnv, TrainTools
from eureka.types import Budget, Trial
from eureka_sb3.arguments import arguments
from eureka_sb3.classes import class_error
from eureka_sb3.compiled import compile_networks
from eureka_sb3.library_zip import write_zip
from eureka_sb3.networks import CLASSES, network
from eureka_sb3.normalise import ObservationNormaliser, RewardNormaliser
from eureka_sb3.options import Options
from eureka_sb3.policy import as_policy
from eureka_sb3.spaces import View, library_space


class Learner(ABC):
    """A trial in training. Everything random in it is seeded with `trial.seed`, so one trial at a time may live in a process."""

    model: Any

    def __init__(self, options: Options, trial: Trial, env: RecordedEnv, tools: TrainTools, budget: Budget) -> None:
        # The last bits of a matrix product depend on the number of threads, and a trial's result must not.
        torch.set_num_threads(1)
        if options.device.startswith("cuda") and not torch.cuda.is_available():
            raise ConfigError(f"trainer.device: {options.device}: torch finds no CUDA GPU here. Use cpu or auto.")
        self.options = options
        self.trial = trial
        self.env = env
        self.tools = tools
        self.budget = budget
        self.largest_reward = 0.0
        self.schedules_begin = 0
        """Environment steps at which learning rate and clip range began to fall."""
        self.replay_begin = 0
        """Environment steps at which the replay buffer was empty."""
        self.begins_at_random = True
        """Whether the first `learning_starts` steps are random actions: not where a policy was begun with."""
        self.network = network(options, env.observation_space, env.action_space)
        self.view: View = self.network.view(env.observation_space)
        self.observation_normaliser = self._observation_normaliser()
        self.reward_normaliser = RewardNormaliser(options.gamma, env.num_envs) if options.normalize_rewards else None
        self.model = self._build(self._vec_env(tools.row_seeds(trial.id, env.num_envs)))
        self.model.set_logger(Logger(folder=None, output_formats=[]))
        if options.torch_compile:
            compile_networks(self.model.policy)
        self.policy: Policy = as_policy(
            self.network,
            self.model.policy,
            self.view,
            self.observation_normaliser,
            env.action_space,
            lambda path: write_zip(self.model, path, library_space(env.observation_space, self.view)),
        )

    def begin(self) -> None:
        """Reset the environment, unless a state it was in is restored."""
        _, self._callback = self.model._setup_learn(self.budget.total, reset_num_timesteps=False)
        # The library counts the whole budget from here on; schedules are to go on where the segment before left them.
        self.model._total_timesteps = self.budget.total

    def begin_schedules(self, steps: int) -> None:
        """Let what falls fall from here to the end of the budget. steps: those made so far."""
        self.schedules_begin = steps
        # The library's schedules go by the share that is left of the whole budget.
        left = 1.0 - steps / self.budget.total
        if left <= 0:  # nothing more is trained
            return
        if self.options.learning_rate_schedule == "linear":
            self.model.learning_rate = LinearSchedule(self.options.learning_rate / left, 0.0, 1.0)
            self.model._setup_lr_schedule()
        if self.options.algorithm == "PPO" and self.options.clip_range_schedule == "linear":
            self.model.clip_range = FloatSchedule(LinearSchedule(self.options.clip_range / left, 0.0, 1.0))

    def run(self) -> None:
        """Train to the end of the segment. Raises RewardFailed when the reward's code fails, makes training diverge, or drives the policy
        where the fitness is no finite number."""
        while self.model.num_timesteps < self.budget.end:
            self._cycle()
            failures = self.tools.after_update(self.model.num_timesteps, {self.trial.id: self.policy})
            if self.trial.id in failures:
                raise failures[self.trial.id]

    @abstractmethod
    def _cycle(self) -> None:
        """Collect steps and update the networks once."""

    @abstractmethod
    def _vec_env(self, seeds: list[int]) -> VecEnv: ...

    def _library_arguments(self) -> dict[str, Any]:
        return arguments(self.options, self.env.action_space)

    def _build(self, env: VecEnv) -> BaseAlgorithm:
        policy, keywords = self.network.policy_class(), self.network.keywords()
        try:
            return CLASSES[self.options.algorithm](
                policy if self.network.custom else self.network.policy,
                env,
                **self._library_arguments(),
                policy_kwargs=keywords,
                seed=self.trial.seed,
                device=self.options.device,
            )
        except MemoryError as error:
            raise ConfigError(
                f"trainer.buffer_size: {self.options.buffer_size} steps do not fit into memory ({error}). Lower it."
            ) from None
        except Exception as error:  # whatever a class of the user's raises
            raise ConfigError(
                f"trainer: {self.options.algorithm} with {self.network.policy} cannot be built for this environment "
                f"({class_error(error)}). "
                "See policy, policy_kwargs, net_arch and device: eureka plugins show trainer:sb3"
            ) from error

    def _update(self, *args: Any) -> None:
        """One call of the library's `train`. Raises RewardFailed where it leaves numbers that are not finite."""
        try:
            self.model.train(*args)
        except ValueError:
            # torch's distributions refuse the NaN of a network that diverged in an earlier minibatch.
            if self._finite():
                raise
        if not self._finite():
            raise RewardFailed(
                "non_finite",
                "training diverged: the policy's parameters are no longer finite; "
                f"the last rewards were as large as {self.largest_reward:.3g}",
            )

    def _finite(self) -> bool:
        return all(bool(torch.isfinite(parameter).all()) for parameter in self._acting().parameters())

    def _acting(self) -> torch.nn.Module:
        """The network whose parameters tell whether training diverged."""
        policy: torch.nn.Module = self.model.policy
        return policy

    def _observation_normaliser(self) -> ObservationNormaliser | None:
        wanted = self.options.normalize_observations
        if not wanted or (wanted == "auto" and not self.view.flat):
            return None
        if not self.view.flat:
            raise ConfigError(
                f"trainer.normalize_observations: true needs Box observations that {self.network.policy} takes as numbers; "
                f"this environment's are {type(self.view.space).__name__} of images, integers or parts. Set it to false."
            )
        return ObservationNormaliser(self.view.space.shape or ())
