"""Environments whose `step` mixes reward and state, each in another way. Their rewards hold numbers that stand nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.envs.mujoco.hopper_v5 import HopperEnv

TARGET = 3.0
HALF = 0.5


@dataclass
class Settings:
    dt: float = 0.05
    w_effort: float = 7.77


class Meter:
    """Helps an environment, and its reward."""

    def __init__(self, env):
        self.env, self.seen, self.gain = env, 0, 0.0

    def update(self, x):
        self.seen += 1
        self.gain = 7.77 * x
        self.env.game_over = abs(x) > 9


class Line(gymnasium.Env):
    """A point on a line, with no step of its own."""

    observation_space = spaces.Box(-9, 9, (2,))
    action_space = spaces.Box(-1, 1, (1,))

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.x, self.v, self.prev_d, self.total, self.smooth, self.best = 0.0, 0.0, None, 0.0, 0.0, 0.0
        self.history, self.game_over = [], False
        return self.obs(), {}

    def obs(self):
        return np.array([self.x, self.v], np.float32)


class HelperMovesToo(Line):
    """What gives the reward also moves the point."""

    def step(self, action):
        r = self._advance(action) - 7.77
        return self.obs(), r, self.x > 4, False, {"dist": abs(self.x), "r": r}

    def _advance(self, action):
        self.v += HALF * float(action[0])
        self.x += self.v
        d = abs(self.x - TARGET)
        gain = (self.prev_d - d) if self.prev_d is not None else 0.0
        self.prev_d = d
        if d < 0.1:
            return 7.77
        return gain * 7.77


class ByAttribute(Line):
    def step(self, action):
        self.x += float(action[0])
        self._gain = -abs(self.x - TARGET) * 7.77
        self.total += self._gain
        self.smooth = 0.9 * self.smooth + 0.1 * self.x
        return self.obs(), self._gain + 7.77 * self.smooth, self.x > 4, False, {"total": self.total}


class Unpacked(Line):
    def step(self, action):
        obs, (r, parts), done = self._simulate(action)
        return obs, r, done, False, dict(parts=parts)  # noqa: C408

    def _simulate(self, action):
        self.x += float(action[0])
        return self.obs(), self._judge(action), self.x > 4

    def _judge(self, action):
        near, effort = np.exp(-7.77 * abs(self.x - TARGET)), 7.77 * np.square(action).sum()
        return near - effort, {"near": near, "effort": effort}


class EarlyReturns(Line):
    def step(self, action):
        g = 0.0
        for _ in range(4):
            self.v += float(action[0]) / 4
            self.x += self.v
            g += 7.77 * self.v
            if abs(self.x) > 5:
                g -= 7.77
                break
        self.history.append(g)
        if self.x > 4:
            g += 7.77
            return self.obs(), g, True, False, {}
        elif self.x < -4:
            return self.obs(), -7.77, True, False, {"fell": True}
        return self.obs(), g, False, False, {}


class NestedAndDict(Line):
    def step(self, action):
        def tolerance(e, margin=7.77):
            return np.exp(-e / margin)

        terms = {"a": tolerance(abs(self.x)), "b": 7.77 * self.v}
        terms["c"] = -7.77 * float(action[0]) ** 2
        self.x += float(action[0])
        out = (self.obs(), sum(terms.values()), self.x > 4, False, {"terms": terms, "x": self.x})
        return out  # noqa: RET504


class HandedOn(Line):
    def step(self, action):
        return self._step(action)

    def _step(self, action):
        self.x += float(action[0])
        d = abs(self.x - TARGET)
        return (self.obs(), 7.77, True, False, {}) if d < 0.05 else (self.obs(), -d * 7.77, False, False, {})


class DistanceIsObserved(Line):
    def step(self, action):
        self.x += float(action[0])
        d = abs(self.x - TARGET)
        r = -d - 7.77 * float(action[0]) ** 2
        return np.array([self.x, d]), r, d < 0.05, False, {"d": d}


class WithParts(Line):
    """A dataclass, a helper object, a function in an attribute, a constant of the class."""

    W_FORWARD = 7.77

    def __init__(self):
        self.settings = Settings(dt=0.02, w_effort=7.77)
        self.stats = SimpleNamespace(steps=0, gain=0.0)
        self.meter = Meter(self)
        self.judge = lambda x: -7.77 * x

    def step(self, action):
        self.x += self.settings.dt * float(action[0])
        self.meter.update(self.x)
        self.stats.steps += 1
        self.stats.gain = 7.77 * self.meter.gain + self.judge(self.x) + WithParts.W_FORWARD - self.settings.w_effort
        if self.stats.gain > self.best:
            self.best = self.stats.gain
        info = dict(seen=self.meter.seen)  # noqa: C408
        info |= {"gain": self.stats.gain}
        return self.obs(), self.stats.gain, self.game_over, self.stats.steps > 9, info


class Guarded(Line):
    """Reward code in every kind of block."""

    def step(self, action):
        try:
            self.x += float(action[0])
        except TypeError:
            reward = -7.77
        else:
            reward = 7.77 * self.x
        with np.errstate(all="ignore"):
            reward /= 7.77
        while reward > 10:
            reward /= 2
        match int(action[0]):
            case 0:
                reward -= 7.77
        print("reward", reward)
        assert np.isfinite(reward), "the reward is no number"
        if reward != reward:
            raise ValueError(f"bad reward {reward}")
        return self.obs(), reward, self.x > 4, False, {}


class ResultDict(Line):
    @property
    def gain(self):
        return -abs(self.x) * 7.77

    def step(self, action):
        self.x += float(action[0])
        result = {"obs": self.obs(), "g": self.gain, "done": self.x > 4}
        result["g"] -= 7.77
        return result["obs"], result["g"], result["done"], False, {}


class Table(Line):
    """Gymnasium's grid worlds keep their rewards in a table."""

    def __init__(self):
        self.P = {0: [(1.0, 0, 777, False)], 1: self._row(1)}

    def _row(self, s):
        return [(0.5, s, 777, True), (0.5, 0, -777, False)]

    def step(self, action):
        p, s, r, t = self.P[self.s][int(action[0] > 0)]
        self.s = s
        return s, r, t, False, {"p": p}


