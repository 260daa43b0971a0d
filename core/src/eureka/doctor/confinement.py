"""How surely generated rewards are confined on this machine: tried with a reward that does nothing."""

from __future__ import annotations

from collections.abc import Iterator

from eureka.doctor.asking import ask
from eureka.doctor.finding import Finding, Place

_TRY = """
import contextlib, json, sys
from eureka.errors import EurekaError, IsolationMissing
from eureka.worker.reward_client import RewardHost

def level(isolation):
    with contextlib.closing(RewardHost(isolation=isolation, without=sys.argv[1:])) as host:
        return host.probe()

try:
    told = {"level": level("require"), "required": True}
except IsolationMissing as error:
    told = {"level": level("best-effort"), "required": False, "why": str(error)}
except EurekaError as error:
    told = {"level": "", "why": str(error)}
print(json.dumps(told))
"""


def check(place: Place) -> Iterator[Finding]:
    """The layers that hold a reward process here, and whether `isolation: require` can be met."""
    told = ask(place.python, _TRY, *place.without, env={"OPENBLAS_NUM_THREADS": "1"})
    if not told["level"]:
        yield Finding("confinement", "problem", "no reward can be run here", told["why"], "Mend that; no run can begin before.")
    elif told["required"]:
        yield Finding("confinement", "ok", f"rewards are held by {told['level'].replace('+', ', ')}")
    else:
        yield Finding(
            "confinement",
            "warning",
            f"of three layers rewards are held by {told['level'].replace('+', ', ')}",
            told["why"].partition(" No generated code has run.")[0],
            "Rewards of the designer that asks no model run all the same. For a model's: another kernel or container, or, at your own "
            "risk, --set isolation=best-effort",
        )
