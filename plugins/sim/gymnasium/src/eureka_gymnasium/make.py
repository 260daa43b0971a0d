"""Making one row's environment, with errors that say which option to mend."""

from __future__ import annotations

import copy
import importlib
import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium

from eureka.env import RenderMode
from eureka.errors import ConfigError
from eureka.suggest import nearest
from eureka.user_code import python_error
from eureka_gymnasium.atari import Memory, is_atari
from eureka_gymnasium.classes import is_file, load_class, parameters, short

if TYPE_CHECKING:
    from eureka_gymnasium.sim import GymnasiumSim

_NO_RENDER_MODE = "unexpected keyword argument 'render_mode'"


def make_row(options: GymnasiumSim.Options, render: RenderMode | None = None) -> gymnasium.Env[Any, Any]:
    """One environment with its time limit and wrappers. Raises ConfigError naming the option under `sim`.

    render: for one that is watched, in the place of any `render_mode` among `kwargs`.
    """
    # Rows must share nothing, so a mutable argument is copied for each.
    kwargs = copy.deepcopy(options.kwargs)
    if render is not None:
        kwargs["render_mode"] = render
    env = _from_file(options, kwargs) if is_file(options.env) else _registered(options, kwargs)
    if is_atari(env):
        env = Memory(env)
    for i, entry in enumerate(options.wrappers):
        env = _wrap(env, entry, f"sim.wrappers[{i}]")
    return env


def load_module(options: GymnasiumSim.Options) -> None:
    """Import what the environment's class stands in, which takes longer than making one. May raise whatever importing raises."""
    if is_file(options.env):
        load_class(options.env, gymnasium.Env, "sim.env")
        return
    module, _, name = options.env.rpartition(":")
    if module:
        importlib.import_module(module)
    spec = gymnasium.registry.get(name)
    if spec is not None and isinstance(spec.entry_point, str):
        gymnasium.envs.registration.load_env_creator(spec.entry_point)


def _from_file(options: GymnasiumSim.Options, kwargs: dict[str, Any]) -> gymnasium.Env[Any, Any]:
    """An environment whose class stands in a file of the user's."""
    cls, label = load_class(options.env, gymnasium.Env, "sim.env"), short(options.env)
    try:
        inspect.signature(cls).bind(**kwargs)
    except TypeError as error:
        if _NO_RENDER_MODE in str(error):
            raise ConfigError(_not_drawn(label)) from None
        raise ConfigError(f"sim.kwargs: {label} does not accept {kwargs!r} ({error}). Valid: {parameters(cls)}.") from None
    try:
        env = cls(**kwargs)
    except Exception as error:
        raise ConfigError(f"sim.env: {label} could not be made: {_line(error, options.env)}.") from None
    for space in ("observation_space", "action_space"):
        if not isinstance(getattr(env, space, None), gymnasium.Space):
            raise ConfigError(f"sim.env: {label} has no {space}; set self.{space} in its __init__ to one of gymnasium.spaces.")
    limit = options.max_episode_steps
    return env if limit is None else gymnasium.wrappers.TimeLimit(env, limit)


def _registered(options: GymnasiumSim.Options, kwargs: dict[str, Any]) -> gymnasium.Env[Any, Any]:
    if ":" not in options.env and options.env not in gymnasium.registry:
        _register_atari(options.env)
    try:
        return gymnasium.make(options.env, max_episode_steps=options.max_episode_steps, disable_env_checker=True, **kwargs)
    except Exception as error:
        raise _make_error(options, error) from error


def _register_atari(env_id: str) -> None:
    """Importing ale_py registers `ALE/Pong-v5` and the older `PongNoFrameskip-v4`."""
    try:
        importlib.import_module("ale_py")
    except ImportError:
        if env_id.startswith("ALE/"):
            raise ConfigError(
                f'sim.env: {env_id} needs the Arcade Learning Environment, which is not installed here: pip install "gymnasium[atari]"'
            ) from None


