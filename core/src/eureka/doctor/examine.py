"""Runs all checks, several at a time, and none of them can stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from eureka.doctor import confinement, gpu, installed, machine, other_python, simulators, this_python, torch_build, video, wsl
from eureka.doctor.asking import NoAnswer
from eureka.doctor.finding import Finding, Place

Check = Callable[[Place], Iterable[Finding]]

# What the table calls it where it fails → the check. In the order of the table.
CHECKS: dict[str, Check] = {
    "Python": this_python.check,
    "plugins": installed.check,
    "confinement": confinement.check,
    "machine": machine.check,
    "GPU": gpu.check,
    "torch": torch_build.check,
    "WSL": wsl.check,
    "simulators": simulators.check,
    "video": video.check,
    "other Python": other_python.check,
}
_AT_ONCE = 4


def examine(place: Place) -> list[Finding]:
    """Every line of the table. A check that fails is a line that says so."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda name: _examine(name, place), CHECKS))
    return [finding for findings in found for finding in findings]


def _examine(name: str, place: Place) -> list[Finding]:
    try:
        return list(CHECKS[name](place))
    except NoAnswer as error:
        return [
            Finding(
                name, "warning", f"could not be looked at: {error}", "Whether this works is not known.", "Try again on a quiet machine."
            )
        ]
    except Exception as error:  # a machine unlike any that was thought of must not hide what the other checks find
        what = f"could not be looked at: {type(error).__name__}: {error}"
        return [Finding(name, "warning", what, "Whether this works is not known; this is a bug in Eureka.", "Report the line above.")]
