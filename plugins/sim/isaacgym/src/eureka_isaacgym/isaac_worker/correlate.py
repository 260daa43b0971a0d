"""Operation `correlate`: how a candidate's reward and the human one went together, as the paper reckons it."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List

from .meter import pearson
from .protocol import Events


def correlate(job: Dict[str, Any], directory: str, events: Events) -> Dict[str, Any]:
    """Pearson's over the means of each epoch of the candidate's trainings: no transitions are kept."""
    ours: List[float] = []
    human: List[float] = []
    for folder in job["dirs"]:
        with open(os.path.join(job["run_dir"], folder, "epochs.jsonl"), encoding="utf-8") as file:
            for line in file:
                epoch = json.loads(line)
                if epoch["gt_reward"] is not None:
                    ours.append(epoch["components"]["total"])
                    human.append(epoch["gt_reward"])
    value = pearson(ours, human)
    over = "over the means of {:,} epochs of training, as in the paper, and not over single transitions".format(len(ours))
    why = over if value is not None else "one of the two rewards never changed from epoch to epoch"
    told = {"kind": "correlation", "candidate": job["candidate"], "dirs": job["dirs"], "value": value, "why": why}
    return {"correlation": told}
