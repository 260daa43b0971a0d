"""Trainer plugin that trains all rewards of a cohort as one batch."""

from eureka_population.trainer import PopulationTrainer

__all__ = ["PopulationTrainer"]
