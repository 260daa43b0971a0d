"""stable-baselines3's own `.zip` of a model, for people who go on with plain stable-baselines3."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import cloudpickle  # type: ignore[import-untyped]
import gymnasium
from stable_baselines3.common.base_class import BaseAlgorithm

_OURS = ["rollout_buffer_class", "rollout_buffer_kwargs", "_last_obs", "_last_original_obs", "_last_episode_starts", "action_noise"]


def write_zip(model: BaseAlgorithm, path: Path, observation_space: gymnasium.Space[Any]) -> None:
    """Write the model without what is this project's own, so that `PPO.load` and the like need nothing but the library.

    observation_space: the environment's own, for the library compares it with that of the `env` a model goes on with.

    Classes out of a user's FILE.py go in whole, those of a module by name. Nothing depends on the file, so what cannot be pickled
    is a warning and no file.
    """
    files = [module for name, module in sys.modules.items() if name.startswith("eureka_file_")]
    for module in files:
        cloudpickle.register_pickle_by_value(module)
    space, model.observation_space = model.observation_space, observation_space
    try:
        model.save(path, exclude=_OURS)
    except Exception as error:
        path.unlink(missing_ok=True)
        warnings.warn(f"{path.name} is not written: {type(error).__name__}: {error}", stacklevel=2)
    finally:
        model.observation_space = space
        for module in files:
            cloudpickle.unregister_pickle_by_value(module)
