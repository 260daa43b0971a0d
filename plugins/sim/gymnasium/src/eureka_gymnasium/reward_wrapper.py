"""`RewardWrapper`: a Gymnasium environment with a found reward, for any RL code."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from eureka.env import Array
from eureka.errors import ConfigError, RewardFailed
from eureka.user_code import python_error
from eureka.worker.reward_contract import ContractBroken, unpack
from eureka.worker.variables import VariablePlan
from eureka_gymnasium.reward_source import find_reward
from eureka_gymnasium.single_reader import SingleReader, applied

log = logging.getLogger("eureka")


class RewardWrapper(gymnasium.Wrapper[Any, Any, Any, Any], gymnasium.utils.RecordConstructorArgs):  # type: ignore[misc]
    """Gives an environment the reward that a run found, computed as in training.

    env: one Gymnasium environment, with the wrappers the task names under `sim.wrappers` and none that changes observations beyond
        those: the reward reads the observation of the environment it wraps.
    source: a run's directory (its best reward) or a reward's file: `best_reward.py`, anywhere; `candidates/<id>/reward.py` in its run;
        any other together with `task`.
    task: what the variables are, where neither the run nor the file says so or something else is meant: a shipped task's name, or the
        path of a task or config file.
    any_env: wrap also an environment of another ID than the reward was found for, such as a variant of yours in which its variables are
        read in the same way. Otherwise that is refused: where the same numbers mean something else, nothing else would tell.

    `step` returns the reward as a float. `info["reward_components"]` has its components by name as floats, `info["original_reward"]` the
    environment's own reward. The action goes to the environment untouched; the reward sees it clipped, as in training.

    The reward's code runs in this process, with all that this process may do. Code that fails the static check (anything but arithmetic
    on arrays) is refused, but that is no wall against a clever enemy: read a reward that a stranger gave you.

    Raises ConfigError for what cannot be wrapped, read or accepted, and `eureka.RewardFailed` from `step` when the reward raises or is
    not finite.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], source: str | Path, task: str | Path | None = None, any_env: bool = False) -> None:
        if not isinstance(env, gymnasium.Env):
            raise ConfigError(
                f"RewardWrapper: {type(env).__name__} is not a gymnasium.Env. It wraps one environment; wrap each before they are put "
                "together, as in stable-baselines3's make_vec_env(ID, n_envs=8, wrapper_class=RewardWrapper, "
                'wrapper_kwargs={"source": "runs/first"}).'
            )
        gymnasium.utils.RecordConstructorArgs.__init__(self, source=str(source), task=None if task is None else str(task), any_env=any_env)
        super().__init__(env)
        self._reward = find_reward(source, task)
        if not any_env:
            self._refuse_another_environment()
        self._plan = VariablePlan(self._reward.task, self._reward.arguments)
        self._reader = SingleReader(env, self._plan.raw)
        self._before: dict[str, Array] | None = None
        self._at_reset: dict[str, Array] | None = None
        self._steps = 0
        log.info("%s: this reward runs in this process, unconfined", self._reward.file)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start an episode, as the environment does."""
        observation, info = self.env.reset(seed=seed, options=options)
        # What `info` gives only after steps has no shape yet, so the reset state's variables wait for the first step.
        self._at_reset, self._before, self._steps = self._reader.read(observation, info), None, 0
        return observation, info

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Step the environment; the reward is the found one."""
        if self._at_reset is None:
            raise gymnasium.error.ResetNeeded("RewardWrapper: call reset() before step().")
        observation, original, terminated, truncated, info = self.env.step(action)
        self._steps += 1
        zero, taken = np.zeros(1), applied(self.env.action_space, action)
        raw = self._reader.complete(self._reader.read(observation, info))
        if self._before is None:
            core = {"action": np.zeros_like(taken), "native": zero, "length": zero, "terminated": zero}
            self._before = self._plan.state(self._reader.complete(self._at_reset), core)
        core = {
            "action": taken,
            "native": np.array([float(original)]),
            "length": np.array([float(self._steps)]),
            "terminated": np.array([float(terminated)]),
        }
        state = self._plan.state(raw, core)
        prev = {name: self._before[of] for name, of in self._plan.prev.items()}
        self._before = state
        reward, components = self._compute({**state, **prev})
        info = {**info, "reward_components": components, "original_reward": float(original)}
        return observation, reward, terminated, truncated, info

    def _compute(self, values: Mapping[str, Array]) -> tuple[float, dict[str, float]]:
        """The reward of a batch of one. Raises RewardFailed."""
        arguments = {name: values[name].copy() for name in self._reward.arguments}
        for array in arguments.values():
            array.flags.writeable = False  # as in training: a reward must not change what the next step reads
        try:
            with np.errstate(all="ignore"):
                names, arrays = unpack(self._reward.function(**arguments), 1)
        except ContractBroken as error:
            raise self._failed("contract", f"{self._reward.file}: {error}") from None
        except Exception as error:
            raise self._failed("error", python_error(error, self._reward.file)) from error
        total, *parts = (float(array[0]) for array in arrays)
        components = dict(zip(names, parts, strict=True))
        for name, value in (*components.items(), ("total", total)):
            if not np.isfinite(value):
                label = "the reward" if name == "total" else f'component "{name}"'
                inputs = ", ".join(f"{argument} = {array[0]}" for argument, array in arguments.items())
                raise self._failed("non_finite", f"{self._reward.file}: {label} is {value} where {inputs}")
        return total, components

    def _failed(self, code: str, message: str) -> RewardFailed:
        return RewardFailed(code, f"{message} (step {self._steps} of the episode)")

    def _refuse_another_environment(self) -> None:
        meant = self._reward.task.sim.options.get("env")
        spec = self.env.spec
        if isinstance(meant, str) and spec is not None and ".py:" not in meant and meant.rpartition(":")[2] != spec.id:
            raise ConfigError(
                f"RewardWrapper: this reward was found for {meant}; here it wraps {spec.id}, where what it reads may mean something else. "
                f"Give it {meant}, or any_env=True where its variables are the same in both."
            )
