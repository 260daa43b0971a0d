"""IsaacGym in the interpreter that `--python` names: each trap that its users fell into, before a run does."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator

from eureka.doctor.asking import NoAnswer, ask
from eureka.doctor.finding import Finding, Place
from eureka.doctor.gpu import gpus_told
from eureka.doctor.interpreter import Interpreter
from eureka.doctor.libstdcxx import check_libstdcxx

_IMPORT = 'import isaacgym, torch; print("true")'
_PATIENCE_S = 60
_PYTHON, _NEWEST_TORCH = (3, 8), "2.4.1"
_RELEASE = re.compile(r"\d+(?:\.\d+)*")


def traps(place: Place, other: Interpreter) -> Iterator[Finding]:
    """A line for each it fell into. Where IsaacGym is not installed there, how to get it, and nothing else."""
    if "isaacgym" not in other.modules:
        means = "Tasks of IsaacGym run in an interpreter of their own, Python 3.8."
        after = f"Get Isaac Gym Preview 4 from developer.nvidia.com/isaac-gym, then: {other.pip} install -e isaacgym/python"
        yield Finding("IsaacGym", "not there", f"{other.python} has no module isaacgym", means, after)
        return
    yield from _version(other)
    yield from _torch(other)
    yield from _numpy(other)
    yield from _libpython(other)
    yield from check_libstdcxx(place.root, other)
    yield from _compiler(other)
    yield from _imports(other)
    yield from _devices(place)


def _version(other: Interpreter) -> Iterator[Finding]:
    version = ".".join(map(str, other.version))
    if other.version[:2] != _PYTHON:
        means = "Its compiled modules are for no Python after 3.8, and Eureka's worker there is for none before."
        yield Finding("IsaacGym's Python", "problem", version, means, "conda create -n isaac python=3.8, and install it there.")


def _torch(other: Interpreter) -> Iterator[Finding]:
    if "torch" not in other.packages:
        newest = _NEWEST_TORCH if other.version[:2] == _PYTHON else ""
        means = "IsaacGym's tensors are torch's." + (" This is the last version for that Python." if newest else "")
        after = f"{other.pip} install torch{f'=={newest}' if newest else ''}"
        yield Finding("IsaacGym's torch", "problem", "torch is not installed there", means, after)
    if "rl-games" not in other.packages:
        means = "IsaacGym's tasks are trained with it."
        package = "rl_games==1.6.5" if other.version >= (3, 8) else "rl_games"
        yield Finding("IsaacGym's rl_games", "not there", "rl_games is not installed there", means, f"{other.pip} install {package}")


def _numpy(other: Interpreter) -> Iterator[Finding]:
    version = other.packages.get("numpy", "")
    if version and _release(version) >= (1, 24):
        means = "isaacgym.torch_utils uses np.float, which numpy 1.24 took away: AttributeError: module 'numpy' has no attribute 'float'."
        yield Finding("np.float", "problem", f"numpy {version} is installed there", means, f'{other.pip} install "numpy<1.24"')


def _libpython(other: Interpreter) -> Iterator[Finding]:
    if not other.library_missing:
        yield Finding("libpython", "ok", f"{other.library} is found")
        return
    folders = [prefix / "lib" for prefix in other.prefixes if (prefix / "lib" / other.library).exists()]
    means = f"IsaacGym's modules load it: ImportError: {other.library}: cannot open shared object file."
    if folders:
        after = f"export LD_LIBRARY_PATH={folders[0]}:$LD_LIBRARY_PATH"
        yield Finding("libpython", "problem", f"{other.library} is in {folders[0]}, which is not searched", means, after)
    else:
        after = "Take a Python built with it: conda's, or ./configure --enable-shared (pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared)."
        yield Finding("libpython", "problem", f"{other.library} is nowhere in {other.prefixes[-1] / 'lib'}", means, after)


def _compiler(other: Interpreter) -> Iterator[Finding]:
    means = "isaacgym.gymtorch is compiled when it is first imported."
    if shutil.which(os.environ.get("CXX", "g++")) is None:
        yield Finding("gymtorch's compiler", "problem", "there is no g++", means, "apt install g++")
    if shutil.which("ninja") is None:
        beside = other.python.parent
        if (beside / "ninja").exists():
            yield Finding("gymtorch's ninja", "problem", f"ninja is in {beside}, not on PATH", means, f"export PATH={beside}:$PATH")
        else:
            yield Finding("gymtorch's ninja", "problem", "there is no ninja", means, f"{other.pip} install ninja, with its folder on PATH")


def _imports(other: Interpreter) -> Iterator[Finding]:
    """Import it for good, before torch, as it must be."""
    if "torch" not in other.modules:
        return
    try:
        ask(other.python, _IMPORT, isolated=True, seconds=_PATIENCE_S)
    except NoAnswer as error:
        means = "No task of IsaacGym's can run."
        if "imported before isaacgym" in str(error):
            means = "Something imports torch as that Python starts: a .pth file, sitecustomize. IsaacGym must be imported first."
        yield Finding("import isaacgym", "problem", f"fails there: {error}", means, "Mend what the lines above say; then try again.")
    else:
        yield Finding("import isaacgym", "ok", "works there, before torch; in code of your own it must come before torch, too")


def _devices(place: Place) -> Iterator[Finding]:
    try:
        devices = gpus_told(place).get("devices", [])
    except NoAnswer:
        return  # told by the check of the GPU
    new = [gpu for gpu in devices if tuple(gpu["capability"] or ()) >= (9, 0)]
    if new:
        names = ", ".join(dict.fromkeys(gpu["name"] for gpu in new))
        means = "Segmentation faults of IsaacGym's GPU pipeline are reported for the H100, not mended since 2024 (IsaacGymEnvs issue 220)."
        after = "Take another GPU, or the CPU pipeline: sim_device=cpu pipeline=cpu."
        yield Finding("IsaacGym's GPU", "warning", f"{names} has compute capability 9 or more", means, after)


def _release(version: str) -> tuple[int, ...]:
    match = _RELEASE.match(version)
    return tuple(map(int, match[0].split("."))) if match else ()
