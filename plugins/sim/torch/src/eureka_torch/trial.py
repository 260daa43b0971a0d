"""A trial reset and step of an environment, in which each method is held to what `TorchEnv` says of it."""

from __future__ import annotations

from typing import Any

import torch

from eureka.errors import ConfigError
from eureka.spaces import Box
from eureka_torch.batch import WIDTH
from eureka_torch.draw import Draw, seed_tensor
from eureka_torch.env import State, TorchEnv
from eureka_torch.loading import line, short

_TAKEN = ("obs", "action", "native", "length", "terminated")
"""Sources of core, and of every environment."""


def variable_names(env: TorchEnv, path: str, device: str = "cpu") -> tuple[str, ...]:
    """The names of its variables. path: `FILE.py:Class`. device: that it is to work on.

    Raises ConfigError naming the method that breaks its contract, and how.
    """
    trial = _Trial(env, f"sim.env: {short(path)}", path, torch.device(device))
    _check_spaces(env, trial.label)
    begun = trial.state("reset", _draw(0, device))
    low, high = (torch.tensor(bound.copy(), dtype=torch.float32, device=device) for bound in env.action_space.bounds())
    actions = torch.nan_to_num(0.5 * (low + high)).expand(WIDTH, -1).clone()
    trial.told(begun, actions)
    versions = {name: tensor._version for name, tensor in begun.items()}
    after = trial.state("step", begun, actions, _draw(1, device))
    for name, tensor in begun.items():
        if tensor._version != versions[name]:
            raise trial.broken("step", f"writes to its argument state[{name!r}]; compute a new tensor, or clone it first")
    kinds = {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in begun.items()}
    if (now := {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in after.items()}) != kinds:
        other = sorted(name for name in {*kinds, *now} if kinds.get(name) != now.get(name))
        raise trial.broken(
            "step",
            "returned another state than reset: "
            + "; ".join(f"{name} was {_words(kinds.get(name))} and is {_words(now.get(name))}" for name in other),
        )
    return trial.told(after, actions)


class _Trial:
    """label: what messages begin with."""

    def __init__(self, env: TorchEnv, label: str, path: str, device: torch.device) -> None:
        self.env, self.label, self.path, self.device = env, label, path, device

    def broken(self, method: str, problem: str) -> ConfigError:
        return ConfigError(f"{self.label}.{method} {problem}.")

    def ask(self, method: str, *arguments: Any) -> Any:
        try:
            return getattr(self.env, method)(*arguments)
        except Exception as error:
            raise self.broken(method, f"failed: {line(error, self.path)}") from None

    def state(self, method: str, *arguments: Any) -> State:
        state = self.ask(method, *arguments)
        if not isinstance(state, dict) or not state:
            raise self.broken(method, f"returned {_type(state)}; expected the state, a dict of tensors by name")
        for name, tensor in state.items():
            if not isinstance(tensor, torch.Tensor) or tensor.ndim == 0 or len(tensor) != WIDTH:
                shape = tuple(tensor.shape) if isinstance(tensor, torch.Tensor) else _type(tensor)
                raise self.broken(method, f"returned {shape} as {name!r} for {WIDTH} rows; expected a tensor ({WIDTH}, …)")
            self._on_device(method, name, tensor)
        return state

    def told(self, state: State, actions: torch.Tensor) -> tuple[str, ...]:
        """Check all that is computed of a state. Returns the names of its variables."""
        self._tensor("observe", self.ask("observe", state), ((WIDTH, *self.env.observation_space.shape),), (torch.float32,))
        self._tensor("terminated", self.ask("terminated", state), ((WIDTH,),), (torch.bool,))
        self._tensor("native", self.ask("native", state, actions), ((WIDTH,),))
        variables = self.ask("variables", state)
        if not isinstance(variables, dict):
            raise self.broken("variables", f"returned {_type(variables)}; expected a dict of tensors by name")
        for name, tensor in variables.items():
            if not (isinstance(name, str) and name.isidentifier()) or name in _TAKEN:
                raise self.broken("variables", f"tells {name!r}; a name is an identifier other than {', '.join(_TAKEN)}")
            size = tensor.shape[1] if isinstance(tensor, torch.Tensor) and tensor.ndim == 2 else 1
            self._tensor(f"variables[{name!r}]", tensor, ((WIDTH,), (WIDTH, size)))
        return tuple(variables)

    def _tensor(self, what: str, tensor: Any, shapes: tuple[tuple[int, ...], ...], dtypes: tuple[torch.dtype, ...] = ()) -> None:
        if not isinstance(tensor, torch.Tensor):
            raise self.broken(what, f"is {_type(tensor)}; expected a tensor of shape {shapes[0]}")
        if tuple(tensor.shape) not in shapes or tensor.is_complex() or (dtypes and tensor.dtype not in dtypes):
            kind = f"{str(dtypes[0]).removeprefix('torch.')} " if dtypes else ""
            raise self.broken(what, f"is {_words((tuple(tensor.shape), tensor.dtype))} for {WIDTH} rows; expected {kind}{shapes[0]}")
        self._on_device(what, "", tensor)
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise self.broken(what, "is not finite after a reset or a first step")

    def _on_device(self, what: str, name: str, tensor: torch.Tensor) -> None:
        if tensor.device.type != self.device.type:
            returned = f"returned {name!r}" if name else "is"
            raise self.broken(what, f"{returned} on {tensor.device}, where it was given tensors on {self.device}; make new ones like those")


def _check_spaces(env: TorchEnv, label: str) -> None:
    for name in ("observation_space", "action_space"):
        space = getattr(env, name, None)
        if not isinstance(space, Box) or len(space.shape) != 1 or space.dtype != "float32":
            raise ConfigError(f"{label}.{name} is {space!r}; expected a float32 vector, such as eureka_torch.box(4, -1.0, 1.0).")
    limit = env.max_episode_steps
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise ConfigError(f"{label}.max_episode_steps is {limit!r}; expected a number of steps, or None.")


def _draw(step: int, device: str) -> Draw:
    zeros = torch.zeros(WIDTH, dtype=torch.int64, device=device)
    return Draw(seed_tensor(range(WIDTH)).to(device), zeros, zeros + step)


def _words(kind: tuple[tuple[int, ...], torch.dtype] | None) -> str:
    return "missing" if kind is None else f"{str(kind[1]).removeprefix('torch.')} {kind[0]}"


def _type(value: Any) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"
