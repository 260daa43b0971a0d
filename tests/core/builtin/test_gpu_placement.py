"""Which GPU each job gets, on a made-up driver whose memory the test fills."""

from __future__ import annotations

import pytest

from eureka.builtin.gpu_placement import GpuPlacement
from eureka.errors import ConfigError

A, B = {"uuid": "GPU-a", "total": 80}, {"uuid": "GPU-b", "total": 80}


def test_each_job_goes_where_most_is_neither_in_use_nor_promised(gpus):
    gpus.set({**A, "used": 30}, {**B, "used": 5})
    placement = GpuPlacement(20)
    assert [placement.take(False).gpu.uuid for _ in range(5)] == ["GPU-b", "GPU-b", "GPU-a", "GPU-b", "GPU-a"]
    assert not placement.has_room(False)  # 50 - 2 · 20 and 75 - 3 · 20 are left


def test_memory_that_the_jobs_have_taken_is_not_counted_twice(gpus):
    gpus.set({**A, "used": 10})
    placement = GpuPlacement(20)
    first, _ = placement.take(False), placement.take(False)
    gpus.set({**A, "used": 50})  # both have what they were promised
    assert placement.has_room(False)
    gpus.set({**A, "used": 65})  # and somebody else came
    assert not placement.has_room(False)
    gpus.set({**A, "used": 45})
    placement.give_back(first)
    assert placement.has_room(False)


def test_a_job_that_is_to_be_alone_waits_until_no_other_is_there_and_keeps_others_away(gpus):
    gpus.set(A, B)
    placement = GpuPlacement(10)
    a, b = placement.take(False), placement.take(False)
    assert {a.gpu.uuid, b.gpu.uuid} == {"GPU-a", "GPU-b"} and not placement.has_room(True)
    placement.give_back(b)
    assert placement.has_room(True)
    alone = placement.take(True)
    assert alone.gpu.uuid == b.gpu.uuid and placement.take(False).gpu.uuid == a.gpu.uuid
    placement.give_back(alone)
    assert placement.take(False).gpu.uuid == b.gpu.uuid


def test_slots_are_what_fits_on_the_visible_devices_when_they_are_empty(gpus, monkeypatch):
    gpus.set({**A, "used": 79}, B, {"uuid": "GPU-c", "total": 16})
    assert GpuPlacement(30).slots() == 4
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-b")
    assert GpuPlacement(30).slots() == 2


def test_waiting_for_other_programs_is_said_once(gpus, caplog):
    gpus.set({**A, "used": 70})
    placement = GpuPlacement(20)
    assert not placement.has_room(False) and not placement.has_room(False)
    (said,) = caplog.messages
    assert "waiting for 20.0 GB" in said and "at most 10.0 GB are free, on H100 with 80.0 GB (GPU-a)" in said
    gpus.set({**A, "used": 10})
    assert placement.has_room(False)
    placement.take(False)
    gpus.set({**A, "used": 79})
    assert not placement.has_room(False) and len(caplog.messages) == 1  # our own will end


@pytest.mark.parametrize(
    ("visible", "message"),
    [
        (None, "100 GB for each job fit on no GPU here, even an empty one: H100 with 80.0 GB (GPU-a). Give what a job needs"),
        ("7", "100 GB for each job, but CUDA_VISIBLE_DEVICES=7 leaves none of the GPUs here (H100 with 80.0 GB (GPU-a))"),
    ],
)
def test_a_job_that_fits_nowhere_is_an_error_that_names_the_devices_and_their_sizes(gpus, monkeypatch, visible, message):
    gpus.set(A)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    for ask in (GpuPlacement.slots, lambda placement: placement.has_room(False)):
        with pytest.raises(ConfigError) as error:
            ask(GpuPlacement(100))
        assert str(error.value).startswith(f"executor.gpu_memory_gb: {message}") and "executor.gpu_memory_gb=null" in str(error.value)


def test_a_device_in_mig_mode_is_named_as_such(gpus):
    gpus.set({**A, "mig": 1})
    with pytest.raises(ConfigError, match=r"none can be used of the GPUs here .* in MIG mode: name its instances"):
        GpuPlacement(1).slots()
