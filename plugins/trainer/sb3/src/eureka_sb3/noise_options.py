"""The options of `action_noise`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eureka import component


class Normal(component.Options):
    """Independent draws."""

    type: Literal["normal"] = Field(description="Independent Gaussian draws.")
    sigma: float = Field(0.1, gt=0, allow_inf_nan=False, description="Standard deviation.")


class OrnsteinUhlenbeck(component.Options):
    """Draws that wander, anew in every episode; Uhlenbeck & Ornstein 1930."""

    type: Literal["ornstein_uhlenbeck"] = Field(description="Noise that wanders and is pulled back to 0.")
    sigma: float = Field(0.1, gt=0, allow_inf_nan=False, description="Scale of each move.")
    theta: float = Field(0.15, gt=0, allow_inf_nan=False, description="How fast it is pulled back.")
    dt: float = Field(0.01, gt=0, allow_inf_nan=False, description="Time per step.")
