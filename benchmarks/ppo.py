"""One PPO, said to both sides: our trainer's options, and stable-baselines3 itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

TRAINER = "population"
# stable-baselines3's own defaults where nothing else is said, written out so that no default can differ.
COMMON: dict[str, Any] = {
    "learning_rate": 3e-4,
    "n_epochs": 10,
    "gamma": 0.99,
    "gae_lambda": 0.95,
    "clip_range": 0.2,
    "ent_coef": 0.0,
    "vf_coef": 0.5,
    "max_grad_norm": 0.5,
}
NETWORK = [64, 64]
ROLLOUT, BATCH = 2048, 1024


def hyperparameters(num_envs: int, rollout: int = ROLLOUT, batch_size: int = BATCH, **changes: Any) -> dict[str, Any]:
    """What both sides are given. rollout: environment steps of a trial between two updates, over all its `num_envs` rows."""
    return {**COMMON, "num_envs": num_envs, "n_steps": rollout // num_envs, "batch_size": batch_size, **changes}


def trainer(settings: dict[str, Any]) -> dict[str, Any]:
    """Our side: `trainer:` of a config."""
    return {"use": TRAINER, "net_arch": NETWORK, "activation": "tanh", **settings}


class Library:
    """The other side: stable-baselines3 on its own vector of Gymnasium environments, one thread, nothing logged.

    make: a new environment. settings: of `hyperparameters`.
    """

    def __init__(self, make: Callable[[], Any], settings: dict[str, Any], seed: int = 0) -> None:
        import torch
        from stable_baselines3 import PPO
        from stable_baselines3.common.logger import Logger
        from stable_baselines3.common.vec_env import DummyVecEnv

        torch.set_num_threads(1)
        arguments = {name: value for name, value in settings.items() if name != "num_envs"}
        envs = DummyVecEnv([make] * settings["num_envs"])
        self.model = PPO("MlpPolicy", envs, policy_kwargs={"net_arch": NETWORK}, device="cpu", seed=seed, **arguments)
        self.model.set_logger(Logger(folder=None, output_formats=[]))
        self._rollout = settings["num_envs"] * settings["n_steps"]

    def train(self, updates: int) -> float:
        """Wall seconds of so many more rollouts, each with its update."""
        started = time.perf_counter()
        self.model.learn(updates * self._rollout, reset_num_timesteps=False, log_interval=None)
        return time.perf_counter() - started

    def act(self, observations: Any) -> Any:
        """The deterministic actions."""
        return self.model.predict(observations, deterministic=True)[0]
