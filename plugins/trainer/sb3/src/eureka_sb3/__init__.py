"""Trainer plugin for stable-baselines3."""

from eureka_sb3.trainer import SB3Trainer

__all__ = ["SB3Trainer"]
