"""The components a worker needs, with hooks of their own: the simulator, and the trainer where the job names one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pluggy

from eureka.builtin.bind import BindByName
from eureka.env import BatchedEnv, EnvRequest
from eureka.errors import PluginContractError
from eureka.registry import build_manager, make
from eureka.types import ComponentSpec, Task
from eureka.worker.recorder import Recorder, raw_sources


def worker_hooks(task: Task, trainer: ComponentSpec | None = None) -> pluggy.PluginManager:
    """A plugin manager holding the task's simulator, core's injection by name, and the trainer."""
    components: dict[str, Any] = {"inject": BindByName(None), "task.sim": make("sim", task.sim, "task.sim")}
    if trainer is not None:
        components["trainer"] = make("trainer", trainer, "trainer")
    return build_manager(components)


def make_recorder(hooks: pluggy.PluginManager, task: Task, num_envs: int, names: Sequence[str]) -> Recorder:
    """A new environment of `num_envs` rows that records the variables `names`."""
    request = EnvRequest(task=task, num_envs=num_envs, sources=raw_sources(task, names))
    env: BatchedEnv | None = hooks.hook.eureka_make_env(request=request)
    if env is None:
        raise PluginContractError(f"task.sim: {task.sim.use}: eureka_make_env returned nothing; expected a batched environment.")
    return Recorder(env, task, names)
