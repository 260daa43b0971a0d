"""The options as arguments of a stable-baselines3 algorithm's constructor."""

from __future__ import annotations

from typing import Any

import numpy as np
from stable_baselines3.common.noise import ActionNoise, NormalActionNoise, OrnsteinUhlenbeckActionNoise
from stable_baselines3.common.utils import LinearSchedule

from eureka.spaces import Box, Space
from eureka_sb3.algorithms import LIBRARY
from eureka_sb3.noise_options import Normal, OrnsteinUhlenbeck
from eureka_sb3.options import Options


def arguments(options: Options, action_space: Space) -> dict[str, Any]:
    """All hyper-parameters of the chosen algorithm."""
    given = {name: getattr(options, name) for name in LIBRARY[options.algorithm]}
    if options.learning_rate_schedule == "linear":
        given["learning_rate"] = LinearSchedule(options.learning_rate, 0.0, 1.0)
    if options.algorithm == "PPO" and options.clip_range_schedule == "linear":
        given["clip_range"] = LinearSchedule(options.clip_range, 0.0, 1.0)
    if given.get("action_noise") is not None:
        given["action_noise"] = _noise(given["action_noise"], action_space)
    if given.get("optimize_memory_usage"):
        # The library cannot tell truncated from terminated steps in the space it saves.
        given["replay_buffer_kwargs"] = {"handle_timeout_termination": False}
    return given


def _noise(options: Normal | OrnsteinUhlenbeck, action_space: Space) -> ActionNoise:
    assert isinstance(action_space, Box)
    size = int(np.prod(action_space.shape))
    mean, sigma = np.zeros(size), np.full(size, options.sigma)
    if isinstance(options, Normal):
        return NormalActionNoise(mean, sigma)
    return OrnsteinUhlenbeckActionNoise(mean, sigma, theta=options.theta, dt=options.dt)
