"""Whether an environment can be stepped as arrays: one of Gymnasium's own five, with nothing around it, that agrees with ours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from gymnasium.envs.classic_control import AcrobotEnv, CartPoleEnv, Continuous_MountainCarEnv, MountainCarEnv, PendulumEnv
from gymnasium.utils import seeding

from eureka_gymnasium.classic.acrobot import Acrobot
from eureka_gymnasium.classic.batch import ClassicEnv
from eureka_gymnasium.classic.cartpole import CartPole
from eureka_gymnasium.classic.dynamics import Dynamics
from eureka_gymnasium.classic.mountain_car import MountainCar, MountainCarContinuous
from eureka_gymnasium.classic.pendulum import Pendulum
from eureka_gymnasium.layers import Env
from eureka_gymnasium.reading import Readers

TRIED = 32  # steps in which ours and Gymnasium's own code must agree

DYNAMICS: dict[type, type[Dynamics]] = {
    AcrobotEnv: Acrobot,
    CartPoleEnv: CartPole,
    Continuous_MountainCarEnv: MountainCarContinuous,
    MountainCarEnv: MountainCar,
    PendulumEnv: Pendulum,
}


def classic(make: Callable[[], Env], num_envs: int, readers: Readers) -> ClassicEnv | None:
    """The batch of `num_envs` rows, or None where they must be stepped one after another.

    That depends on the environment, its sources and the machine, never on `num_envs`.
    """
    kind = None if readers.inside is None else DYNAMICS.get(readers.inside)
    if kind is None or any(source.root != "env" or source.steps[0] != "state" for source in readers.by_row.values()):
        return None
    env = make()
    dynamics = kind(env.unwrapped)
    if env.render_mode is None and agrees(env, dynamics):
        return ClassicEnv(env, dynamics, num_envs, readers)
    env.close()
    return None


def agrees(env: Env, dynamics: Dynamics) -> bool:
    """Whether our equations give, to the last bit, what this version of Gymnasium gives with these arguments on this machine."""
    inner, space = env.unwrapped, env.action_space
    observation, _ = inner.reset(seed=0)
    space.seed(0)
    state, fresh = dynamics.draw(seeding.np_random(0)[0])[:, None], np.ones(1, np.bool_)
    if not np.array_equal(dynamics.observe(state, reset=True)[0], observation):
        return False
    for _ in range(TRIED):
        action = space.sample()
        observation, native, terminated, _, _ = inner.step(action)
        state, natives, ends = dynamics.step(state, np.array([action]), fresh)
        fresh = np.zeros(1, np.bool_)
        if not np.array_equal(dynamics.observe(state)[0], observation) or natives[0] != native or ends[0] != terminated:
            return False
        if terminated:
            break
    return True
