"""The point of parts.py as a picture: a white bar where it is, on black. Needs no drawing library."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Literal

import numpy as np

import eureka
from eureka.env import EnvRequest
from eureka.errors import ConfigError
from eureka.user_code import load_file

PARTS = load_file(Path(__file__).with_name("parts.py"))


class DrawnEnv(PARTS.PointEnv):
    """Its frames are 41 x 65 pixels, odd both. `draws`: how it misbehaves."""

    render_fps = 25.0

    def __init__(self, sources, draws):
        super().__init__(1, sources)
        self.draws, self.seen, self.drawn = draws, 0.0, 0

    def reset(self, seeds):
        reset = super().reset(seeds)
        self.seen = reset.observations[0, 0]
        return reset

    def step(self, actions, active=None):
        step = super().step(actions, active)
        self.seen = step.final_observations[0, 0]
        return step

    def render(self):
        self.drawn += 1
        frame = np.zeros((41, 65, 3), np.uint8)
        at = int(np.clip(32 + 20 * self.seen, 0, 60))
        frame[:, at : at + 4] = 255
        if self.drawn == 5 and self.draws == "crashing":
            os.kill(os.getpid(), signal.SIGSEGV)
        time.sleep(1.0 if self.draws == "slowly" else 0.0)
        return frame


class DrawnSim(PARTS.PointSim):
    """A point on a line that can be seen."""

    class Options(PARTS.PointSim.Options):
        draws: Literal["well", "slowly", "crashing", "not"] = "well"

    @eureka.hookimpl
    def eureka_make_env(self, request: EnvRequest):
        if request.render is None:
            return PARTS.PointEnv(request.num_envs, request.sources)
        if self.options.draws == "not":
            raise ConfigError("sim.env: point is drawn by a library that is not installed here: pip install pencils")
        return DrawnEnv(request.sources, self.options.draws)
