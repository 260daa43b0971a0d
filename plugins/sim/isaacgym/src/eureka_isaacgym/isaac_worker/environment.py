"""Makes the task in this process, from a copy of its source in the job's directory; the checkout itself is only read."""

from __future__ import annotations

import importlib.util
import inspect
import os
import random
import sys
import types
from typing import Any, Dict

from .checkout import TaskFiles
from .faults import Usage
from .inject import SEAM, with_log, with_seam
from .source import Source


def import_simulator(options: Dict[str, Any]) -> None:
    """IsaacGym first, as it demands, then torch. Raises Usage with what is missing."""
    sys.path[1:1] = list(options["pythonpath"])
    try:
        import isaacgym  # noqa: F401
        import rl_games  # noqa: F401
        import torch  # noqa: F401
    except Exception as error:  # IsaacGym raises what it likes where its libraries do not load
        raise Usage("sim.python: {} cannot import what trains in IsaacGym ({}: {})".format(sys.executable, type(error).__name__, error))


def make(job: str, files: TaskFiles, settings: Dict[str, Any], seam: bool) -> Any:
    """The task with the checkout's settings. seam: whether its reward comes from the class's method `eureka_reward`.

    All randomness of the process is seeded here, as the simulator has no other.
    """
    import numpy
    import torch

    seed = int(settings["seed"]) % (2**31 - 1) + 1
    random.seed(seed)
    numpy.random.seed(seed)
    torch.manual_seed(seed)
    task = _task_class(job, files, seam)
    device = settings["sim_device"]
    given = {
        "cfg": settings["task"],
        "rl_device": settings["rl_device"],
        "sim_device": device,
        "graphics_device_id": -1,
        "headless": True,
        "virtual_screen_capture": False,
        "force_render": False,
    }
    known = inspect.signature(task.__init__).parameters  # earlier releases of IsaacGymEnvs take fewer
    return task(**{name: value for name, value in given.items() if name in known})


def set_reward(env: Any, compute: Any) -> None:
    """From now on the environment's reward is what `compute(env)` gives: the total (N,) and a dict of terms."""
    setattr(type(env), SEAM, lambda task: compute(task))  # a function of the class, so that it is given the environment


def _task_class(job: str, files: TaskFiles, seam: bool) -> Any:
    with open(files.module, encoding="utf-8") as file:
        source = Source(file.read(), files.name)
    stem = os.path.splitext(os.path.basename(files.module))[0]
    folder = os.path.join(job, "task")
    os.makedirs(folder, exist_ok=True)
    copy = os.path.join(folder, "{}{}.py".format(stem, "" if seam else "_as_it_is"))
    with open(copy, "w", encoding="utf-8") as file:
        file.write(with_seam(source) if seam else with_log(source))
    _packages(files)
    inside = os.path.relpath(os.path.dirname(files.module), files.package).replace(os.sep, ".")
    spec = importlib.util.spec_from_file_location("isaacgymenvs.{}.{}".format(inside, stem), copy)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    sys.modules[module.__name__] = module
    # Tasks find their assets beside their own file.
    module.__file__ = files.module
    try:
        spec.loader.exec_module(module)  # type: ignore[union-attr]
    except ImportError as error:
        raise Usage("sim.task: {} cannot be imported by {}: {}".format(files.name, sys.executable, error))
    return getattr(module, files.name)


def _packages(files: TaskFiles) -> None:
    """The checkout's packages without their `__init__`, which imports hydra and every task there is."""
    for name, folder in (("isaacgymenvs", files.package), ("isaacgymenvs.tasks", os.path.join(files.package, "tasks"))):
        if name not in sys.modules:
            package = types.ModuleType(name)
            package.__path__ = [folder]
            sys.modules[name] = package
