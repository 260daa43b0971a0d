"""Operation `train`: the trials of a cohort one after the other, each in a simulator of its own."""

from __future__ import annotations

import json
import os
import time
from typing import Any, Dict

from .child import Child, NotStarted, SimulatorEnded
from .describe import ISOLATION
from .faults import RewardFault
from .protocol import Events, read_json, write_json

_SPARSE = (
    "there is no sparse reward: the task's metric is one number for all environments, or is known at an episode's end alone, and cannot be "
    "the reward of each step"
)


def train(job: Dict[str, Any], directory: str, events: Events) -> Dict[str, Any]:
    """Each trial's `result.json` in its directory; of a trial without one `faults` says why: the machine is at fault."""
    faults = {}
    for trial in job["trials"]:
        folder = os.path.join(job["run_dir"], trial["dir"])
        os.makedirs(folder)
        started = time.time()
        reached, first = _before(job, trial)
        result: Dict[str, Any] = {"checkpoints": [], "reached": reached}
        status = "ok"
        error: Any = None
        try:
            if trial["reward"] == "fitness":
                raise RewardFault("no_sparse", _SPARSE)
            result = _trained(job, directory, trial, folder, reached, first)
        except RewardFault as fault:
            status, error = "failed", {"code": fault.code, "message": fault.message, "line": fault.line}
            result["reached"] = _reached(folder, reached)
        except SimulatorEnded as ended:
            if ended.kind == "memory":
                raise  # The host tries this trial again, with fewer environments at last, and goes on with those that had not begun.
            if isinstance(ended, NotStarted):
                faults[trial["id"]] = str(ended)
                continue
            status, error = "failed", {"code": ended.kind, "message": str(ended)[:1500]}
            result["reached"] = _reached(folder, reached)
        told = {
            "kind": "result",
            "trial": trial["id"],
            "dir": trial["dir"],
            "spec": job["specs"][trial["id"]],
            "status": status,
            "checkpoints": result["checkpoints"],
            "steps": result["reached"] - reached,
            "reached": result["reached"],
            "error": error,
            "isolation": ISOLATION if trial["reward"] == "candidate" else "trusted",
            "training_intervals": [[started, time.time()]],
        }
        write_json(os.path.join(folder, "result.json"), told)
        events.write("progress", trial=trial["id"], steps=result["reached"], status=status)
    return {"faults": faults}


def _trained(job: Dict[str, Any], directory: str, trial: Dict[str, Any], folder: str, reached: int, first: int) -> Dict[str, Any]:
    options, trainer = job["task"]["sim"]["options"], job["trainer"]["options"]
    seam = trial["reward"] == "candidate"
    child = Child(directory, {"num_envs": None, "seed": trial["seed"], "seam": seam, "trainer": trainer}, options["start_s"])
    state = os.path.join(job["run_dir"], trial["start"], "state", "policy.pth") if trial.get("start") else ""
    request = {
        "id": trial["id"],
        "reward": trial["reward"],
        "code": trial.get("code", ""),
        "dir": folder,
        "budget": job["budget"],
        "reached": reached,
        "first": first,
        "start": state,
        "policy": os.path.join(job["run_dir"], trial["policy"], "policy.pth") if trial.get("policy") else "",
        "keep_all": bool(job.get("keep_all")) and seam,
        "goal": job["task"]["fitness"]["goal"],
    }
    try:
        return child.ask({"do": "train", "trial": request})
    finally:
        child.end()


def _reached(folder: str, before: int) -> int:
    """How far a training that failed had come, by the last epoch that was logged."""
    path = os.path.join(folder, "epochs.jsonl")
    if not os.path.exists(path):
        return before
    with open(path, encoding="utf-8") as file:
        return int(json.loads(file.readlines()[-1])["steps"])


def _before(job: Dict[str, Any], trial: Dict[str, Any]) -> Any:
    """Steps that the segment before trained to, and the checkpoint this one begins with."""
    if not trial.get("start"):
        return 0, 1
    before = read_json(os.path.join(job["run_dir"], trial["start"], "result.json"))
    return before["reached"], 1 + before["reached"] * job["budget"]["checkpoints"] // job["budget"]["total"]
