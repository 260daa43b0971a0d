"""What a search spends between the last training of an iteration and the first of the next: everything but training and the model."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from figures import Figure, figure

PROGRAM = """```python
import numpy as np

def compute_reward(pole_angle, pole_velocity):
    upright = np.exp(-{rate} * pole_angle**2)
    slow = -0.1 * np.abs(pole_velocity)
    return upright + slow, {{"upright": upright, "slow": slow}}
```
"""
CANDIDATES = 16
STEPS = 128


def measure(rounds: int) -> dict[str, Figure]:
    """Wall seconds of each gap of a run of `rounds` + 1 iterations, 16 canned answers each, on two cores, by trainer.

    A gap ends when the trainer of the first candidate begins: selection, reflection, questions, checks and the start of the workers
    are in it. The canned answers take no time.
    """
    trainers = [name for name in ("population", "sb3") if find_spec(f"eureka_{name}") is not None]
    return {f"{CANDIDATES} candidates, {name}": figure(_gaps(name, rounds), "s") for name in trainers}


def _gaps(trainer: str, rounds: int) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        answers, run = Path(folder, "answers"), Path(folder, "run")
        answers.mkdir()
        for k in range(CANDIDATES):
            (answers / f"{k:02}.txt").write_text(PROGRAM.format(rate=5 + k))
        config = Path(folder, "between.yaml")
        settings = {
            "task": "cartpole",
            "generator": "llm",
            "llm": {"use": "replay", "from": str(answers)},
            "trainer": {"use": trainer, "num_envs": 4, "n_steps": 32, "n_epochs": 1},
            "executor": {"use": "local", "slots": 2},
            "search": {"iterations": rounds + 1, "samples": CANDIDATES, "retest": 0},
            "training": {"steps": STEPS, "checkpoints": 1},
            "evaluation": {"min_episodes": 1, "max_episodes": 1},
            "final": {"seeds": 0, "clip": False},
        }
        config.write_text(json.dumps(settings))  # JSON is YAML
        eureka = str(Path(sys.executable).with_name("eureka"))
        subprocess.run([eureka, "run", str(config), "--run-dir", str(run)], check=True, capture_output=True, text=True)
        return gaps(run)


def gaps(run: Path) -> list[float]:
    """Seconds between the trainings of each iteration of a run without restarts and those of the next, as its journal tells them."""
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    for line in (run / "journal.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record["kind"] == "result" and "/training/" in record["dir"]:
            iteration = record["trial"].partition("s")[0]
            intervals = [*record["training_intervals"], *record["evaluation_intervals"]]
            first[iteration] = min(first.get(iteration, float("inf")), *(start for start, _ in intervals))
            last[iteration] = max(last.get(iteration, 0.0), *(end for _, end in intervals))
    return [first[after] - last[before] for before, after in zip(list(first), list(first)[1:], strict=False)]