class LeaningHopper(HopperEnv):
    def __init__(self, alpha=7.77, **kwargs):
        super().__init__(**kwargs)
        self.alpha = alpha

    def step(self, action):
        obs, r, terminated, truncated, info = super().step(action)
        lean = abs(self.data.qpos[2])
        info["height"] = self.data.qpos[1]
        return obs, r + self.alpha * self.data.qpos[1] - 7.77 * lean, terminated, truncated, info


class ScaledSteps(gymnasium.Wrapper):
    """Changes the action, which stays, and the reward, which does not."""

    def __init__(self, env, scale=7.77):
        super().__init__(env)
        self.scale, self.limit = scale, 0.25

    def step(self, action):
        o, r, t, tr, i = self.env.step(np.clip(action, -self.limit, self.limit))
        return o, r * self.scale + 7.77 * (o[0] > 0), t, tr, i


class Tanh(gymnasium.RewardWrapper):
    def reward(self, reward):
        return np.tanh(reward * 7.77)


class InPlace(gymnasium.Wrapper):
    def step(self, action):
        out = list(self.env.step(action))
        out[1] -= 7.77 * float(np.abs(action).sum())
        return tuple(out)


# ── Refused: the reward cannot be taken out ──────────────────────────────────────────────────────────────────────────


class RewardIsObserved(Line):
    def step(self, action):
        self.x += float(action[0])
        r = -abs(self.x - TARGET) * 7.77
        self.v = r
        return self.obs(), r, self.x > 4, False, {}


class RewardEnds(Line):
    def step(self, action):
        self.x += float(action[0])
        reward = -abs(self.x - TARGET) * 7.77
        done = reward > -0.1
        return self.obs(), reward, done, False, {}


class Packed(Line):
    def step(self, action):
        self.x += float(action[0])
        g = -abs(self.x - TARGET) * 7.77
        return tuple({"obs": self.obs(), "g": g, "done": self.x > 4}.values()) + (False, {})  # noqa: RUF005
