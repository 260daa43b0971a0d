"""What an interpreter has of all that training in IsaacGym takes, and precisely what is missing. Imports nothing of it."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import sys
from typing import Any, Dict, List

NEEDED = {
    "isaacgym": "download Isaac Gym Preview 4 from NVIDIA, then: pip install -e isaacgym/python (or name that folder in sim.pythonpath)",
    "torch": "pip install torch==2.4.1, the last for Python 3.8",
    "rl_games": "pip install rl_games==1.6.5",
    "omegaconf": "pip install omegaconf",
    "numpy": "pip install 'numpy<1.24': Isaac Gym uses names that later ones dropped",
}


def look(job: Dict[str, Any]) -> Dict[str, Any]:
    """python, found: module → where; missing: what to do, a line each, in the order in which to do it.

    job: a job's content; of its simulator the folders to import from count, of its trainer the device, a CPU where there is none.
    """
    sys.path[1:1] = list(job.get("task", {}).get("sim", {}).get("options", {}).get("pythonpath", ()))
    device = ((job.get("trainer") or {}).get("options") or {}).get("device", "cpu")
    found = {name: _where(name) for name in NEEDED}
    missing = ["{} is missing: {}".format(name, NEEDED[name]) for name, where in found.items() if where is None]
    missing += [line for line in (_library(found), _compiler(found), _gpu(device)) if line]
    return {
        "python": sys.executable,
        "version": "{}.{}.{}".format(*sys.version_info[:3]),
        "found": {name: where for name, where in found.items() if where is not None},
        "missing": missing,
    }


def _where(name: str) -> str | None:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return None if spec is None else (spec.origin or next(iter(spec.submodule_search_locations or ()), name))


def _has_bindings(found: Dict[str, str | None]) -> bool:
    """Whether it is IsaacGym itself, with compiled parts, and not something that answers in its place."""
    where = found["isaacgym"]
    return where is not None and os.path.isdir(os.path.join(os.path.dirname(where), "_bindings"))


def _library(found: Dict[str, str | None]) -> str:
    """IsaacGym's bindings look for this interpreter's shared library, which a conda or pyenv environment keeps to itself."""
    if not _has_bindings(found):
        return ""
    if sys.version_info[:2] > (3, 8):
        return "Isaac Gym Preview 4 has bindings for Python 3.6 to 3.8; this is {}.{}".format(*sys.version_info[:2])
    name = "libpython{}.{}.so.1.0".format(*sys.version_info[:2])
    try:
        ctypes.CDLL(name)
    except OSError:
        return "{} is not found: begin with LD_LIBRARY_PATH={} in the environment".format(name, os.path.join(sys.base_prefix, "lib"))
    return ""


def _compiler(found: Dict[str, str | None]) -> str:
    tools = [name for name in ("ninja", "g++") if shutil.which(name) is None]
    if not _has_bindings(found) or not tools:
        return ""
    return "{} missing: Isaac Gym compiles a part of itself at its first import".format(" and ".join(tools))


def _gpu(device: str) -> str:
    nodes = [name for name in (os.listdir("/dev") if os.path.isdir("/dev") else ()) if name[:6] == "nvidia" and name[6:].isdigit()]
    if not device.startswith("cuda") or nodes:
        return ""
    return "there is no NVIDIA GPU here (no /dev/nvidia0), and trainer.device is {}; set it to cpu, or go where one is".format(device)


def lines(report: Dict[str, Any]) -> List[str]:
    """The report as a user reads it."""
    return ["{} (Python {})".format(report["python"], report["version"])] + ["  - " + line for line in report["missing"]]
