"""NVIDIA's driver and devices, and which of them CUDA_VISIBLE_DEVICES leaves. The library is loaded by another process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from eureka.doctor.asking import ask
from eureka.doctor.finding import Finding, Place
from eureka.gpus import INSTALL

_CPU = "Everything of Eureka's own runs on the CPU."
_CONTAINER = "Nothing, unless this machine has one: a container sees it with docker run --gpus all"
_LOOK = """
import dataclasses, json, os
from eureka.gpus import Driver, GpusUnknown
told = {}
try:
    driver = Driver()
    told["version"], told["devices"] = driver.version, [{**dataclasses.asdict(gpu), "words": str(gpu)} for gpu in driver.devices()]
    told["visible"] = [str(gpu) for gpu in driver.visible(os.environ)]
except GpusUnknown as error:
    told["why"] = str(error)
print(json.dumps(told))
"""


def check(place: Place) -> Iterator[Finding]:
    """The driver with its devices, and the environment variable where it is set."""
    told = gpus_told(place)
    if "devices" not in told:
        yield _not_told(told["why"], there=has_nvidia(place))
    elif not told["devices"]:
        yield Finding("GPU", "not there", f"NVIDIA's driver {told['version']} lists none", _CPU, _CONTAINER)
    else:
        devices = "; ".join(_words(gpu) for gpu in told["devices"])
        yield Finding("GPU", "ok", f"NVIDIA's driver {told['version']}: {devices}")
    yield from _visible(told)


def _not_told(why: str, there: bool) -> Finding:
    if not there:
        return Finding("GPU", "not there", "none of NVIDIA's", _CPU, _CONTAINER)
    if "nvidia-ml-py" in why:
        means = "There is a GPU, but nothing that tells its memory, which executor.gpu_memory_gb needs."
        return Finding("GPU", "warning", "nvidia-ml-py is not installed", means, INSTALL)
    means = "There is a GPU, and no program can use it."
    return Finding("GPU", "problem", why, means, "Install or mend NVIDIA's driver until nvidia-smi lists the GPU.")


def gpus_told(place: Place) -> dict[str, Any]:
    """`version`, `devices` and `visible` as far as they could be had, else `why` not. Raises NoAnswer."""
    told: dict[str, Any] = ask(place.python, _LOOK)
    return told


def has_nvidia(place: Place) -> bool:
    """Whether the machine has a device of NVIDIA's, whatever is installed for it."""
    return any((place.root / "proc/driver/nvidia/gpus").glob("*")) or (place.root / "dev/dxg").exists()


def _words(gpu: dict[str, Any]) -> str:
    capability = f", compute capability {gpu['capability'][0]}.{gpu['capability'][1]}" if gpu["capability"] else ""
    return f"{gpu['words']}, {gpu['free'] / 1e9:.1f} GB free{capability}{', in MIG mode' if gpu['mig'] else ''}"


def _visible(told: dict[str, Any]) -> Iterator[Finding]:
    setting = os.environ.get("CUDA_VISIBLE_DEVICES")
    if setting is None:
        return
    found = f"is set to {setting!r}"
    if told.get("visible"):
        yield Finding("CUDA_VISIBLE_DEVICES", "ok", f"{found}, which leaves {'; '.join(told['visible'])}")
    elif told.get("devices"):
        means = told.get("why") or "It leaves no GPU: no worker sees one."
        yield Finding(
            "CUDA_VISIBLE_DEVICES", "warning", found, means, "unset CUDA_VISIBLE_DEVICES, or name devices as nvidia-smi -L lists them."
        )
    else:
        yield Finding("CUDA_VISIBLE_DEVICES", "ok", f"{found}; there is no GPU to choose from")
