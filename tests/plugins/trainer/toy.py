"""A point on a line, and core's tools, in plain numpy: the contract of `eureka.training` without a simulator or reward process."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from eureka.env import Reset, Step
from eureka.errors import RewardFailed
from eureka.job_types import TrainJob
from eureka.seeds import derive_seed
from eureka.spaces import Box, Discrete, MultiDiscrete, Part
from eureka.types import Budget, ComponentSpec, Fitness, Task, Trial

INF = {"low": (-np.inf,), "high": (np.inf,)}
PIXELS = {"low": (0.0,), "high": (255.0,), "dtype": "uint8"}
OBSERVATIONS = {
    "numbers": Box(shape=(2,), dtype="float64", **INF),
    "pixels": Box(shape=(12, 16, 3), **PIXELS),
    "grey": Box(shape=(36, 40), **PIXELS),
    "colour": Box(shape=(36, 40, 3), **PIXELS),
    "stack": Box(shape=(4, 36, 40), **PIXELS),
    "colour stack": Box(shape=(2, 36, 40, 3), **PIXELS),
    "small": Box(shape=(7, 7, 3), **PIXELS),
    "dict": Box(
        shape=(2 + 36 * 40 * 3,),
        parts=(Part(key="a.state", start=0, stop=2, shape=(2,)), Part(key="camera", start=2, stop=4322, shape=(36, 40, 3), image=True)),
        **INF,
    ),
    "dict of numbers": Box(
        shape=(4,), parts=(Part(key="x", start=0, stop=1, shape=(1,)), Part(key="more", start=1, stop=4, shape=(3,), categories=3)), **INF
    ),
}
ACTIONS = {
    "discrete": Discrete(n=3, start=1),
    "multi": MultiDiscrete(nvec=(3, 2)),
    "box": Box(shape=(1,), low=(-1.0,), high=(1.0,)),
    "lopsided": Box(shape=(1,), low=(-2.0,), high=(1.0,)),
    "unbounded": Box(shape=(1,), **INF),
}


@dataclass
class Recorded:
    """All (T, N)."""

    position: np.ndarray
    terminated: np.ndarray
    fitness_reward: np.ndarray

    @property
    def num_steps(self):
        return self.position.shape[0]

    @property
    def num_envs(self):
        return self.position.shape[1]


class PointEnv:
    """x moves by up to 0.2 a step; |x| > 1.5 terminates, `limit` steps truncate. Observes (x, share of the limit), or images of x.

    Its fitness is 1 for every step within 0.3 of the origin.
    """

    def __init__(self, num_envs: int, actions: str = "discrete", limit: int = 20, saves: bool = True, sees: str = "numbers"):
        self.num_envs, self.limit, self.saves, self.sees = num_envs, limit, saves, sees
        self.observation_space, self.action_space = OBSERVATIONS[sees], ACTIONS[actions]
        self.steps, self.ends, self.closed, self.resets, self.made, self.applied = [], [], False, [], 0, []

    def reset(self, seeds):
        self.resets.append(seeds)
        self.rngs = [np.random.default_rng(seed) for seed in seeds]
        self.x = np.array([rng.uniform(-1, 1) for rng in self.rngs])
        self.t = np.zeros(self.num_envs, int)
        return Reset(self._observe(), {})

    def step(self, actions):
        if isinstance(self.action_space, Discrete):
            assert actions.shape == (self.num_envs,) and actions.min() >= 1 and actions.max() <= 3
            push = actions - 2.0
        elif isinstance(self.action_space, MultiDiscrete):
            assert actions.shape == (self.num_envs, 2) and (actions.min(0) >= 0).all() and (actions.max(0) <= (2, 1)).all()
            push = (actions[:, 0] - 1.0) * (0.5 + 0.5 * actions[:, 1])
        else:
            assert actions.shape == (self.num_envs, 1)
            low, high = self.action_space.bounds()
            assert (actions >= low).all() and (actions <= high).all()
            push = np.clip(actions[:, 0].astype(float), -2, 2)
        self.applied.append(actions.copy())
        self.x, self.t = self.x + 0.2 * push, self.t + 1
        terminated, truncated = np.abs(self.x) > 1.5, self.t >= self.limit
        final = self._observe()
        self.steps.append((self.x.copy(), terminated, (np.abs(self.x) < 0.3).astype(float)))
        self.made += 1
        for row in np.flatnonzero(terminated | truncated):
            self.ends.append((self.made - 1, row, bool(terminated[row]), final[row]))
            self.x[row], self.t[row] = self.rngs[row].uniform(-1, 1), 0
        return Step(self._observe(), terminated, truncated, final, push[:, None], np.zeros(self.num_envs), {}, {})

    def _observe(self):
        numbers = np.stack([self.x, self.t / self.limit], axis=1)
        if self.sees == "numbers":
            return numbers
        if self.sees == "dict of numbers":
            return np.concatenate([numbers[:, :1], np.eye(3)[self.t % 3]], axis=1)
        if self.sees == "dict":
            return np.concatenate([numbers, self._draw((36, 40, 3)).reshape(self.num_envs, -1)], axis=1)
        return self._draw(self.observation_space.shape)

    def _draw(self, shape):
        """Black from the edge to where x is, along the longest side."""
        images = np.zeros((self.num_envs, *shape), np.uint8)
        axis = int(np.argmax(shape)) + 1
        for image, x in zip(np.moveaxis(images, axis, 1), self.x, strict=True):
            image[: int((x + 2) / 4 * len(image))] = 255
        return images

    def take(self):
        taken = Recorded(*(np.stack(column) for column in zip(*self.steps, strict=True)))
        self.steps = []
        return taken

    def save_state(self, path):
        if self.saves:
            path.write_bytes(pickle.dumps((self.x, self.t, self.rngs)))
        return self.saves

    def load_state(self, path):
        self.x, self.t, self.rngs = pickle.loads(path.read_bytes())

    def close(self):
        self.closed = True


def near_the_origin(transitions):
    return -np.abs(transitions.position)


@dataclass
class Tools:
    """Records every call. rewards_of: trial id → reward, (T, N) from Recorded. starts: trial id → saved state; anews, what is begun anew
    of it. begins: trial id → the checkpoint it begins with. lost: trials that fail in evaluation, and why.

    `keep` is asked for every update.
    """

    workdir: Path
    rewards_of: dict[str, Callable] = field(default_factory=dict)
    env_options: dict = field(default_factory=dict)
    segment: int = 0
    starts: dict[str, Path] = field(default_factory=dict)
    anews: dict[str, tuple] = field(default_factory=dict)
    begins: dict[str, Path] = field(default_factory=dict)
    seeds: dict[str, int] = field(default_factory=dict)
    threads: int = 1
    make: Callable = PointEnv
    lost: dict[str, RewardFailed] = field(default_factory=dict)

    def __post_init__(self):
        self.envs, self.reward_shapes, self.mean_rewards, self.updates, self.states, self.failures = [], {}, {}, {}, {}, {}
        self.policies, self.steps = {}, {}
        self.rewards_of = self.rewards_of or {"a": near_the_origin}
        self.seeds = {id_: self.seeds.get(id_, 7) for id_ in self.rewards_of}
        self.workdir.mkdir()

    def make_env(self, num_envs):
        self.envs.append(self.make(num_envs, **self.env_options))
        return self.envs[-1]

    def row_seeds(self, trial, num_envs):
        return [derive_seed("training", self.seeds[trial], self.segment, "row", row) for row in range(num_envs)]

    def rewards(self, trial, transitions):
        rewards = self.rewards_of[trial](transitions)
        self.reward_shapes.setdefault(trial, []).append(rewards.shape)
        self.mean_rewards.setdefault(trial, []).append(rewards.mean())
        return rewards

    def after_update(self, steps, policies, act=None):
        for trial, policy in policies.items():
            self.policies[trial] = policy
            self.steps.setdefault(trial, []).append(steps)
            self.keep(trial, steps, policy)
        return {trial: error for trial, error in self.lost.items() if trial in policies}

    def checkpoint(self, trial, steps):
        return self.workdir / f"{trial}-{self.segment}-{steps}"

    def saved(self, trial, steps, policy):
        """Where the policy now is, saved."""
        directory = self.checkpoint(trial, steps)
        directory.mkdir()
        policy.save(directory)
        return directory

    def finished(self, trial, save_state):
        self.states[trial] = self.workdir / f"{trial}-{self.segment}-state"
        self.states[trial].mkdir()
        save_state(self.states[trial])

    def failed(self, trial, error):
        self.failures[trial] = error

    def start_dir(self, trial):
        return self.starts.get(trial)

    def anew(self, trial):
        return frozenset(self.anews.get(trial, ()))

    def start_policy(self, trial):
        return self.begins.get(trial)


def train(trainer, tools, *, start, steps, total, fitness=None):
    """Run the trainer on the point task, one segment of every trial, all its environments closed at the end."""
    job = TrainJob(
        run_dir=tools.workdir.parent,
        task=Task(name="point", description="", sim=ComponentSpec(use="none"), variables={}, fitness=fitness or Fitness(value="native")),
        trainer=ComponentSpec(use="toy"),
        trials=tuple(Trial(id=id_, reward="candidate", seed=seed, dir=id_) for id_, seed in tools.seeds.items()),
        budget=Budget(start=start, end=steps, total=total or steps, episodes=1),
        isolation="require",
        specs={},
    )
    assert trainer.eureka_train(job=job, tools=tools) is True
    assert all(getattr(env, "closed", True) for env in tools.envs)
    return tools
