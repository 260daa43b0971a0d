"""rl_games' own checkpoints: read without running what is in them, and trained on from."""

from __future__ import annotations

import codecs
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch

from eureka.errors import ConfigError, EurekaError

# Numbers of numpy, such as the best mean reward that the library's own loop keeps; files of numpy 1 call the function by another name.
_SCALAR: Any = np.float32(0).__reduce__()[0]
_NUMBERS: list[Any] = [
    (_SCALAR, "numpy.core.multiarray.scalar"),
    (_SCALAR, "numpy._core.multiarray.scalar"),
    codecs.encode,  # how pickle writes the bytes of a number
    np.dtype,
    *(type(np.dtype(name)) for name in ("float32", "float64", "int32", "int64")),
]


def read(file: Path) -> dict[str, Any]:
    """What the library's `save` wrote: `model`, `optimizer` and more, on the CPU. Raises EurekaError where it did not, or it holds code."""
    try:
        with torch.serialization.safe_globals(_NUMBERS):
            state = torch.load(file, map_location="cpu", weights_only=True)
        # A model that the library's runner compiled has another name for each parameter.
        state["model"] = {name.removeprefix("_orig_mod."): tensor for name, tensor in state["model"].items()}
    except FileNotFoundError:
        raise EurekaError(f"{file}: no such file.") from None
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError, KeyError, TypeError, AttributeError) as error:
        # What torch wraps around it is advice to its own callers.
        what = " ".join(str(error).split()).rpartition("WeightsUnpickler error: ")[2].partition(" Please use")[0]
        raise EurekaError(
            f"{file}: is no checkpoint of rl_games, or holds more than numbers ({type(error).__name__}: {what[:200]})."
        ) from None
    return dict(state)


def differing(model: torch.nn.Module, weights: dict[str, Any]) -> list[str]:
    """Parameters and normalisers that only one of the two has, or that differ in shape."""
    own = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    saved = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    return sorted(name for name in {*own, *saved} if own.get(name) != saved.get(name))


def start_from(agent: Any, file: Path, keep_learning_rate: bool) -> None:
    """Give the agent weights, normalisers and optimiser of the file; epochs count from 0. Raises ConfigError where they do not fit.

    The optimiser's settings stay the agent's own, its learning rate too unless it is to be kept.
    """
    try:
        state = read(file)
    except EurekaError as error:
        raise ConfigError(
            f"trainer.load_checkpoint: {error} Name a .pth that rl_games wrote, such as a checkpoint's rl_games.pth."
        ) from None
    wrong = differing(agent.model, state["model"])
    if wrong or "optimizer" not in state:
        what = f"{', '.join(wrong[:3])} differ from the network here" if wrong else "it holds no optimizer"
        raise ConfigError(
            f"trainer.load_checkpoint: {file} does not fit: {what}. Set params.network, normalize_input and normalize_value as they were "
            "when it was written, in an environment with the same observations and actions."
        )
    rate = state["optimizer"]["param_groups"][0]["lr"]
    optimizer = {**state["optimizer"], "param_groups": agent.optimizer.state_dict()["param_groups"]}
    state.pop("last_mean_rewards", None)  # the best of another training, and a number of numpy
    agent.set_full_state_weights({**state, "optimizer": optimizer}, set_epoch=False)
    if keep_learning_rate:
        agent.last_lr = float(rate)
        agent.update_lr(agent.last_lr)
