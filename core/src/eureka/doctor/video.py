"""Whether policies can be filmed and shown: a display, what draws without one, and what encodes."""

from __future__ import annotations

import os
from collections.abc import Iterator

from eureka.display import has_display
from eureka.doctor.asking import NoAnswer, ask
from eureka.doctor.conflicts import version_of
from eureka.doctor.finding import Finding, Place

_DRAW = 'from mujoco.{0} import GLContext; GLContext(8, 8).make_current(); print("true")'
_DRAWERS = {"egl": "EGL", "osmesa": "OSMesa"}
_GET = "apt install libegl1 libgl1-mesa-dri (or: apt install libosmesa6)"


def check(place: Place) -> Iterator[Finding]:
    """The encoder, the display, and how MuJoCo draws."""
    if av := version_of("av"):
        yield Finding("video", "ok", f"PyAV {av} encodes")
    else:
        means = "Runs leave no clip of their best policy, and eureka play --video cannot write."
        yield Finding("video", "not there", "PyAV is not installed", means, 'pip install "eureka-core[video]"')
    if has_display():
        yield Finding("display", "ok", "there is one, for eureka play --window")
    else:
        means = "eureka play --window has nowhere to open; videos do without."
        yield Finding("display", "not there", "neither DISPLAY nor WAYLAND_DISPLAY is set", means, "eureka play DIR --video FILE.mp4")
    if version_of("mujoco") and not has_display():
        yield _mujoco(place)


def _mujoco(place: Place) -> Finding:
    chosen = os.environ.get("MUJOCO_GL", "").lower()
    refused = []
    for backend, name in _DRAWERS.items():
        if chosen in ("", backend):
            try:
                # Each in a process of its own: one that fails spoils the other, and some drivers crash.
                ask(place.python, _DRAW.format(backend), env={"MUJOCO_GL": backend, "PYOPENGL_PLATFORM": backend})
                return Finding("MuJoCo draws", "ok", f"without a display, by {name}")
            except NoAnswer as error:
                refused.append(f"{name}: {error}")
    found = "; ".join(refused) or f"MUJOCO_GL={chosen} needs a display"
    means = "Runs of robots leave no clip, and eureka play --video cannot draw them. Training does not need it."
    return Finding("MuJoCo draws", "warning", found, means, "unset MUJOCO_GL" if not refused else _GET)
