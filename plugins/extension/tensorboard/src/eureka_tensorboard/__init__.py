"""`extensions: [progress, tensorboard]`: a run's curves and texts as TensorBoard event files."""

from eureka_tensorboard.extension import TensorBoard

__all__ = ["TensorBoard"]
