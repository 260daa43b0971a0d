"""Stands in for nvidia-ml-py: the GPUs are those in the JSON file that FAKE_GPUS names, read anew whenever one is asked for.

A list of {"uuid", "name", "total", "used"}, in GB, and maybe "reserved", "capability" and "mig". A text is an error of the driver's.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

nvmlMemory_v2 = 2


class NVMLError(Exception):
    pass


def _gpus() -> list[dict]:
    told = json.loads(Path(os.environ["FAKE_GPUS"]).read_text())
    if isinstance(told, str):
        raise NVMLError(told)
    return told


def _gpu(handle: str) -> dict:
    return next(gpu for gpu in _gpus() if gpu["uuid"] == handle)


def nvmlInit() -> None:
    _gpus()


def nvmlSystemGetDriverVersion() -> str:
    return "550.54.14"


def nvmlSystemGetCudaDriverVersion() -> int:
    return 12040


def nvmlDeviceGetCount() -> int:
    return sum(not gpu["uuid"].startswith("MIG-") for gpu in _gpus())


def nvmlDeviceGetHandleByIndex(index: int) -> str:
    return [gpu["uuid"] for gpu in _gpus() if not gpu["uuid"].startswith("MIG-")][index]


def nvmlDeviceGetHandleByUUID(uuid: str) -> str:
    if not any(gpu["uuid"] == uuid for gpu in _gpus()):
        raise NVMLError("Not Found")
    return uuid


def nvmlDeviceGetUUID(handle: str) -> str:
    return handle


def nvmlDeviceGetName(handle: str) -> str:
    return _gpu(handle)["name"]


def nvmlDeviceGetMemoryInfo(handle: str, version: int | None = None) -> SimpleNamespace:
    gpu = _gpu(handle)
    total, used, reserved = (int(gpu.get(key, 0) * 1e9) for key in ("total", "used", "reserved"))
    if version is None:
        return SimpleNamespace(total=total, used=used + reserved, free=total - used - reserved)
    if gpu.get("old_driver"):
        raise NVMLError("Function Not Found")
    return SimpleNamespace(total=total, reserved=reserved, used=used, free=total - used - reserved)


def nvmlDeviceGetCudaComputeCapability(handle: str) -> tuple[int, int]:
    if "capability" not in _gpu(handle):
        raise NVMLError("Not Supported")
    return tuple(_gpu(handle)["capability"])


def nvmlDeviceGetMigMode(handle: str) -> list[int]:
    if "mig" not in _gpu(handle):
        raise NVMLError("Not Supported")
    return [_gpu(handle)["mig"], _gpu(handle)["mig"]]
