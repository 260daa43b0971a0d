"""Simulator plugin for Gymnasium environments. Importing it loads neither gymnasium nor a simulator."""

from eureka_gymnasium.sim import GymnasiumSim

__all__ = ["GymnasiumSim"]
