"""The reward to beat: that of IsaacGymEnvs' Quadcopter (Makoviychuk et al., "Isaac Gym", 2021), in words of our own."""

import torch


def compute_reward(position, body_up, angular_velocity):
    """Near the target is good, and there level and without spinning about the upright axis is up to three times as good."""
    away = position - torch.tensor([0.0, 0.0, 1.0], dtype=position.dtype, device=position.device)
    near = 1.0 / (1.0 + (away * away).sum(dim=1))
    tilt, spin = 1.0 - body_up[:, 2], angular_velocity[:, 2]
    level = near / (1.0 + tilt * tilt)
    steady = near / (1.0 + spin * spin)
    return near + level + steady, {"near": near, "level": level, "steady": steady}
