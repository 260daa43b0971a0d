"""Whether there is a screen that a window could open on."""

from __future__ import annotations

import os
import sys


def has_display() -> bool:
    """On Linux: whether the environment names an X or a Wayland display; elsewhere a desktop is taken for granted."""
    return sys.platform != "linux" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
