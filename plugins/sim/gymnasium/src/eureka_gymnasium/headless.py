"""Drawing on a machine without a display: what pygame and MuJoCo must be told before they draw. What the user has set stays."""

from __future__ import annotations

import os
import subprocess
import sys

from eureka.display import has_display
from eureka.errors import ConfigError

_TRY = "from mujoco.{0} import GLContext; GLContext(8, 8).make_current()"
_PATIENCE_S = 60


def pygame_without_display() -> None:
    """Have SDL, which pygame draws with, open neither screen nor sound where there is no display."""
    if not has_display():
        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
        os.environ.setdefault("SDL_AUDIODRIVER", "dummy")


def check_window(name: str) -> None:
    """Raise ConfigError where pygame, if that draws, opened its window on no screen: it does not say so itself."""
    pygame = sys.modules.get("pygame")
    if pygame is not None and pygame.display.get_init() and pygame.display.get_driver() in ("dummy", "offscreen"):
        raise ConfigError(
            f"sim.env: {name} found no screen that DISPLAY or WAYLAND_DISPLAY names to open a window on. Take --video instead."
        )


def mujoco_without_display(name: str) -> None:
    """Choose what MuJoCo draws with where there is no display: EGL, which uses a graphics card if there is one, else OSMesa.

    Each is tried in a process of its own, for the one that fails leaves the other unusable, and some drivers crash. Raises ConfigError with
    what to install where neither works.
    """
    if has_display() or os.environ.get("MUJOCO_GL"):
        return
    for backend in ("egl", "osmesa"):
        # PyOpenGL's choice, if the user made one, is for the other of the two.
        tried = {**os.environ, "MUJOCO_GL": backend, "PYOPENGL_PLATFORM": backend}
        done = subprocess.run(
            [sys.executable, "-c", _TRY.format(backend)], env=tried, capture_output=True, timeout=_PATIENCE_S, check=False
        )
        if done.returncode == 0:
            os.environ.update({"MUJOCO_GL": backend, "PYOPENGL_PLATFORM": backend})
            return
    raise ConfigError(
        f"sim.env: {name} is drawn by MuJoCo, which without a display needs EGL or OSMesa, and neither works here. "
        "On Debian or Ubuntu: apt install libegl1 libgl1-mesa-dri (or: apt install libosmesa6)."
    )
