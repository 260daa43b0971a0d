"""The torch that this Python has: which CUDA it is built for, and whether it sees a device. It is imported by another process."""

from __future__ import annotations

import os
from collections.abc import Iterator

from eureka.doctor.asking import ask
from eureka.doctor.conflicts import version_of
from eureka.doctor.finding import Finding, Place
from eureka.doctor.gpu import has_nvidia

_LOOK = """
import json, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import torch
    there = torch.cuda.is_available()
    names = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())] if there else []
    if there:
        torch.zeros(1, device="cuda")
said = [str(one.message).split("\\n")[0] for one in caught if "cuda" in str(one.message).lower() or "driver" in str(one.message).lower()]
print(json.dumps({"cuda": torch.version.cuda or torch.version.hip, "devices": names, "said": said}))
"""
_PATIENCE_S = 60
_CHOOSE = "Take a build for your driver's CUDA: https://pytorch.org/get-started/locally"


def check(place: Place) -> Iterator[Finding]:
    """One line; where torch is not installed, what needs it."""
    version = version_of("torch")
    if not version:
        yield Finding(
            "torch", "not there", "not installed", "Only trainers that use it need it, such as sb3.", "pip install eureka-plugin-sb3"
        )
        return
    told = ask(place.python, _LOOK, seconds=_PATIENCE_S)
    said = " ".join(told["said"][:1])
    # With the variable set so that it hides them, no device is what was asked for.
    expected = has_nvidia(place) and os.environ.get("CUDA_VISIBLE_DEVICES") not in ("", "-1")
    if told["devices"]:
        found = f"{version}, built for CUDA {told['cuda']}, sees {', '.join(told['devices'])}"
        yield Finding("torch", "warning" if said else "ok", found, said, _CHOOSE if said else "")
    elif told["cuda"] is None:
        found = f"{version}, a build without CUDA"
        means = "This machine has a GPU, and trainers that use torch take the CPU."
        yield Finding("torch", "warning", found, means, _CHOOSE) if expected else Finding("torch", "ok", found)
    elif expected:
        means = said or "The driver is older than that CUDA, or hides the device (a container needs --gpus all)."
        yield Finding("torch", "problem", f"{version}, built for CUDA {told['cuda']}, sees no device", means, _CHOOSE)
    else:
        yield Finding("torch", "ok", f"{version}, built for CUDA {told['cuda']}, sees no device: it takes the CPU")
