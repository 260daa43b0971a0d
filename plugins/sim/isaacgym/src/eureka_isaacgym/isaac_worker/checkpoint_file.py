"""rl_games' own checkpoints, with what they are of beside them, read without running what is in them."""

from __future__ import annotations

import codecs
import importlib.metadata
import os
from typing import Any, Dict

from .faults import Usage
from .protocol import read_json, write_json

FORMAT = 1
_NAME = "isaacgym.json"


def write_description(folder: str, env: Any) -> None:
    """Write what the checkpoint in the folder is of: format, rl_games' version, task and spaces."""
    versions = {"format": FORMAT, "rl_games": importlib.metadata.version("rl_games"), "task": type(env).__name__}
    write_json(os.path.join(folder, _NAME), dict(versions, **_spaces(env)))


def check(path: str, env: Any, place: str) -> None:
    """Raise Usage where the description beside the .pth says that it is of another format or of other spaces; another task is no matter.

    One that has none, as rl_games alone leaves it, is told by its network. place: of the file, in words for a user.
    """
    beside = os.path.join(os.path.dirname(path), _NAME)
    if not os.path.exists(beside):
        return
    found = read_json(beside)
    for name, here in dict(_spaces(env), format=FORMAT).items():
        if found.get(name) != here:
            raise Usage(
                "{}: {} was written with {} {} (task {}, rl_games {}), and here it is {}.".format(
                    place, path, name, found.get(name), found.get("task"), found.get("rl_games"), here
                )
            )


def _spaces(env: Any) -> Dict[str, Any]:
    return {"observations": list(env.observation_space.shape), "actions": list(env.action_space.shape)}


def read(path: str, place: str) -> Dict[str, Any]:
    """What the library's `save` wrote: `model`, `optimizer` and more, on the CPU. place: of the file, in words for a user.

    Raises Usage where it did not, or where the file holds code.
    """
    import torch

    _allow_numbers()
    try:
        state = dict(torch.load(path, map_location="cpu", weights_only=True))
        # A model that the library's runner compiled has another name for each parameter.
        state["model"] = {name.replace("_orig_mod.", "", 1): tensor for name, tensor in state["model"].items()}
    except Exception as error:  # a file that is none of torch's raises what it likes
        words = " ".join(str(error).split())
        # What torch wraps around it is advice to its own callers.
        what = (words.rpartition("WeightsUnpickler error: ")[2] or words).partition(" Please use")[0]
        raise Usage(
            "{}: {} is no checkpoint of rl_games, or holds more than numbers, and nothing in it was run ({}: {}). "
            "Name a .pth that rl_games wrote.".format(place, path, type(error).__name__, what[:200])
        )
    return state


def _allow_numbers() -> None:
    """Let numpy's numbers through, such as the best mean reward that the library's own loop keeps."""
    import numpy
    import torch

    if hasattr(torch.serialization, "add_safe_globals"):  # torch 2.4 and later
        scalar: Any = numpy.float32(0).__reduce__()[0]
        kinds = [type(numpy.dtype(name)) for name in ("float32", "float64", "int32", "int64")]
        torch.serialization.add_safe_globals([scalar, codecs.encode, numpy.dtype, *kinds])
