"""The wrappers around an environment: which there are, and which of them an `env.` source reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import gymnasium

from eureka_gymnasium.sources import public_names

Env: TypeAlias = "gymnasium.Env[Any, Any]"

# What every wrapper has, passed on from inside, and a wrapper that every registered environment has: no wrapper's own.
_COMMON = frozenset(dir(gymnasium.Wrapper)) | frozenset(dir(gymnasium.wrappers.OrderEnforcing)) | {"env"}


def layers(env: Env) -> list[Env]:
    """The environment's wrappers from the outside in, then itself."""
    found = [env]
    while isinstance(found[-1], gymnasium.Wrapper):
        found.append(found[-1].env)
    return found


def own_names(wrapper: gymnasium.Wrapper[Any, Any, Any, Any]) -> list[str]:
    """The public attributes that a wrapper adds: its own values and properties, no methods."""
    return [name for name in public_names(wrapper) if name not in _COMMON]


def depth_of(name: str, env_layers: Sequence[Env]) -> int:
    """Which layer `env.NAME` reads: the outermost wrapper that has it as its own, else the environment inside."""
    wrappers = env_layers[:-1]
    return next((depth for depth, layer in enumerate(wrappers) if name in own_names(layer)), len(wrappers))


def time_limit(env: Env) -> int | None:
    """Steps after which the environment truncates: the shortest of its TimeLimit wrappers, or None without one."""
    return min((layer._max_episode_steps for layer in layers(env) if isinstance(layer, gymnasium.wrappers.TimeLimit)), default=None)


def bare(env: Env) -> tuple[Env, gymnasium.wrappers.TimeLimit | None] | None:
    """The environment inside and its time limit, where around it is only what `gymnasium.make` puts there; else None."""
    limit = env if type(env) is gymnasium.wrappers.TimeLimit else None
    inner = env.env if limit is not None else env
    inner = inner.env if type(inner) is gymnasium.wrappers.OrderEnforcing else inner
    return None if isinstance(inner, gymnasium.Wrapper) else (inner, limit)


def inner_step(env: Env) -> tuple[Callable[[Any], Any], gymnasium.wrappers.TimeLimit | None]:
    """How to step an environment sooner: the method inside, and the time limit whose steps the caller then counts."""
    inner = bare(env)
    return (env.step, None) if inner is None else (inner[0].step, inner[1])


def resets_wholly(env_layers: Sequence[Env]) -> bool:
    """Whether a seeded reset makes a used environment equal to a new one.

    A used Box2D world steps differently from a new one, and of a stranger's environment nobody knows; MuJoCo's reset
    sets all of its data anew, and classic control holds nothing but its state.
    """
    module = type(env_layers[-1]).__module__
    return bare(env_layers[0]) is not None and module.startswith(("gymnasium.envs.mujoco.", "gymnasium.envs.classic_control."))
