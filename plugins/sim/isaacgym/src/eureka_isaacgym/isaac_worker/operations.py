"""What the host asks of a worker, one operation a job; the standard library does all of it but what a `Child` does."""

from __future__ import annotations

import os
import traceback
from typing import Any, Callable, Dict

from .check import check
from .child import SimulatorEnded
from .correlate import correlate
from .describe import describe
from .evaluate import evaluate
from .faults import RewardFault, Usage
from .probe import look
from .protocol import Events, end_with_the_host, leave_result, read_json
from .train import train


def render(job: Dict[str, Any], directory: str, events: Events) -> Dict[str, Any]:
    """Nothing is filmed: IsaacGym draws only on a display of its own kind, and its viewer is no part of a run."""
    raise Usage("sim isaacgym draws nothing; look at the policy with the checkout's own train.py: test=True checkpoint=PATH/policy.pth")


def probe(job: Dict[str, Any], directory: str, events: Events) -> Dict[str, Any]:
    """What is installed and what is missing; `{"op": "probe"}` is job enough, a run's own job has more to go by."""
    return {"probe": look(job)}


OPERATIONS: Dict[str, Callable[[Dict[str, Any], str, Events], Dict[str, Any]]] = {
    "probe": probe,
    "describe": describe,
    "check": check,
    "train": train,
    "evaluate": evaluate,
    "correlate": correlate,
    "render": render,
}


def _refuse_isolation(job: Dict[str, Any]) -> None:
    """No operation that loads a candidate, or announces that one will be loaded, goes on where it cannot be confined as was asked."""
    if job["op"] in ("describe", "check", "train") and job.get("isolation") == "require":
        raise Usage(
            "isolation: require cannot be kept by sim isaacgym: a reward is compiled into the simulator's process, which nothing confines. "
            "Where that is acceptable, as on a machine that holds nothing but this, set isolation: best-effort."
        )


def run(directory: str) -> None:
    """Do the job of a directory and leave its result there."""
    end_with_the_host()
    os.chdir(directory)
    job = read_json(os.path.join(directory, "job.json"))
    try:
        _refuse_isolation(job)
        result = OPERATIONS[job["op"]](job, directory, Events(directory))
        leave_result(directory, status="ok", **result)
    except Usage as error:
        leave_result(directory, status="error", error="usage", message=str(error))
    except SimulatorEnded as ended:
        leave_result(directory, status="error", error="memory" if ended.kind == "memory" else "crash", message=str(ended))
    except RewardFault as fault:  # none was asked for here: the task's own
        leave_result(directory, status="error", error="crash", message=fault.message)
    except Exception as error:
        traceback.print_exc()
        leave_result(
            directory, status="error", error="crash", message="{}: {}".format(type(error).__name__, error), details=traceback.format_exc()
        )
