"""Trainer plugin for rl_games."""

from eureka_rl_games.trainer import RLGamesTrainer

__all__ = ["RLGamesTrainer"]
