"""Whether the options go with an environment: found out by one epoch in a made-up one like it, before anything is spent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.env import Reset, Step
from eureka.errors import ConfigError
from eureka.hookspecs import TrainingRequest
from eureka.spaces import Box, Space
from eureka.types import Budget, Trial
from eureka_rl_games.learner import Learner
from eureka_rl_games.options import Options
from eureka_rl_games.params import for_actions


class _Still:
    """An environment of random observations that never change, with rewards of 0; its own tools and transitions, too."""

    def __init__(self, request: TrainingRequest, num_envs: int) -> None:
        self.num_envs, self.observation_space, self.action_space = num_envs, request.observation_space, request.action_space
        generator = np.random.default_rng(0)
        self._observations = np.stack([request.observation_space.sample(generator) for _ in range(num_envs)])
        self._steps = 0

    @property
    def fitness_reward(self) -> NDArray[np.float64]:
        return np.zeros((self._steps, self.num_envs))

    def reset(self, seeds: list[int]) -> Reset:
        return Reset(self._observations, {})

    def step(self, actions: NDArray[np.generic], active: NDArray[np.bool_] | None = None) -> Step:
        self._steps += 1
        never, zeros = np.zeros(self.num_envs, bool), np.zeros(self.num_envs)
        return Step(self._observations, never, never, self._observations, np.zeros((self.num_envs, 1)), zeros, {}, {})

    def take(self) -> Any:
        return self


def check_fit(options: Options, request: TrainingRequest) -> list[str]:
    """What a user should know, a line each. Raises ConfigError where training cannot begin."""
    _check_names(options, request.action_space)
    if options.params["config"].get("mixed_precision") and options.device == "cpu":
        raise ConfigError("trainer.params.config.mixed_precision: true needs a GPU. Set trainer.device: cuda, or mixed_precision: false.")
    env: Any = _Still(request, options.num_envs)
    tools: Any = SimpleNamespace(
        row_seeds=lambda trial, num_envs: [0] * num_envs,
        rewards=lambda trial, transitions: transitions.fitness_reward,
        start_dir=lambda trial: None,
        start_policy=lambda trial: None,
    )
    params = {**options.params, "config": {**options.params["config"], "mini_epochs": 1}}
    trial, budget = Trial(id="fit", reward="fitness", seed=0, dir="fit"), Budget(start=0, end=1, total=1, episodes=1)
    try:
        learner = Learner(options.model_copy(update={"params": params}), trial, env, tools, budget)
        learner.begin()
        learner.epoch()
        learner.policy.act(env.reset([]).observations)
    except ConfigError:
        raise
    except Exception as error:  # whatever the library raises of settings that it cannot use
        text = " ".join(f"{type(error).__name__}: {error}".split())
        raise ConfigError(
            f"trainer.params: rl_games cannot train with these in this environment ({text[:300]}). "
            "See what params holds: eureka plugins show trainer:rl_games, and rl_games' own configuration."
        ) from error
    if options.rollout > request.steps / 10:
        return [
            f"trainer.num_envs × params.config.horizon_length = {options.rollout:,} environment steps between two updates, of "
            f"{request.steps:,} in training.steps: fewer than ten updates, at which checkpoints are taken, and the last may go beyond. "
            "Lower one of them."
        ]
    return []


def _check_names(options: Options, space: Space) -> None:
    """Raise ConfigError for an algorithm or a model that acts in other actions than the environment's."""
    chosen, fitting = for_actions(options.params, space), for_actions({}, space)
    for key in ("algo", "model"):
        if chosen[key]["name"] != fitting[key]["name"]:
            kind = "Box" if isinstance(space, Box) else type(space).__name__
            raise ConfigError(
                f"trainer.params.{key}.name: {chosen[key]['name']} does not act in {kind} actions; {fitting[key]['name']} does. "
                "Leave it out to have what fits."
            )
