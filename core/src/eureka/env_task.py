"""A config made from nothing but an environment: what `eureka run --env ID` runs."""

from __future__ import annotations

import re
from typing import Any

# The trainer's own rollout of 8 × 2048 steps is larger than a tenth of the default budget: a checkpoint would see no update.
_TRAINER = {"use": "population", "n_steps": 256, "batch_size": 256, "normalize_observations": True, "normalize_rewards": True}


def env_task(env: str, sim: str = "gymnasium") -> dict[str, Any]:
    """A task in the environment `env` of the simulator: variables derived, fitness the environment's own return."""
    return {
        "name": _name(env),
        "description": f"Reach a high return in {env}.",
        "sim": {"use": sim, "env": env},
        "fitness": {"value": "native", "fold": "sum"},
        "human": "native",
    }


def env_config(env: str) -> dict[str, Any]:
    """A config for that task, for the user's `--set`s to go on top of."""
    return {"task": env_task(env), "trainer": _TRAINER}


def _name(env: str) -> str:
    """`cartpole_v1` of CartPole-v1, `ale_pong_v5` of ALE/Pong-v5, `myenv` of folder/file.py:MyEnv."""
    return re.sub(r"\W+", "_", env.rpartition(":")[2]).strip("_").lower() or "environment"
