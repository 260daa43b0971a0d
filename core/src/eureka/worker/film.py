"""What of an episode goes into its video: which frames, and that they are frames."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.env import RenderedEnv
from eureka.errors import ConfigError
from eureka.job_types import RenderJob
from eureka.worker.video import Video

MOST_FPS = {"mp4": 60, "gif": 30}
"""Frames a second at most: more is seen by nobody, and makes a gif large."""


class Film:
    """Has the environment drawn when a frame is due, and hands each frame on at once: none is kept.

    A simulator that makes more steps a second than a video shows frames is drawn at every second step, or third, …; the last state of
    an episode is always shown. cut: whether something was left out since the video had reached `job.seconds`.
    """

    def __init__(self, env: RenderedEnv, path: Path, job: RenderJob) -> None:
        self._env = env
        self._every = math.ceil(env.render_fps / MOST_FPS[job.video_format])
        fps = env.render_fps / self._every
        self._video = Video(path, job.video_format, fps, job.height)
        self._left = math.inf if job.seconds is None else round(job.seconds * fps) + 1  # the reset state is one more than the steps
        self._steps = 0
        self.cut = False

    def look(self, last: bool) -> None:
        """Called in every state of an episode, from its reset state to its last."""
        due = last or self._steps % self._every == 0
        self._steps = 0 if last else self._steps + 1
        if due and self._left > 0:
            self._left -= 1
            self._video.add(_checked(self._env.render()))
        elif due:
            self.cut = True

    def close(self) -> None:
        """Have the video whole."""
        self._video.close()


def _checked(frame: Any) -> NDArray[np.uint8]:
    """The frame. Raises ConfigError where it is none."""
    if isinstance(frame, np.ndarray) and frame.dtype == np.uint8 and frame.ndim == 3 and frame.shape[2] == 3 and min(frame.shape) >= 2:
        return frame
    found = f"{frame.dtype} {frame.shape}" if isinstance(frame, np.ndarray) else type(frame).__name__
    raise ConfigError(f"task.sim: render() of the environment gives {found}; a video takes uint8 arrays (height, width, 3).")
