"""Simulator plugin for environments written in torch. Importing it does not load torch."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from eureka_torch.sim import TorchSim

if TYPE_CHECKING:
    from eureka_torch import rigid_body, rotations
    from eureka_torch.draw import Draw
    from eureka_torch.env import State, TorchEnv, box

__all__ = ["Draw", "State", "TorchEnv", "TorchSim", "box", "rigid_body", "rotations"]

_HOMES = {"Draw": "draw", "State": "env", "TorchEnv": "env", "box": "env"}


def __getattr__(name: str) -> Any:
    if name in ("rigid_body", "rotations"):
        return importlib.import_module(f"eureka_torch.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'eureka_torch' has no attribute {name!r}")
    return getattr(importlib.import_module(f"eureka_torch.{_HOMES[name]}"), name)
