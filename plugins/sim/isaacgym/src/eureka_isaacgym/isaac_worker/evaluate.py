"""Operation `evaluate`: saved policies on fresh episodes, in simulators that load no reward but the task's own."""

from __future__ import annotations

import os
import time
from typing import Any, Dict

from .child import Child
from .protocol import Events


def evaluate(job: Dict[str, Any], directory: str, events: Events) -> Dict[str, Any]:
    """One `FreshEvaluation` per checkpoint: an episode of as many environments as there are seeds, the first of which seeds them all."""
    options, fresh = job["task"]["sim"]["options"], []
    for number, (name, spec) in enumerate(job["checkpoints"]):
        started = time.time()
        start = {"num_envs": max(2, len(job["seeds"])), "seed": job["seeds"][0], "seam": False, "trainer": job["trainer"]["options"]}
        child = Child(directory, start, options["start_s"])
        try:
            path = os.path.join(job["run_dir"], name, "checkpoint", "policy.pth")
            played = child.ask({"do": "play", "path": path, "folder": os.path.join(directory, "play")})
        finally:
            child.end()
        fresh.append(dict(played, kind="fresh", dir=name, spec=spec, interval=[started, time.time()]))
        events.write("evaluated", trial=name, steps=number + 1)
    return {"fresh": fresh}
