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
from eureka.spaces import Box, Discrete
from eureka.types import Budget, ComponentSpec, Fitness, Task, Trial
from eureka_sb3 import SB3Trainer

OBSERVATIONS = Box(shape=(2,), low=(-np.inf,), high=(np.inf,), dtype="float64")
ACTIONS = {"discrete": Discrete(n=3, start=1), "box": Box(shape=(1,), low=(-1.0,), high=(1.0,))}


@dataclass
class Recorded:
    """position, terminated: (T, N)."""

    position: np.ndarray
    terminated: np.ndarray

    @property
    def num_steps(self):
        return self.position.shape[0]

    @property
    def num_envs(self):
        return self.position.shape[1]


class PointEnv:
    """x moves by up to 0.2 a step; |x| > 1.5 terminates, `limit` steps truncate. Observes (x, share of the limit)."""

    def __init__(self, num_envs: int, actions: str = "discrete", limit: int = 20, saves: bool = True):
        self.num_envs, self.limit, self.saves = num_envs, limit, saves
        self.observation_space, self.action_space = OBSERVATIONS, ACTIONS[actions]
        self.steps, self.ends, self.closed, self.resets = [], [], False, []

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
        else:
            assert actions.shape == (self.num_envs, 1) and np.abs(actions).max() <= 1
            push = actions[:, 0].astype(float)
        self.x, self.t = self.x + 0.2 * push, self.t + 1
        terminated, truncated = np.abs(self.x) > 1.5, self.t >= self.limit
        final = self._observe()
        self.steps.append((self.x.copy(), terminated))
        for row in np.flatnonzero(terminated | truncated):
            self.ends.append((len(self.steps) - 1, row, bool(terminated[row]), final[row]))
            self.x[row], self.t[row] = self.rngs[row].uniform(-1, 1), 0
        return Step(self._observe(), terminated, truncated, final, push[:, None], np.zeros(self.num_envs), {}, {})

    def _observe(self):
        return np.stack([self.x, self.t / self.limit], axis=1)

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
    """Records every call. rewards_of: trial id → reward, (T, N) from Recorded. starts: trial id → saved state."""

    workdir: Path
    rewards_of: dict[str, Callable]
    env_options: dict = field(default_factory=dict)
    segment: int = 0
    starts: dict[str, Path] = field(default_factory=dict)
    threads: int = 1

    def __post_init__(self):
        self.envs, self.reward_shapes, self.mean_rewards, self.updates, self.states, self.failures = [], {}, {}, {}, {}, {}
        self.policies = {}

    def make_env(self, num_envs):
        self.envs.append(PointEnv(num_envs, **self.env_options))
        return self.envs[-1]

    def row_seeds(self, trial, num_envs):
        return [derive_seed("training", self.seeds[trial], self.segment, "row", row) for row in range(num_envs)]

    def rewards(self, trial, transitions):
        rewards = self.rewards_of[trial](transitions)
        self.reward_shapes.setdefault(trial, []).append(rewards.shape)
        self.mean_rewards.setdefault(trial, []).append(rewards.mean())
        return rewards

    def after_update(self, steps, policies):
        for trial, policy in policies.items():
            directory = self.workdir / f"{trial}-{self.segment}-{steps}"
            directory.mkdir()
            policy.save(directory)
            with np.load(directory / "policy.npz", allow_pickle=False) as archive:
                arrays = {name: archive[name].tobytes() for name in archive.files}
            self.updates.setdefault(trial, []).append((steps, arrays))
            self.policies[trial] = policy

    def finished(self, trial, save_state):
        self.states[trial] = self.workdir / f"{trial}-{self.segment}-state"
        self.states[trial].mkdir()
        save_state(self.states[trial])

    def failed(self, trial, error):
        self.failures[trial] = error

    def start_dir(self, trial):
        return self.starts.get(trial)


QUICK = {"num_envs": 4, "n_steps": 16, "batch_size": 32, "n_epochs": 4, "learning_rate": 3e-3, "net_arch": (16,)}


@pytest.fixture
def sb3(tmp_path):
    """`train(rewards, …)` runs the trainer on the point task and returns the tools it was given; `near` is a good reward."""

    def train(rewards_of=None, *, steps=256, start=0, total=None, seeds=None, starts=None, segment=0, env=None, **options):
        rewards_of = rewards_of or {"a": near_the_origin}
        seeds = seeds or {}
        tools = Tools(Path(tmp_path / f"job{len(list(tmp_path.iterdir()))}"), rewards_of, env or {}, segment, starts or {})
        tools.workdir.mkdir()
        tools.seeds = {id_: seeds.get(id_, 7) for id_ in rewards_of}
        job = TrainJob(
            run_dir=tmp_path,
            task=Task(name="point", description="", sim=ComponentSpec(use="none"), variables={}, fitness=Fitness(value="native")),
            trainer=ComponentSpec(use="sb3"),
            trials=tuple(Trial(id=id_, reward="candidate", seed=tools.seeds[id_], dir=id_) for id_ in rewards_of),
            budget=Budget(start=start, end=steps, total=total or steps, episodes=1),
            specs={},
        )
        assert SB3Trainer(SB3Trainer.Options(**{**QUICK, **options})).eureka_train(job=job, tools=tools) is True
        assert all(env.closed for env in tools.envs)
        return tools

    return types.SimpleNamespace(train=train, near=near_the_origin, RewardFailed=RewardFailed, quick=QUICK, PointEnv=PointEnv)
