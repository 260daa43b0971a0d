"""The reward to beat: that of IsaacGymEnvs' Cartpole (Makoviychuk et al., "Isaac Gym", 2021), in words of our own."""

import torch


def compute_reward(pole_angle, cart_velocity, pole_velocity, terminated):
    """1 for an upright pole, less for leaning and for haste; -2 at the end."""
    upright = 1.0 - pole_angle * pole_angle
    haste = -0.01 * cart_velocity.abs() - 0.005 * pole_velocity.abs()
    total = torch.where(terminated > 0, torch.full_like(upright, -2.0), upright + haste)
    return total, {"upright": upright, "haste": haste, "ended": terminated}
