"""Whether the options go with an environment: found out by building the learner and letting it act once, before anything is spent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from eureka.errors import ConfigError
from eureka.hookspecs import TrainingRequest
from eureka.types import Budget, Trial
from eureka_sb3.classes import class_error
from eureka_sb3.learner import Learner
from eureka_sb3.off_policy import OffPolicyLearner
from eureka_sb3.on_policy import OnPolicyLearner
from eureka_sb3.options import Options


def learner_class(options: Options) -> type[Learner]:
    """What trains the chosen algorithm."""
    return OnPolicyLearner if options.algorithm == "PPO" else OffPolicyLearner


def check_fit(options: Options, request: TrainingRequest) -> None:
    """Raise ConfigError where the algorithm, the policy or a class of the user's cannot act in these spaces, or nothing would be learnt."""
    if options.algorithm != "PPO" and options.learning_starts >= request.steps:
        raise ConfigError(
            f"trainer.learning_starts: {options.learning_starts} steps of random actions leave none of the {request.steps} of "
            "training.steps to learn in. Lower it."
        )
    if isinstance(options.train_freq, tuple) and options.train_freq[1] == "episode" and request.max_episode_steps is None:
        raise ConfigError(
            f"trainer.train_freq: {options.train_freq} counts episodes, and this environment has no limit to theirs: training might never "
            "come to its first update. Count steps, or set task.sim.max_episode_steps."
        )
    env: Any = SimpleNamespace(
        num_envs=options.num_envs, observation_space=request.observation_space, action_space=request.action_space, close=lambda: None
    )
    tools: Any = SimpleNamespace(row_seeds=lambda trial, num_envs: [0] * num_envs)
    trial = Trial(id="fit", reward="fitness", seed=0, dir="fit")
    learner = learner_class(options)(options, trial, env, tools, Budget(start=0, end=1, total=1, episodes=1))
    generator = np.random.default_rng(0)
    try:
        learner.policy.act(np.stack([request.observation_space.sample(generator) for _ in range(2)]))
    except Exception as error:  # whatever a class of the user's raises
        raise ConfigError(
            f"trainer: {options.algorithm} with {learner.network.policy} cannot act on two observations of this environment "
            f"({class_error(error)}). See policy and policy_kwargs: eureka plugins show trainer:sb3"
        ) from error
