"""How a free rigid body turns."""

from __future__ import annotations

import torch

from eureka_torch import rotations

FASTEST = 40.0
"""rad/s that a body turns at most: beyond it a step of a hundredth of a second is no longer a small one."""


def turned(
    orientation: torch.Tensor, velocity: torch.Tensor, torque: torch.Tensor, inertia: torch.Tensor, dt: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Orientation (N, 4) and angular velocity (N, 3) after `dt` seconds.

    velocity, torque: (N, 3), rad/s and N m about the body's own axes. inertia: (3,), kg m², about these, which are its principal axes.
    Euler's equations by the midpoint rule, so that the energy's error shrinks with the square of `dt`.
    """

    def faster(omega: torch.Tensor) -> torch.Tensor:
        return (torque - torch.linalg.cross(omega, inertia * omega)) / inertia

    middle = velocity + 0.5 * dt * faster(velocity)
    after = velocity + dt * faster(middle)
    speed = torch.sqrt((after * after).sum(dim=1, keepdim=True))
    turn = rotations.from_vector(dt * middle)
    return rotations.normalized(rotations.multiplied(orientation, turn)), after * torch.clamp(FASTEST / speed, max=1.0)
