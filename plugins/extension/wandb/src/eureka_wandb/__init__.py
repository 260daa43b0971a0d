"""`extensions: [progress, wandb]`: a run's curves and candidates in Weights & Biases."""

from eureka_wandb.extension import Wandb

__all__ = ["Wandb"]
