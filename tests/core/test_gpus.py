"""The GPUs a process would see, on a made-up driver: which ones CUDA_VISIBLE_DEVICES leaves, and what is said where nobody knows."""

from __future__ import annotations

import sys

import pytest

from eureka.gpus import Driver, GpusUnknown

A, B, C = ({"uuid": f"GPU-{letter}{letter}01-5", "total": 80} for letter in "abc")


def seen(**environ: str) -> list[str]:
    return [gpu.uuid for gpu in Driver().visible(environ)]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("2,0", [C, A]),
        ("GPU-bb01-5", [B]),
        ("GPU-c, 1", [C, B]),  # the beginning of a UUID will do
        ("0,9,1", [A]),  # what comes after an entry that is none is not seen
        ("0,-1,1", [A]),
        ("1,1", [B]),
        ("GPU-", []),  # of which device?
        ("", []),
        ("NoDevFiles", []),
    ],
)
def test_the_variable_is_read_as_cuda_reads_it(gpus, setting, expected):
    gpus.set(A, B, C)
    assert seen(CUDA_VISIBLE_DEVICES=setting) == [gpu["uuid"] for gpu in expected]
    assert seen() == [gpu["uuid"] for gpu in (A, B, C)]


def test_numbers_of_unequal_gpus_count_only_in_the_order_of_the_bus(gpus):
    gpus.set(A, {**B, "name": "T400"})
    with pytest.raises(GpusUnknown, match=r"CUDA_VISIBLE_DEVICES=1 .* by UUID .* CUDA_DEVICE_ORDER=PCI_BUS_ID"):
        seen(CUDA_VISIBLE_DEVICES="1")
    assert seen(CUDA_VISIBLE_DEVICES="1", CUDA_DEVICE_ORDER="PCI_BUS_ID") == seen(CUDA_VISIBLE_DEVICES="GPU-bb") == [B["uuid"]]


def test_a_device_in_mig_mode_is_left_alone_and_its_instances_are_used_where_they_are_named(gpus):
    instance = {"uuid": "MIG-7", "total": 10, "used": 1}
    gpus.set({**A, "mig": 1}, {**B, "mig": 0}, instance)
    assert seen() == [B["uuid"]] and seen(CUDA_VISIBLE_DEVICES="0") == []
    found = Driver().visible({"CUDA_VISIBLE_DEVICES": "MIG-7,MIG-8,1"})
    assert [(gpu.uuid, gpu.capacity, gpu.free) for gpu in found] == [("MIG-7", 10 * 10**9, 9 * 10**9)]


@pytest.mark.parametrize(("driver", "capacity"), [({}, 79), ({"old_driver": True}, 80)])
def test_what_the_driver_keeps_for_itself_is_no_memory_for_jobs_where_it_says_so(gpus, driver, capacity):
    gpus.set({**A, "reserved": 1, "used": 20, "capability": [9, 0], **driver})
    (gpu,) = Driver().devices()
    assert (gpu.capacity, gpu.free, gpu.capability) == (capacity * 10**9, 59 * 10**9, (9, 0))


def test_without_the_package_and_without_a_driver_the_message_says_what_to_do(gpus, monkeypatch):
    gpus.fail("Driver Not Loaded")
    with pytest.raises(GpusUnknown, match=r"driver does not answer \(Driver Not Loaded\)\. Does nvidia-smi"):
        Driver()
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with pytest.raises(GpusUnknown, match=r'not installed: pip install "eureka-core\[gpu\]"'):
        Driver()
