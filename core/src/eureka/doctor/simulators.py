"""The simulators that tasks may need, by the metadata of their packages."""

from __future__ import annotations

from collections.abc import Iterator

from eureka.doctor.conflicts import version_of
from eureka.doctor.finding import Finding, Place

# What it is called → packages that bring it, what needs it, how to get it.
_SIMULATORS = {
    "gymnasium": (("gymnasium",), "Every task of Gymnasium's needs it.", "pip install eureka-plugin-gymnasium"),
    "mujoco": (("mujoco",), "Tasks of robots need it, such as hopper.", 'pip install "gymnasium[mujoco]"'),
    "box2d": (("box2d", "box2d-py"), "The tasks lunar_lander and bipedal_walker need it.", 'pip install "gymnasium[box2d]"'),
    "atari": (("ale-py",), "Atari's games need it.", 'pip install "eureka-plugin-gymnasium[atari]"'),
    "robotics": (
        ("gymnasium-robotics",),
        "The task fetch_reach needs it, with an older MuJoCo than the others: best in an environment of its own.",
        'pip install "eureka-plugin-gymnasium[robotics]"',
    ),
}


def check(place: Place) -> Iterator[Finding]:
    """A line each."""
    for name, (packages, means, command) in _SIMULATORS.items():
        found = [f"{package} {version}" for package in packages if (version := version_of(package))]
        yield Finding(name, "ok", ", ".join(found)) if found else Finding(name, "not there", "not installed", means, command)
