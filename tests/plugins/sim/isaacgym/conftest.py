"""A checkout in small and a stand-in for IsaacGym, both our own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
TREE, DOUBLE = HERE / "tree", HERE / "double"
ANSWER = """Stay upright.
```python
def near(x: torch.Tensor, temperature: float) -> torch.Tensor:
    return torch.exp(-(x * x) / temperature)

@torch.jit.script
def compute_reward(dof_pos: torch.Tensor, dof_vel: torch.Tensor) -> Tuple[torch.Tensor, Dict[str, torch.Tensor]]:
    upright = near(dof_pos[:, 1], 0.1)
    centred = 0.2 * near(dof_pos[:, 0], 1.0)
    still = -0.005 * torch.abs(dof_vel[:, 1])
    return upright + centred + still, {"upright": upright, "centred": centred, "still": still}
```"""


@pytest.fixture
def sim_options() -> dict[str, Any]:
    """`sim: isaacgym` in this interpreter, with the stand-in."""
    return {"task": "Cartpole", "python": sys.executable, "envs_path": str(TREE), "pythonpath": [str(DOUBLE)]}


@pytest.fixture
def small_run(sim_options: dict[str, Any]) -> dict[str, Any]:
    """A config of two epochs on a CPU."""
    fitness = {"value": "consecutive_successes", "fold": "last"}
    return {
        "task": {"name": "pole", "description": "Balance.", "sim": {"use": "isaacgym", **sim_options}, "fitness": fitness},
        "generator": {"use": "llm", "repairs": 0},
        "isolation": "best-effort",
        "trainer": {
            "use": "rl_games",
            "device": "cpu",
            "num_envs": 32,
            "params": {"config": {"minibatch_size": 256, "mini_epochs": 2}},
        },
        "search": {"iterations": 1, "samples": 1, "retest": 0},
        "training": {"steps": 1024, "checkpoints": 2},
        "extensions": [],
        "final": {"seeds": 0, "clip": False},
    }
