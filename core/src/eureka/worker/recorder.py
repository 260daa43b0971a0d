"""Records what rewards and fitness are computed from while a trainer steps the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array, BatchedEnv, Reset, Step
from eureka.errors import PluginContractError
from eureka.spaces import Discrete, MultiDiscrete
from eureka.types import Task
from eureka.worker.fold import FitnessReward
from eureka.worker.recorded import Recorded, StepBuffer, where_rows
from eureka.worker.variables import CORE, VariablePlan, all_names, raw_sources

__all__ = ["Array", "Recorded", "Recorder", "all_names", "raw_sources"]

_META = ("native", "fitness", "fitness_reward", "terminated", "truncated")
_META_BYTES = 3 * 8 + 2


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
        self.task = task
        self._plan = VariablePlan(task, names)
        self._sparse = FitnessReward(task.fitness, self.num_envs)
        self._buffer = StepBuffer()
        self._columns = [(f"v:{name}", name) for name in self._plan.names]
        self.strict = False
        """Whether a task's function that gives no finite number for a step is the task's mistake (ConfigError), as under random actions.
        Where a policy drove the simulator there, it is what that policy's reward gets, as of any other variable, and nobody else's."""
        self._zeros, self._nowhere = np.zeros(self.num_envs), np.zeros(self.num_envs, bool)
        self._at_reset = dict.fromkeys(CORE, self._zeros) | {"action": np.zeros((self.num_envs, _action_size(env)))}
        self._length = self._zeros
        self._held: dict[str, Array] = {}
        self._begun = False
        self.step_bytes = 0
        """Bytes that a step of one row takes. Known from `reset` on."""
        self.lost: NDArray[np.bool_] | None = None
        """bool (N,): rows whose fitness came to be no finite number; None where there is none."""
        self.on_steps: Callable[[int], None] = lambda steps: None
        """Told of the environment steps of every `step`."""

    def reset(self, seeds: Sequence[int]) -> Reset:
        """Reset every row and forget steps not taken."""
        reset = self.env.reset(seeds)
        self._buffer.take()
        self._sparse.reset()
        self._length, self.lost, self._begun = self._zeros, None, False
        state = self._plan.state(reset.values, self._at_reset)
        self._held = {name: state[name] for name in self._plan.held}
        recorded = [state[self._plan.prev.get(name, name)] for name in self._plan.names]
        self.step_bytes = sum(array[:1].nbytes for array in recorded) + _META_BYTES
        return reset

    def step(self, actions: NDArray[np.generic], active: NDArray[np.bool_] | None = None) -> Step:
        """Step every row and record it. What is recorded of rows where `active` is False means nothing.

        A row whose fitness is not finite is recorded so once, for `check_fitness` to find, and rests from then on, observing zeros:
        nobody knows what the simulator would make of where the policy drove it.
        """
        if self.lost is not None:
            active = ~self.lost if active is None else active & ~self.lost
        step, plan = self.env.step(actions, active), self._plan
        self.on_steps(self.num_envs)
        terminated, truncated, native, applied = step.terminated, step.truncated, step.native, step.actions
        if active is not None:
            terminated, truncated, native = terminated & active, truncated & active, np.where(active, native, 0.0)
            if plan.calls:
                applied = where_rows(active, applied, self._at_reset["action"])
        length = self._length + 1.0
        core = {"action": applied, "native": native, "length": length, "terminated": terminated.astype(np.float64)}
        state = plan.state(self._values(step.values, active), core, active if self.strict else self._nowhere)
        prev = {name: self._held[of] for name, of in plan.prev.items()}
        if not self._begun:
            self._check_shapes(state, prev)
        fitness = plan.fitness_value(state, core, prev)
        if active is not None:
            fitness = np.where(active, fitness, 0.0)
        rewarded, finite = fitness, np.isfinite(fitness)
        if not finite.all():
            self.lost = ~finite if self.lost is None else self.lost | ~finite
            rewarded = np.where(finite, fitness, 0.0)
        if self.lost is not None:
            step = _at_rest(step, self.lost)
            terminated, truncated = terminated & ~self.lost, truncated & ~self.lost
        ended = terminated | truncated
        self._buffer.append(
            {
                **{key: prev[name] if name in prev else state[name] for key, name in self._columns},
                "native": native,
                "fitness": fitness,
                "fitness_reward": self._sparse.step(rewarded, ended),
                "terminated": terminated,
                "truncated": truncated,
            }
        )
        self._length = length
        if np.count_nonzero(ended):
            self._length = np.where(ended, 0.0, length)
            core.update({name: where_rows(ended, self._at_reset[name], core[name]) for name in plan.core_held})
            state = plan.state(self._values(step.reset_values, active), core, ended)
        self._held = {name: state[name] for name in plan.held}
        return step

    def take(self) -> Recorded:
        """All steps since the last `take` or `reset`; later steps do not write to it."""
        if self._buffer.count == 0:
            raise PluginContractError("take() found no step: call step() first.")
        arrays = self._buffer.take()
        variables = {name: arrays[key] for key, name in self._columns}
        return Recorded(variables, *(arrays[name] for name in _META))

    def save_state(self, path: Path, rows: slice = slice(None)) -> bool:
        """Save the simulator's rows at `path` and what is held beside them; False where the simulator cannot be saved.

        Raises PluginContractError while there are steps not taken: they would be lost.
        """
        if self._buffer.count:
            raise PluginContractError(f"save_state() found {self._buffer.count} recorded steps: call take() first.")
        if not self.env.save_state(path, rows):
            return False
        held = {f"held:{name}": array[rows] for name, array in self._held.items()}
        np.savez(_beside(path), length=self._length[rows], sparse=self._sparse.memory[rows], **held)  # type: ignore[arg-type]
        return True

    def load_state(self, path: Path, rows: slice = slice(None)) -> None:
        """These rows go on exactly from what `save_state` wrote of as many; steps not taken are forgotten."""
        self.env.load_state(path, rows)
        self._buffer.take()
        self._length, self._held = self._length.copy(), {name: array.copy() for name, array in self._held.items()}
        with np.load(_beside(path), allow_pickle=False) as archive:
            self._length[rows], self._sparse.memory[rows] = archive["length"], archive["sparse"]
            for name in self._plan.held:
                # Another cohort may have recorded less; then no reward of these rows takes it.
                if (saved := archive.get(f"held:{name}")) is not None:
                    self._held.setdefault(name, np.zeros((self.num_envs, *saved.shape[1:])))[rows] = saved
        if self.lost is not None:
            self.lost[rows] = False

    def close(self) -> None:
        """Close the simulator."""
        self.env.close()

    def _values(self, values: Mapping[str, Array], active: NDArray[np.bool_] | None) -> Mapping[str, Array]:
        """The simulator's values. Of rows that rest what they had, where a function will see it: the simulator may leave anything."""
        if active is None or not self._plan.calls:
            return values
        return {name: where_rows(active, values[name], self._held[name]) for name in self._plan.raw}

    def _check_shapes(self, state: Mapping[str, Array], prev: Mapping[str, Array]) -> None:
        for name, before in prev.items():
            of = self._plan.prev[name]
            if before.shape != state[of].shape:
                raise PluginContractError(
                    f"{of}: shape {before.shape} after reset() and {state[of].shape} after step(); expected one shape."
                )
        self._begun = True


def _at_rest(step: Step, lost: NDArray[np.bool_]) -> Step:
    """The step with zeros for the observations of lost rows, whose episodes do not end."""
    zeros = np.zeros_like(step.observations)
    return replace(
        step,
        observations=where_rows(lost, zeros, step.observations),
        final_observations=where_rows(lost, zeros, step.final_observations),
        terminated=step.terminated & ~lost,
        truncated=step.truncated & ~lost,
    )


def _action_size(env: BatchedEnv) -> int:
    space = env.action_space
    if isinstance(space, Discrete):
        return 1
    return len(space.nvec) if isinstance(space, MultiDiscrete) else int(np.prod(space.shape))


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".recorder.npz")
