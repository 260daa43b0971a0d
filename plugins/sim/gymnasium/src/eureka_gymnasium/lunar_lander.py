"""LunarLander's step without what a policy's action and a row without a window do not need: the same numbers, a third sooner.

Box2D's own step is over half of what is left. Gymnasium's spends the rest on checking the action and on numpy calls for single numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium.envs.box2d import lunar_lander as theirs

from eureka.errors import PluginContractError
from eureka_gymnasium.layers import Env, bare

TRIED = 200  # steps in which ours and Gymnasium's own code must agree: some two episodes

_SCALE, _FPS = theirs.SCALE, theirs.FPS
_HALF_WIDTH, _HALF_HEIGHT = theirs.VIEWPORT_W / _SCALE / 2, theirs.VIEWPORT_H / _SCALE / 2
_MAIN_Y, _LEG = theirs.MAIN_ENGINE_Y_LOCATION / _SCALE, theirs.LEG_DOWN / _SCALE
_MAIN, _SIDE, _SIDE_HEIGHT, _SIDE_AWAY = (
    theirs.MAIN_ENGINE_POWER,
    theirs.SIDE_ENGINE_POWER,
    theirs.SIDE_ENGINE_HEIGHT,
    theirs.SIDE_ENGINE_AWAY,
)
Step = Callable[[Any], Any]


def fits(make: Callable[[], Env]) -> bool:
    """Whether rows that `make` gives can be stepped by `stepper`: they are LunarLander, discrete, without wind, window or wrappers."""
    ours, own = make(), make()
    try:
        return (
            bare(ours) is not None
            and type(inner := ours.unwrapped) is theirs.LunarLander
            and not (inner.continuous or inner.enable_wind or inner.render_mode)
            and _agree(inner, own.unwrapped)
        )
    finally:
        ours.close()
        own.close()


def _agree(ours: Any, own: Any) -> bool:
    """Whether both give the same to the last bit, with these arguments, this version and on this machine."""
    for env in (ours, own):
        env.reset(seed=0)
    step = stepper(ours)
    rng = np.random.default_rng(0)
    for action in rng.integers(4, size=TRIED).tolist():
        a, b = step(action), own.step(action)
        if not np.array_equal(a[0], b[0]) or a[1:] != b[1:]:
            return False
        if b[2] and not np.array_equal(ours.reset()[0], own.reset()[0]):
            return False
    return True


def stepper(env: Any) -> Step:
    """A `step` for the LunarLander `env`, one that `fits`; it raises PluginContractError for an action that there is not.

    The environment's reset goes on calling its own step.
    """

    def step(action: int) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        lander = env.lander
        angle = lander.angle
        sin, cos = math.sin(angle), math.cos(angle)
        draw = env.np_random.random  # uniform(−1, 1) is −1 + 2 random()
        along, across = (-1.0 + 2.0 * draw()) / _SCALE, (-1.0 + 2.0 * draw()) / _SCALE
        main = side = 0.0
        if action == 2:
            main = 1.0
            x = sin * (_MAIN_Y + 2 * along) + -cos * across
            y = -cos * (_MAIN_Y + 2 * along) - sin * across
            position = lander.position
            lander.ApplyLinearImpulse((-x * _MAIN, -y * _MAIN), (position.x + x, position.y + y), True)
        elif action in (1, 3):
            side, direction = 1.0, action - 2
            turn = 3 * across + direction * _SIDE_AWAY / _SCALE
            x, y = sin * along + -cos * turn, -cos * along - sin * turn
            position = lander.position
            # 17 is Gymnasium's: the engine pushes beside its own height, which is 14.
            at = (position.x + x - sin * 17 / _SCALE, position.y + y + cos * _SIDE_HEIGHT / _SCALE)
            lander.ApplyLinearImpulse((-x * _SIDE, -y * _SIDE), at, True)
        elif action != 0:
            raise PluginContractError(f"gymnasium: the action of a row is {action}; valid are 0 to 3.")
        env.world.Step(1.0 / _FPS, 6 * 30, 2 * 30)

        position, velocity, angle = lander.position, lander.linearVelocity, lander.angle
        x, y = (position.x - _HALF_WIDTH) / _HALF_WIDTH, (position.y - (env.helipad_y + _LEG)) / _HALF_HEIGHT
        vx, vy = velocity.x * _HALF_WIDTH / _FPS, velocity.y * _HALF_HEIGHT / _FPS
        left, right = float(env.legs[0].ground_contact), float(env.legs[1].ground_contact)
        state = (x, y, vx, vy, angle, 20.0 * lander.angularVelocity / _FPS, left, right)
        shaping = -100 * math.sqrt(x * x + y * y) - 100 * math.sqrt(vx * vx + vy * vy) - 100 * abs(angle) + 10 * left + 10 * right
        reward = 0.0 if env.prev_shaping is None else shaping - env.prev_shaping
        env.prev_shaping = shaping
        reward = reward - main * 0.30 - side * 0.03
        terminated = False
        if env.game_over or abs(x) >= 1.0:
            terminated, reward = True, -100.0
        if not lander.awake:
            terminated, reward = True, 100.0
        return np.array(state, np.float32), reward, terminated, False, {}

    return step