def _make_error(options: GymnasiumSim.Options, error: Exception) -> ConfigError:
    env_id = options.env
    text = " ".join(str(error).split())
    if _NO_RENDER_MODE in text and "render_mode" not in options.kwargs:
        return ConfigError(_not_drawn(env_id))
    if isinstance(error, gymnasium.error.DependencyNotInstalled):
        return ConfigError(f"sim.env: {env_id} {needs_package(text)}")
    module = env_id.partition(":")[0] if ":" in env_id else None
    if module == "gymnasium_robotics" and isinstance(error, ImportError | AssertionError):
        # It is missing, or the MuJoCo beside it is one whose types it fails to recognise, which shows as an empty AssertionError.
        return ConfigError(
            f"sim.env: {env_id} could not be made ({type(error).__name__}{f': {text}' if text else ''}). It needs gymnasium-robotics and a "
            'MuJoCo that this works with, best in a virtual environment of their own: pip install "eureka-plugin-gymnasium[robotics]"'
        )
    if isinstance(error, ImportError) and not (module and f"importing a module failed. Check whether '{module}'" in text):
        return ConfigError(
            f"sim.env: {env_id} needs a module that is not installed here ({text}). "
            + (f"Run `pip install {error.name}`, or put it on PYTHONPATH if it is your own." if error.name else "Install what it asks for.")
        )
    if isinstance(error, gymnasium.error.Error | ImportError) or env_id.count(":") > 1:
        return _unknown_id(env_id, text)
    if isinstance(error, TypeError) or options.kwargs:
        return ConfigError(
            f"sim.kwargs: {env_id} does not accept {options.kwargs!r} ({type(error).__name__}: {text}). Valid: {_valid_kwargs(env_id)}."
        )
    return ConfigError(f"sim.env: {env_id} could not be made ({type(error).__name__}: {text}). Mend the environment or name another.")


def _not_drawn(label: str) -> str:
    return f"sim.env: {label} cannot be drawn: it takes no render_mode. An environment that can has it in __init__, and a render()."


def needs_package(text: str) -> str:
    """What to do about Gymnasium's DependencyNotInstalled, after the name of what it was raised for. text: of the error."""
    if "opencv" in text:
        # Gymnasium names a bundle of plotting and video packages; the one it needs is enough.
        advice = "Run `pip install opencv-python-headless`."
    else:
        advice = f"Gymnasium says: {text}" + ("" if "pip install" in text else "; install it with pip")
    return f"needs a package that is not installed here. {advice}"


def _unknown_id(env_id: str, text: str) -> ConfigError:
    near = nearest(env_id.rpartition(":")[2], gymnasium.registry, 3, likeness=0.5)
    guess = f" Closest: {', '.join(near)}." if near else ""
    return ConfigError(
        f"sim.env: {env_id!r} is not a registered environment ({text.rstrip('.')}).{guess} Use one of `gymnasium.registry`, "
        "`module:Id-v0` for one that a module of yours or an installed package registers, or FILE.py:Class for a class of your own."
    )


def _valid_kwargs(env_id: str) -> str:
    try:
        entry_point = gymnasium.spec(env_id.rpartition(":")[2]).entry_point
        maker = entry_point if callable(entry_point) else gymnasium.envs.registration.load_env_creator(entry_point)
    except (ImportError, AttributeError, gymnasium.error.Error):
        return "see the environment's documentation"
    return parameters(maker)


def _wrap(env: gymnasium.Env[Any, Any], entry: str | dict[str, Any], where: str) -> gymnasium.Env[Any, Any]:
    path = entry if isinstance(entry, str) else entry["use"]
    # Gymnasium's wrappers insist on tuples, which YAML has not; and rows must share nothing.
    arguments = {} if isinstance(entry, str) else {name: _tuples(value) for name, value in entry.items() if name != "use"}
    wrapper = load_class(path, gymnasium.Wrapper, where)
    label = short(path)
    try:
        return wrapper(env, **arguments)
    except gymnasium.error.DependencyNotInstalled as error:
        raise ConfigError(f"{where}: {label} {needs_package(str(error))}") from error
    except Exception as error:
        raise ConfigError(
            f"{where}: {label} cannot wrap this environment with {arguments or 'no arguments'} ({_line(error, path)}). "
            f"Its arguments: {parameters(wrapper, without=('self', 'env'))}."
        ) from error


def _line(error: Exception, path: str) -> str:
    """What was raised, and where in the user's file it was."""
    text = python_error(error, Path(path.rpartition(":")[0])) if is_file(path) else " ".join(f"{type(error).__name__}: {error}".split())
    return text.rstrip(".")


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value
