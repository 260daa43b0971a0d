"""Trainer plugin for curricula: lessons, each trained by another trainer from where the one before left off."""

from eureka_curriculum.trainer import CurriculumTrainer

__all__ = ["CurriculumTrainer"]
