"""Making one row's environment, with errors that say which option to mend."""

from __future__ import annotations

import copy
import importlib
import inspect
from typing import TYPE_CHECKING, Any

import gymnasium

from eureka.errors import ConfigError
from eureka.suggest import nearest

if TYPE_CHECKING:
    from eureka_gymnasium.sim import GymnasiumSim


def make_row(options: GymnasiumSim.Options) -> gymnasium.Env[Any, Any]:
    """One environment with its time limit and wrappers. Raises ConfigError naming the option under `sim`."""
    # Rows must share nothing, so a mutable argument is copied for each.
    kwargs = copy.deepcopy(options.kwargs)
    try:
        env = gymnasium.make(options.env, max_episode_steps=options.max_episode_steps, disable_env_checker=True, **kwargs)
    except Exception as error:
        raise _make_error(options, error) from error
    for i, path in enumerate(options.wrappers):
        env = _wrap(env, path, f"sim.wrappers[{i}]")
    return env


def time_limit(env: gymnasium.Env[Any, Any]) -> int | None:
    """Steps after which the environment truncates: the shortest of its TimeLimit wrappers, or None without one."""
    limits: list[int] = []
    while isinstance(env, gymnasium.Wrapper):
        if isinstance(env, gymnasium.wrappers.TimeLimit):
            limits.append(env._max_episode_steps)
        env = env.env
    return min(limits, default=None)


def _make_error(options: GymnasiumSim.Options, error: Exception) -> ConfigError:
    env_id = options.env
    text = " ".join(str(error).split())
    if isinstance(error, gymnasium.error.DependencyNotInstalled):
        advice = "" if "pip install" in text else "; install it with pip"
        return ConfigError(f"sim.env: {env_id} needs a package that is not installed here. Gymnasium says: {text}{advice}")
    module = env_id.partition(":")[0] if ":" in env_id else None
    if isinstance(error, ImportError) and not (module and f"importing a module failed. Check whether '{module}'" in text):
        return ConfigError(
            f"sim.env: {env_id} needs a module that is not installed here ({text}). "
            f"Run `pip install {error.name or 'the missing package'}`, or put it on PYTHONPATH if it is your own."
        )
    if isinstance(error, gymnasium.error.Error | ImportError) or env_id.count(":") > 1:
        return _unknown_id(env_id, text)
    if isinstance(error, TypeError) or options.kwargs:
        return ConfigError(
            f"sim.kwargs: {env_id} does not accept {options.kwargs!r} ({type(error).__name__}: {text}). Valid: {_valid_kwargs(env_id)}."
        )
    return ConfigError(f"sim.env: {env_id} could not be made ({type(error).__name__}: {text}). Mend the environment or name another.")


def _unknown_id(env_id: str, text: str) -> ConfigError:
    near = nearest(env_id.rpartition(":")[2], gymnasium.registry, 3, likeness=0.5)
    guess = f" Closest: {', '.join(near)}." if near else ""
    return ConfigError(
        f"sim.env: {env_id!r} is not a registered environment ({text.rstrip('.')}).{guess} "
        "Use one of `gymnasium.registry`, or `module:Id-v0` for an environment that a module of yours or an installed package registers."
    )


def _valid_kwargs(env_id: str) -> str:
    """The names the constructor takes, as far as it can be asked."""
    try:
        entry_point = gymnasium.spec(env_id.rpartition(":")[2]).entry_point
        maker = entry_point if callable(entry_point) else gymnasium.envs.registration.load_env_creator(entry_point)
        names = list(inspect.signature(maker).parameters)
    except (ImportError, AttributeError, TypeError, ValueError, gymnasium.error.Error):
        return "see the environment's documentation"
    return ", ".join(names) or "none"


def _wrap(env: gymnasium.Env[Any, Any], path: str, where: str) -> gymnasium.Env[Any, Any]:
    module_name, _, class_name = path.partition(":")
    if not module_name or not class_name.isidentifier():
        raise ConfigError(f"{where}: {path!r} is not of the form module:Class, such as gymnasium.wrappers:RescaleAction.")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise ConfigError(f"{where}: {path}: {error}. Install the package that holds it, or put its folder on PYTHONPATH.") from error
    wrapper = getattr(module, class_name, None)
    if not (isinstance(wrapper, type) and issubclass(wrapper, gymnasium.Wrapper)):
        known = [name for name, value in vars(module).items() if isinstance(value, type) and issubclass(value, gymnasium.Wrapper)]
        near = nearest(class_name, known, 3, likeness=0.4) or sorted(known)[:10]
        valid = f"Closest there: {', '.join(near)}." if near else "That module has none."
        raise ConfigError(f"{where}: {path} is not a gymnasium.Wrapper class. {valid}")
    try:
        return wrapper(env)
    except Exception as error:
        raise ConfigError(
            f"{where}: {path} cannot wrap this environment ({type(error).__name__}: {error}). A wrapper is called with the "
            "environment alone; give it its other arguments in a subclass of your own."
        ) from error
