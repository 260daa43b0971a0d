"""Every random generator a training draws from: the global ones of torch, numpy and Python, seeded, saved and brought back."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch


def seed(number: int) -> None:
    """Seed all of them, as rl_games' runner does; with 0, too, which it takes for no seed."""
    torch.manual_seed(number)
    np.random.seed(number)
    random.seed(number)


def states(device: str) -> dict[str, Any]:
    """What `restore` needs: tensors, numbers and text alone. device: where the training runs."""
    name, keys, *rest = np.random.get_state(legacy=True)
    gpu = {"cuda": torch.cuda.get_rng_state(device)} if device.startswith("cuda") else {}
    numpy_state = [name, np.asarray(keys).tolist(), *rest]
    return {"torch": torch.get_rng_state(), **gpu, "numpy": numpy_state, "python": random.getstate()}


def restore(state: Mapping[str, Any], device: str) -> None:
    """Undo `states`."""
    torch.set_rng_state(state["torch"].cpu())
    if device.startswith("cuda") and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"].cpu(), device)
    np.random.set_state(tuple(state["numpy"]))
    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal), gauss))
