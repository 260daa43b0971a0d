"""An environment under random actions: what it is described by."""

from __future__ import annotations

import math

import numpy as np

from eureka.seeds import derive_seed
from eureka.spaces import Box, Space
from eureka.worker.recorder import Recorded, Recorder

ROWS = 4


def _steps(space: Space) -> int:
    """Steps a row: few where observations are images, for those can take 20 ms each to draw."""
    return 32 if isinstance(space, Box) and math.prod(space.shape) > 10_000 else 256


def roll_out(recorder: Recorder, seed: int) -> Recorded:
    """Everything recorded of `ROWS` rows."""
    generators = [np.random.default_rng(derive_seed("design", seed, "action", row)) for row in range(ROWS)]
    recorder.reset([derive_seed("design", seed, "row", row) for row in range(ROWS)])
    for _ in range(_steps(recorder.observation_space)):
        recorder.step(np.stack([recorder.action_space.sample(rng) for rng in generators]))
    return recorder.take()
