"""Trains one candidate the usual way, as a process: stable-baselines3, the reward in a wrapper, an evaluation callback.

A script of `whole_run.py`: JSON in, files out.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import gymnasium
import numpy as np
from ppo import Library


class CandidateReward(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Replaces the environment's reward by the program's, called with plain numbers at each step.

    variables: name → index into the observation.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], program: str, variables: dict[str, int]) -> None:
        super().__init__(env)
        namespace: dict[str, Any] = {}
        exec(program, namespace)
        self._function = namespace["compute_reward"]
        code = self._function.__code__
        self._takes = code.co_varnames[: code.co_argcount]
        self._variables = variables
        self._values: dict[str, Any] = {}

    def reset(self, **arguments: Any) -> Any:
        observation, info = self.env.reset(**arguments)
        self._values = {**self._read(observation), "action": np.zeros(self.action_space.shape or (1,))}
        return observation, info

    def step(self, action: Any) -> Any:
        observation, _, terminated, truncated, info = self.env.step(action)
        before = {f"prev_{name}": value for name, value in self._values.items()}
        self._values = {**self._read(observation), "action": np.reshape(action, -1), "terminated": float(terminated)}
        given = {**before, **self._values}
        total, _ = self._function(**{name: given[name] for name in self._takes})
        return observation, float(total), terminated, truncated, info

    def _read(self, observation: Any) -> dict[str, float]:
        return {name: float(observation[index]) for name, index in self._variables.items()}


def train(
    env: str,
    program: str,
    variables: dict[str, int],
    settings: dict[str, Any],
    steps: int,
    checkpoints: int,
    episodes: int,
    seed: int,
    folder: str,
) -> None:
    """Train, measure every tenth of the steps on the environment's own reward, keep the best policy in `folder`."""
    from stable_baselines3.common.callbacks import EvalCallback
    from stable_baselines3.common.monitor import Monitor

    library = Library(lambda: Monitor(CandidateReward(gymnasium.make(env), program, variables)), settings, seed)
    measuring = EvalCallback(
        Monitor(gymnasium.make(env)),
        n_eval_episodes=episodes,
        eval_freq=steps // checkpoints // settings["num_envs"],
        best_model_save_path=folder,
        log_path=folder,
        verbose=0,
    )
    library.model.learn(steps, callback=measuring)


if __name__ == "__main__":
    train(**json.loads(sys.argv[1]))
