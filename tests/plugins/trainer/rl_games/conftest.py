"""A point on a line, and core's tools, in plain numpy: the contract of `eureka.training` without a simulator or reward process."""

from __future__ import annotations

import pickle
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from eureka.env import Reset, Step
from eureka.errors import RewardFailed
from eureka.job_types import TrainJob
from eureka.seeds import derive_seed
from eureka.spaces import Box, Discrete, MultiDiscrete
from eureka.types import Budget, ComponentSpec, Fitness, Task, Trial
from eureka_rl_games import RLGamesTrainer

INF = {"low": (-np.inf,), "high": (np.inf,)}
PIXELS = {"low": (0.0,), "high": (255.0,), "dtype": "uint8"}
OBSERVATIONS = {"numbers": Box(shape=(2,), dtype="float64", **INF), "pixels": Box(shape=(12, 16, 3), **PIXELS)}
ACTIONS = {
    "discrete": Discrete(n=3, start=1),
    "multi": MultiDiscrete(nvec=(3, 2)),
    "box": Box(shape=(1,), low=(-2.0,), high=(1.0,)),
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
    """x moves by up to 0.2 a step; |x| > 1.5 terminates, `limit` steps truncate. Observes (x, share of the limit), or an image of x.

    Its fitness is 1 for every step within 0.3 of the origin.
    """

    def __init__(self, num_envs: int, actions: str = "discrete", limit: int = 20, saves: bool = True, sees: str = "numbers"):
        self.num_envs, self.limit, self.saves, self.sees = num_envs, limit, saves, sees
        self.observation_space, self.action_space = OBSERVATIONS[sees], ACTIONS[actions]
        self.steps, self.closed, self.resets, self.applied = [], False, [], []

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
        for row in np.flatnonzero(terminated | truncated):
            self.x[row], self.t[row] = self.rngs[row].uniform(-1, 1), 0
        return Step(self._observe(), terminated, truncated, final, push[:, None], np.zeros(self.num_envs), {}, {})

    def _observe(self):
        if self.sees == "numbers":
            return np.stack([self.x, self.t / self.limit], axis=1)
        images = np.zeros((self.num_envs, *self.observation_space.shape), np.uint8)
        for image, x in zip(images, self.x, strict=True):
            image[:, : int((x + 2) * 4)] = 255
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
    """Records every call. rewards_of: trial id → reward, (T, N) from Recorded. starts: trial id → saved state.

    lost: trials that fail in evaluation, and why.
    """

    workdir: Path
    rewards_of: dict[str, Callable]
    env_options: dict = field(default_factory=dict)
    segment: int = 0
    starts: dict[str, Path] = field(default_factory=dict)
    threads: int = 1
    make: Callable = PointEnv
    lost: dict[str, RewardFailed] = field(default_factory=dict)

    def __post_init__(self):
        self.envs, self.reward_shapes, self.mean_rewards, self.updates, self.states, self.failures = [], {}, {}, {}, {}, {}
        self.policies, self.steps = {}, {}

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
        """Keeps every update's checkpoint, and lets the policy act, as an evaluation would between two updates."""
        import torch

        for trial, policy in policies.items():
            self.policies[trial] = policy
            self.steps.setdefault(trial, []).append(steps)
            directory = self.checkpoint(trial, steps)
            directory.mkdir()
            policy.save(directory)
            policy.act(
                self.envs[-1]._observe() if hasattr(self.envs[-1], "_observe") else np.zeros((2, *self.envs[-1].observation_space.shape))
            )
            model = torch.load(directory / "rl_games.pth", weights_only=True)["model"]
            self.updates.setdefault(trial, []).append((steps, {name: tensor.numpy().tobytes() for name, tensor in model.items()}))
        return {trial: error for trial, error in self.lost.items() if trial in policies}

    def checkpoint(self, trial, steps):
        return self.workdir / f"{trial}-{self.segment}-{steps}"

    def finished(self, trial, save_state):
        self.states[trial] = self.workdir / f"{trial}-{self.segment}-state"
        self.states[trial].mkdir()
        save_state(self.states[trial])

    def failed(self, trial, error):
        self.failures[trial] = error

    def start_dir(self, trial):
        return self.starts.get(trial)


QUICK = {
    "network": {"mlp": {"units": [16]}},
    "config": {"horizon_length": 8, "minibatch_size": 16, "mini_epochs": 2, "learning_rate": 3e-3},
}


@pytest.fixture
def rl_games(tmp_path):
    """`train(rewards, …)` runs the trainer on the point task and returns the tools it was given; `near` is a good reward."""

    def train(
        rewards_of=None,
        *,
        steps=96,
        start=0,
        total=None,
        seeds=None,
        starts=None,
        segment=0,
        env=None,
        make=PointEnv,
        lost=None,
        config=None,
        network=None,
        fitness=None,
        **options,
    ):
        params = {"config": {**QUICK["config"], **(config or {})}, "network": {**QUICK["network"], **(network or {})}}
        options = {"num_envs": 4, **options, "params": params}
        rewards_of = rewards_of or {"a": near_the_origin}
        seeds = seeds or {}
        tools = Tools(tmp_path / f"job{len(list(tmp_path.iterdir()))}", rewards_of, env or {}, segment, starts or {}, make=make)
        tools.lost = lost or {}
        tools.workdir.mkdir()
        tools.seeds = {id_: seeds.get(id_, 7) for id_ in rewards_of}
        fitness = Fitness(**(fitness or {"value": "native"}))
        job = TrainJob(
            run_dir=tmp_path,
            task=Task(name="point", description="", sim=ComponentSpec(use="none"), variables={}, fitness=fitness),
            trainer=ComponentSpec(use="rl_games"),
            trials=tuple(Trial(id=id_, reward="candidate", seed=tools.seeds[id_], dir=id_) for id_ in rewards_of),
            budget=Budget(start=start, end=steps, total=total or steps, episodes=1),
            isolation="require",
            specs={},
        )
        assert RLGamesTrainer(RLGamesTrainer.Options(**options)).eureka_train(job=job, tools=tools) is True
        assert all(getattr(env, "closed", True) for env in tools.envs)
        return tools

    return types.SimpleNamespace(train=train, near=near_the_origin, RewardFailed=RewardFailed, PointEnv=PointEnv, QUICK=QUICK)
