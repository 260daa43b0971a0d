"""Which GPU each job gets: the one with the most memory that is neither in use nor promised."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass

from eureka.errors import ConfigError
from eureka.gpus import Driver, Gpu, GpusUnknown

log = logging.getLogger("eureka")


@dataclass(frozen=True, eq=False)
class Promise:
    """A running job's share of a GPU. alone: nobody else's jobs of this run may be beside it."""

    gpu: Gpu
    alone: bool


class GpuPlacement:
    """Promises memory on the GPUs that CUDA_VISIBLE_DEVICES leaves. need_gb: of each job, in 10^9 bytes.

    Every method raises ConfigError where no GPU can be seen, or none that a job would fit on were it empty.
    """

    def __init__(self, need_gb: float) -> None:
        self._need = int(need_gb * 1e9)
        self._driver: Driver | None = None
        self._promises: list[Promise] = []
        self._others: dict[str, int] = {}
        """UUID → bytes that others used when the first of the jobs there now came: what these use themselves cannot be told apart."""
        self._told = False

    def slots(self) -> int:
        """How many jobs the GPUs hold when nobody else uses them."""
        return sum(gpu.capacity // self._need for gpu in self._gpus())

    def has_room(self, alone: bool) -> bool:
        """Whether a job fits on a GPU now. Where others leave none, says so once: they may go on for long."""
        gpu = self._roomiest(alone)
        room = self._room(gpu, alone) >= self._need
        if not room and not self._promises and not self._told:
            free = f"at most {gpu.free / 1e9:.1f} GB are free, on {gpu}"
            log.warning("executor: waiting for %.1f GB on a GPU that other programs use; %s", self._need / 1e9, free)
        self._told = not room and (self._told or not self._promises)
        return room

    def take(self, alone: bool) -> Promise:
        """Promise a job its share of the GPU with the most room. To be asked after `has_room`; to be given back with `give_back`."""
        gpu = self._roomiest(alone)
        if not self._beside(gpu):
            self._others[gpu.uuid] = gpu.capacity - gpu.free
        promise = Promise(gpu, alone)
        self._promises.append(promise)
        return promise

    def give_back(self, promise: Promise) -> None:
        """The job has ended."""
        if promise in self._promises:
            self._promises.remove(promise)

    def _roomiest(self, alone: bool) -> Gpu:
        return max(self._gpus(), key=lambda gpu: self._room(gpu, alone))

    def _room(self, gpu: Gpu, alone: bool) -> int:
        """Bytes for one more job: what is free, and would be if each job here took all it was promised; negative where none may come."""
        here = self._beside(gpu)
        if not here:
            return gpu.free
        if alone or here[0].alone:
            return -1
        return min(gpu.free, gpu.capacity - self._others[gpu.uuid] - len(here) * self._need)

    def _beside(self, gpu: Gpu) -> list[Promise]:
        return [promise for promise in self._promises if promise.gpu.uuid == gpu.uuid]

    def _gpus(self) -> list[Gpu]:
        """Those a job fits on, as they are now."""
        asked = f"executor.gpu_memory_gb: {self._need / 1e9:g} GB for each job"
        without = "For jobs that use no GPU: executor.gpu_memory_gb=null."
        try:
            self._driver = self._driver or Driver()
            visible = self._driver.visible(os.environ)
            if not visible:
                setting = os.environ.get("CUDA_VISIBLE_DEVICES")
                there = (
                    "; ".join(f"{gpu}{' in MIG mode: name its instances' if gpu.mig else ''}" for gpu in self._driver.devices()) or "none"
                )
                at = f"CUDA_VISIBLE_DEVICES={setting} leaves none" if setting is not None else "none can be used"
                raise GpusUnknown(f"{at} of the GPUs here ({there})")
        except GpusUnknown as error:
            raise ConfigError(f"{asked}, but {str(error).rstrip('.')}. {without}") from None
        fit = [gpu for gpu in visible if gpu.capacity >= self._need]
        if not fit:
            there = "; ".join(map(str, visible))
            raise ConfigError(f"{asked} fit on no GPU here, even an empty one: {there}. Give what a job needs, if that is less. {without}")
        return fit
