"""Simulator plugin for IsaacGym: a worker for the user's own interpreter, and the paper's tasks."""

from eureka_isaacgym.sim import IsaacGymSim

__all__ = ["IsaacGymSim"]
