"""The GPUs that a process started from here would see, as NVIDIA's management library (NVML) tells: no CUDA is opened for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

INSTALL = 'pip install "eureka-core[gpu]" (in a clone: .venv/bin/pip install -c constraints.txt nvidia-ml-py)'


class GpusUnknown(Exception):
    """Nobody can say what GPUs there are; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """A device, or an instance of one in MIG mode, as it is now.

    uuid: what CUDA_VISIBLE_DEVICES takes. capacity: bytes that are free on it when nobody uses it. free: bytes. capability: CUDA's compute
    capability; None where NVML does not say. mig: whether it is a device in MIG mode, which only its instances can be used of.
    """

    uuid: str
    name: str
    capacity: int
    free: int
    capability: tuple[int, int] | None = None
    mig: bool = False

    def __str__(self) -> str:
        return f"{self.name} with {self.capacity / 1e9:.1f} GB ({self.uuid})"


class Driver:
    """NVIDIA's driver, opened once. Raises GpusUnknown where there is none, or no library to ask it with."""

    def __init__(self) -> None:
        try:
            import pynvml
        except ImportError:
            raise GpusUnknown(f"nvidia-ml-py, which asks NVIDIA's driver, is not installed: {INSTALL}") from None
        self._nvml = pynvml
        with self._told():
            pynvml.nvmlInit()

    @property
    def version(self) -> str:
        """Of the driver, such as `550.54.14`."""
        with self._told():
            return str(self._nvml.nvmlSystemGetDriverVersion())

    def devices(self) -> list[Gpu]:
        """Every device of the machine, in the order of the PCI bus."""
        with self._told():
            return [self._gpu(self._nvml.nvmlDeviceGetHandleByIndex(index)) for index in range(self._nvml.nvmlDeviceGetCount())]

    def visible(self, environ: Mapping[str, str]) -> list[Gpu]:
        """Those that a process with this environment may use: CUDA_VISIBLE_DEVICES, by UUID, the beginning of one, or number.

        Empty where it leaves none. A device in MIG mode is left alone unless its instances are named. As in CUDA, what comes after an
        entry that is none is not seen. Raises GpusUnknown also where only CUDA knows what a number means.
        """
        devices, setting = self.devices(), environ.get("CUDA_VISIBLE_DEVICES")
        if setting is None:
            return [gpu for gpu in devices if not gpu.mig]
        found: dict[str, Gpu] = {}
        for entry in map(str.strip, setting.split(",")):
            if entry.isdigit() and len({gpu.name for gpu in devices}) > 1 and environ.get("CUDA_DEVICE_ORDER") != "PCI_BUS_ID":
                raise GpusUnknown(
                    f"CUDA_VISIBLE_DEVICES={setting} gives numbers where GPUs of several kinds are, and CUDA numbers them in an order "
                    "of its own. Name them by UUID (nvidia-smi -L), or also set CUDA_DEVICE_ORDER=PCI_BUS_ID"
                )
            gpu = self._named(entry, devices)
            if gpu is None:
                break
            if not gpu.mig:
                found[gpu.uuid] = gpu
        return list(found.values())

    def _named(self, entry: str, devices: list[Gpu]) -> Gpu | None:
        if entry.isdigit():
            return devices[int(entry)] if int(entry) < len(devices) else None
        if entry.startswith("MIG-"):
            with contextlib.suppress(self._nvml.NVMLError):
                return self._gpu(self._nvml.nvmlDeviceGetHandleByUUID(entry))
            return None
        same = [gpu for gpu in devices if entry.startswith("GPU-") and gpu.uuid.startswith(entry)]
        return same[0] if len(same) == 1 else None

    def _gpu(self, handle: Any) -> Gpu:
        nvml = self._nvml
        try:
            memory = nvml.nvmlDeviceGetMemoryInfo(handle, version=nvml.nvmlMemory_v2)
            capacity = memory.total - memory.reserved
        except (nvml.NVMLError, AttributeError, TypeError):  # an older driver or library counts what is reserved as used
            memory = nvml.nvmlDeviceGetMemoryInfo(handle)
            capacity = memory.total
        capability, mig = None, False
        with contextlib.suppress(nvml.NVMLError):
            major, minor = nvml.nvmlDeviceGetCudaComputeCapability(handle)
            capability = int(major), int(minor)
        with contextlib.suppress(nvml.NVMLError):
            mig = nvml.nvmlDeviceGetMigMode(handle)[0] == 1
        uuid, name = str(nvml.nvmlDeviceGetUUID(handle)), str(nvml.nvmlDeviceGetName(handle))
        return Gpu(uuid, name, int(capacity), int(memory.free), capability, mig and not uuid.startswith("MIG-"))

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._nvml.NVMLError as error:
            raise GpusUnknown(f"NVIDIA's driver does not answer ({error}). Does nvidia-smi list GPUs? If not: install or mend it") from None
