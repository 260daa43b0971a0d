"""Every random generator a training draws from, saved and brought back."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch


def torch_states(model: Any) -> dict[str, torch.Tensor]:
    """torch's, of the CPU and of the model's GPU."""
    states = {"cpu": torch.get_rng_state()}
    return {**states, "cuda": torch.cuda.get_rng_state(model.device)} if model.device.type == "cuda" else states


def json_states(model: Any) -> dict[str, Any]:
    """numpy's and Python's global ones, and the action space's, which draws random actions."""
    name, keys, *rest = np.random.get_state(legacy=True)
    actions = model.action_space.np_random.bit_generator.state
    return {
        "numpy": [name, np.asarray(keys).tolist(), *rest],
        "python": random.getstate(),
        "actions": json.loads(json.dumps(actions, default=np.ndarray.tolist)),
    }


def restore(model: Any, tensors: Mapping[str, torch.Tensor], state: Mapping[str, Any]) -> None:
    """Undo `torch_states` and `json_states`."""
    torch.set_rng_state(tensors["cpu"].cpu())
    if model.device.type == "cuda" and "cuda" in tensors:
        torch.cuda.set_rng_state(tensors["cuda"].cpu(), model.device)
    np.random.set_state(tuple(state["numpy"]))
    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal), gauss))
    model.action_space.np_random.bit_generator.state = state["actions"]
