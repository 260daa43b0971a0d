"""What `eureka doctor` says of this machine, each check on conditions that are made up."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import numpy.random
import pytest

from eureka.doctor import confinement, gpu, installed, simulators, this_python, torch_build, video, wsl
from eureka.doctor import machine as machine_check

install = sys.modules["tests.core.doctor.conftest"].install
HARDWARE = {"proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: NVIDIA H100"}
TORCH = """
import warnings
class version:
    cuda, hip = {cuda!r}, None
class cuda:
    def is_available():
        {warn}
        return bool({devices})
    def device_count():
        return len({devices})
    def get_device_name(index):
        return {devices}[index]
def zeros(*shape, device):
    assert device == "cuda"
"""


@pytest.fixture
def without_display(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "MUJOCO_GL"):
        monkeypatch.delenv(name, raising=False)


def test_rewards_are_held_by_the_layers_there_are_and_too_few_are_a_warning(findings):
    assert findings(confinement.check, without=("landlock",))["confinement"].found == "rewards are held by seccomp, limits"
    too_few = findings(confinement.check, without=("landlock", "seccomp", "limits"))["confinement"]
    assert too_few.status == "warning" and "none" in too_few.found and "seccomp is missing (left out)" in too_few.means
    assert "isolation=best-effort" in too_few.next


def test_cores_and_memory_are_what_the_control_group_leaves(findings, machine, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)))
    meminfo = "MemTotal:       32000000 kB\nMemFree:         100 kB\nMemAvailable:   16000000 kB\n"
    files = {
        "proc/self/cgroup": "0::/",
        "proc/meminfo": meminfo,
        "sys/fs/cgroup/cpu.max": "150000 100000",
        "sys/fs/cgroup/memory.max": "4000000000",
    }
    found = findings(machine_check.check, root=machine(files))
    assert found["cores"].found.startswith("2 of ") and found["cores"].found.endswith("leaves it the time of 1.5")
    assert found["memory"].found == "16.4 GB of 32.8 GB are free; its control group may take 4.0 GB"


def test_a_full_disk_is_a_problem(findings, monkeypatch):
    assert findings(machine_check.check)["disk"].status == "ok"
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**12, 10**12, 5_000_000))
    full = findings(machine_check.check)["disk"]
    assert full.status == "problem" and "--run-dir" in full.next


def test_a_machine_without_a_gpu_is_told_as_such_and_a_driver_that_fails_is_a_problem(findings, machine, gpus, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", gpus.environ["PYTHONPATH"])
    gpus.fail("Driver Not Loaded")
    assert findings(gpu.check, root=machine({}))["GPU"].status == "not there"
    failed = findings(gpu.check, root=machine(HARDWARE))["GPU"]
    assert failed.status == "problem" and "Driver Not Loaded" in failed.found


def test_a_gpu_without_the_package_that_asks_for_it_is_a_warning(findings, machine, here):
    (here / "pynvml.py").write_text("raise ImportError")
    missing = findings(gpu.check, root=machine(HARDWARE))["GPU"]
    assert missing.status == "warning" and "eureka-core[gpu]" in missing.next


def test_devices_are_listed_and_the_variable_is_explained(findings, gpus, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", gpus.environ["PYTHONPATH"])
    gpus.set({"uuid": "GPU-a", "total": 80, "used": 30, "capability": [9, 0]}, {"uuid": "GPU-b", "total": 80, "mig": 1})
    device = "H100 with 80.0 GB (GPU-a), 50.0 GB free, compute capability 9.0"
    assert findings(gpu.check)["GPU"].found == f"NVIDIA's driver 550.54.14: {device}; H100 with 80.0 GB (GPU-b), 80.0 GB free, in MIG mode"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-a")
    assert findings(gpu.check)["CUDA_VISIBLE_DEVICES"].found.endswith("which leaves H100 with 80.0 GB (GPU-a)")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    assert findings(gpu.check)["CUDA_VISIBLE_DEVICES"].status == "warning"


@pytest.mark.parametrize(
    ("build", "files", "status", "found"),
    [
        ({"cuda": None}, {}, "ok", "a build without CUDA"),
        ({"cuda": None}, HARDWARE, "warning", "a build without CUDA"),
        ({"cuda": "12.4"}, {}, "ok", "built for CUDA 12.4, sees no device: it takes the CPU"),
        ({"cuda": "12.4", "warn": "warnings.warn('The NVIDIA driver on your system is too old')"}, HARDWARE, "problem", "sees no device"),
        ({"cuda": "12.4", "devices": ["H100"]}, HARDWARE, "ok", "built for CUDA 12.4, sees H100"),
        (
            {"cuda": "11.8", "devices": ["B200"], "warn": "warnings.warn('B200 with CUDA capability sm_100 is not')"},
            HARDWARE,
            "warning",
            "B200",
        ),
    ],
)
def test_the_build_of_torch_and_whether_it_sees_a_device(findings, machine, here, monkeypatch, build, files, status, found):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    install(here, "torch==9.9", torch=TORCH.format(**{"devices": [], "warn": "pass", **build}))
    said = findings(torch_build.check, root=machine({"proc/version": "Linux", **files}))["torch"]
    assert said.status == status and said.found.startswith("9.9, ") and found in said.found
    assert "too old" in said.means or status != "problem"


def test_windows_lends_its_driver_and_the_viewer_does_not_work_there(findings, machine, tmp_path, monkeypatch):
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    assert findings(wsl.check, root=machine({"proc/version": "Linux version 6.8.0-generic"})) == {}
    root = machine({"proc/version": "Linux version 5.15.153.1-microsoft-standard-WSL2"})
    assert findings(wsl.check, root=root)["WSL"].status == "not there"
    library = root / "usr/lib/wsl/lib/libcuda.so.1"
    library.parent.mkdir(parents=True)
    library.write_text("no library")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(library.parent))
    found = findings(wsl.check, root=root)
    assert found["WSL"].status == "problem" and found["WSL"].next == f"export LD_LIBRARY_PATH={library.parent}:$LD_LIBRARY_PATH"
    assert found["WSL viewer"].status == "warning" and "headless" in found["WSL viewer"].next
    shutil.copy(next(Path(numpy.random.__file__).parent.glob("_bounded_integers*.so")), library)
    assert findings(wsl.check, root=root)["WSL"].status == "ok"


def test_mujoco_draws_with_what_works_without_a_display(findings, here, without_display):
    fails = "raise ImportError('no EGL here')"
    works = "class GLContext:\n    def __init__(self, width, height): ...\n    def make_current(self): ..."
    install(here, "mujoco==9.9", "av==9.9", mujoco="", mujoco__egl=fails, mujoco__osmesa=works)
    found = findings(video.check)
    assert found["MuJoCo draws"].found == "without a display, by OSMesa" and found["video"].found == "PyAV 9.9 encodes"
    assert found["display"].status == "not there"
    (here / "mujoco" / "osmesa.py").write_text("import os\nos.abort()")
    neither = findings(video.check)["MuJoCo draws"]
    assert neither.status == "warning" and neither.found == "EGL: ImportError: no EGL here; OSMesa: ended by SIGABRT"
    assert neither.next.startswith("apt install libegl1")


def test_mujoco_that_was_told_to_use_a_display_there_is_none_of_is_a_warning(findings, here, without_display, monkeypatch):
    install(here, "mujoco==9.9")
    monkeypatch.setenv("MUJOCO_GL", "glfw")
    assert findings(video.check)["MuJoCo draws"].next == "unset MUJOCO_GL"


def test_simulators_are_told_by_their_packages_and_what_is_missing_comes_with_the_command(findings, here, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(here)])
    install(here, "gymnasium==1.4.0", "box2d-py==2.3.5")
    found = findings(simulators.check)
    assert (found["gymnasium"].found, found["box2d"].found) == ("gymnasium 1.4.0", "box2d-py 2.3.5")
    assert found["mujoco"].status == "not there" and found["mujoco"].next == 'pip install "gymnasium[mujoco]"'


def test_plugins_that_are_whole_are_one_line(findings):
    (found,) = findings(installed.check).values()
    assert found.status == "ok" and "gymnasium 0.1.0" in found.found and "--plugins imports each" in found.found


def test_a_plugin_whose_folder_is_gone_or_which_cannot_be_imported_is_a_problem(findings, here, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(here)])  # to import the real ones takes long
    install(here, "eureka-plugin-gone==1.0", "eureka-plugin-broken==1.0", eureka_broken="import a_library_of_its_own")
    for name in ("gone", "broken"):
        points = here / f"eureka_plugin_{name}-1.0.dist-info" / "entry_points.txt"
        points.write_text(f"[eureka.selector]\n{name} = eureka_{name}:Selector\n")
    found = findings(installed.check)
    assert found["eureka-plugin-gone"].status == "problem" and "eureka-plugin-broken" not in found
    components = {point: found for point, found in findings(installed.check, load=True).items() if point.startswith("eureka-plugin")}
    assert "a_library_of_its_own" in components["eureka-plugin-broken"].found


def test_a_name_that_two_plugins_have_is_a_problem(findings, here):
    install(here, "eureka-plugin-mine==1.0", eureka_mine="")
    (here / "eureka_plugin_mine-1.0.dist-info" / "entry_points.txt").write_text("[eureka.selector]\nbest = eureka_mine:Best\n")
    twice = findings(installed.check)["selector:best"]
    assert twice.status == "problem" and "eureka-core and eureka-plugin-mine" in twice.found


def test_two_packages_of_this_python_with_a_module_pynvml_are_in_each_others_way(findings, here):
    assert "pynvml" not in findings(this_python.check)
    install(here, "pynvml==11.5.3", "nvidia-ml-py==12.560.30")
    assert findings(this_python.check)["pynvml"].status == "warning"
