"""The components a worker needs, with hooks of their own: the simulator, and the trainer where the job names one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pluggy

from eureka.builtin.bind import BindByName
from eureka.checkpoint import check_checkpoint
from eureka.env import BatchedEnv, EnvRequest, RenderMode
from eureka.errors import ConfigError, PluginContractError
from eureka.inner import innermost
from eureka.registry import build_manager, make
from eureka.training import LoadRequest, Policy
from eureka.types import ArrayLibrary, ComponentSpec, Task
from eureka.worker.recorder import Recorder, raw_sources


def worker_hooks(task: Task, trainer: ComponentSpec | None = None) -> pluggy.PluginManager:
    """A plugin manager holding the task's simulator, core's injection by name, and the trainer."""
    components: dict[str, Any] = {"inject": BindByName(None), "task.sim": make("sim", task.sim, "task.sim")}
    if trainer is not None:
        components["trainer"] = make("trainer", trainer, "trainer")
    return build_manager(components)


def array_library(hooks: pluggy.PluginManager) -> ArrayLibrary:
    """What the simulator's rewards are written with."""
    library: ArrayLibrary = getattr(hooks.get_plugin("task.sim"), "array_library", "numpy")
    return library


def reward_device(hooks: pluggy.PluginManager) -> str | None:
    """The device on which the simulator's rewards are computed in the worker itself; None: in confined processes."""
    device: str | None = getattr(hooks.get_plugin("task.sim"), "reward_device", None)
    return device


def make_recorder(
    hooks: pluggy.PluginManager, task: Task, num_envs: int, names: Sequence[str], render: RenderMode | None = None
) -> Recorder:
    """A new environment of `num_envs` rows that records the variables `names`. render: see `EnvRequest`."""
    request = EnvRequest(task=task, num_envs=num_envs, sources=raw_sources(task, names), render=render)
    env: BatchedEnv | None = hooks.hook.eureka_make_env(request=request)
    if env is None:
        raise PluginContractError(f"task.sim: {task.sim.use}: eureka_make_env returned nothing; expected a batched environment.")
    if render is not None and not hasattr(env, "render"):
        raise ConfigError(f"task.sim: {task.sim.use} cannot draw its environments. `eureka play` without --video and --window still plays.")
    return Recorder(env, task, names)


def load_policy(hooks: pluggy.PluginManager, trainer: ComponentSpec, path: Path, env: Recorder) -> Policy:
    """The policy of a checkpoint directory. Raises EurekaError where it is missing or made by another trainer, or for other spaces."""
    check_checkpoint(path, innermost("trainer", trainer).use, env)
    request = LoadRequest(path=path, observation_space=env.observation_space, action_space=env.action_space)
    policy: Policy | None = hooks.hook.eureka_load_policy(request=request)
    if policy is None:
        raise PluginContractError(f"trainer: {trainer.use}: eureka_load_policy returned nothing; expected a policy.")
    return policy
