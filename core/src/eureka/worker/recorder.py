"""Records what rewards and fitness are computed from while a trainer steps the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array, BatchedEnv, Reset, Step
from eureka.errors import PluginContractError, RewardFailed
from eureka.spaces import Discrete, MultiDiscrete
from eureka.types import Task
from eureka.worker.fold import FitnessReward
from eureka.worker.recorded import Recorded, StepBuffer, where_rows
from eureka.worker.variables import VariablePlan, all_names, raw_sources

__all__ = ["Array", "Recorded", "Recorder", "all_names", "raw_sources"]

_META = ("native", "fitness", "fitness_reward", "terminated", "truncated")


class Recorder:
    """A `BatchedEnv` as a `RecordedEnv`: core adds `prev_`, `action`, `length`, `terminated`, functions and the fitness.

    env: made with `sources=raw_sources(task, names)`. It belongs to the recorder from now on.
    names: the variables to record, any of `all_names(task)`, `action` and `prev_action`. Raises ConfigError for others.
    """

    def __init__(self, env: BatchedEnv, task: Task, names: Sequence[str]) -> None:
        self.env = env
        self.num_envs = env.num_envs
        self.observation_space = env.observation_space
        self.action_space = env.action_space
        self.max_episode_steps = env.max_episode_steps
        self._task = task
        self._plan = VariablePlan(task, names)
        self._sparse = FitnessReward(task.fitness, self.num_envs)
        self._buffer = StepBuffer()
        self._held: dict[str, Array] = {}
        zeros = np.zeros(self.num_envs)
        self._at_reset = {
            "action": np.zeros((self.num_envs, _action_size(env))),
            "native": zeros,
            "length": zeros,
            "terminated": zeros,
        }
        self._length: Array = zeros
        self.on_steps: Callable[[int], None] = lambda steps: None
        """Told of the environment steps of every `step`."""

    def reset(self, seeds: Sequence[int]) -> Reset:
        """Reset every row and forget steps not taken."""
        reset = self.env.reset(seeds)
        self._buffer.take()
        self._sparse.reset()
        self._length = np.zeros(self.num_envs)
        self._held = self._plan.state(reset.values, self._at_reset)
        return reset

    def step(self, actions: NDArray[np.generic], active: NDArray[np.bool_] | None = None) -> Step:
        """Step every row and record it. Rows where `active` is False keep the values they had; they count as no step.

        Raises RewardFailed("fitness") when the fitness value is not finite: the policy drove the simulator there.
        """
        step = self.env.step(actions, active)
        self.on_steps(self.num_envs)
        live = np.ones(self.num_envs, bool) if active is None else active
        terminated, truncated = step.terminated & live, step.truncated & live
        ended = terminated | truncated
        core = {
            "action": where_rows(live, step.actions, self._at_reset["action"]),
            "native": np.where(live, step.native, 0.0),
            "length": self._length + live,
            "terminated": terminated.astype(np.float64),
        }
        state = self._plan.state(self._values(step.values, active), core, live)
        prev = {name: self._held[of] for name, of in self._plan.prev.items()}
        self._check_shapes(state, prev)
        fitness = self._plan.fitness_value(state, core, prev)
        self._check_fitness(fitness, live, core["length"])
        self._buffer.append(
            {
                **{f"v:{name}": prev[name] if name in prev else state[name] for name in self._plan.names},
                "native": core["native"],
                "fitness": fitness,
                "fitness_reward": np.where(live, self._sparse.step(fitness, ended), 0.0),
                "terminated": terminated,
                "truncated": truncated,
            }
        )
        self._length = np.where(ended, 0.0, core["length"])
        if ended.any():
            after = self._plan.state(self._values(step.reset_values, active), self._at_reset, ended)
            state = {name: where_rows(ended, after[name], value) for name, value in state.items()}
        self._held = state
        return step

    def take(self) -> Recorded:
        """All steps since the last `take` or `reset`; later steps do not write to it."""
        if self._buffer.count == 0:
            raise PluginContractError("take() found no step: call step() first.")
        arrays = self._buffer.take()
        variables = {name: arrays[f"v:{name}"] for name in self._plan.names}
        return Recorded(variables, *(arrays[name] for name in _META))

    def save_state(self, path: Path) -> bool:
        """Save the simulator at `path` and what is held beside it; False where the simulator cannot be saved.

        Raises PluginContractError while there are steps not taken: they would be lost.
        """
        if self._buffer.count:
            raise PluginContractError(f"save_state() found {self._buffer.count} recorded steps: call take() first.")
        if not self.env.save_state(path):
            return False
        held = {f"held:{name}": array for name, array in self._held.items()}
        np.savez(_beside(path), length=self._length, sparse=self._sparse.memory, **held)  # type: ignore[arg-type]
        return True

    def load_state(self, path: Path) -> None:
        """Go on exactly from what `save_state` wrote; steps not taken are forgotten."""
        self.env.load_state(path)
        self._buffer.take()
        with np.load(_beside(path), allow_pickle=False) as archive:
            self._length, self._sparse.memory = archive["length"], archive["sparse"]
            self._held = {key.removeprefix("held:"): archive[key] for key in archive.files if key.startswith("held:")}

    def close(self) -> None:
        """Close the simulator."""
        self.env.close()

    def _values(self, values: Mapping[str, Array], active: NDArray[np.bool_] | None) -> Mapping[str, Array]:
        """The simulator's values, and for rows that rest what they had: the simulator may leave anything there."""
        if active is None:
            return values
        return {name: where_rows(active, values[name], self._held[name]) for name in self._plan.raw}

    def _check_shapes(self, state: Mapping[str, Array], prev: Mapping[str, Array]) -> None:
        for name, before in prev.items():
            now = state[self._plan.prev[name]]
            if before.shape != now.shape:
                of = self._plan.prev[name]
                raise PluginContractError(f"{of}: shape {before.shape} after reset() and {now.shape} after step(); expected one shape.")

    def _check_fitness(self, fitness: Array, live: NDArray[np.bool_], length: Array) -> None:
        bad = live & ~np.isfinite(fitness)
        if bad.any():
            row = int(np.argmax(bad))
            raise RewardFailed(
                "fitness",
                f"fitness.value: {self._task.fitness.value} is {fitness[row]} at step {int(length[row])} of an episode (row {row}); "
                "expected a finite number. The policy drove the simulator there, or the task must be mended.",
            )


def _action_size(env: BatchedEnv) -> int:
    space = env.action_space
    if isinstance(space, Discrete):
        return 1
    return len(space.nvec) if isinstance(space, MultiDiscrete) else int(np.prod(space.shape))


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".recorder.npz")
