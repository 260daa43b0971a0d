"""MountainCar with another engine."""

import gymnasium


class Engine(gymnasium.Wrapper):
    """force: what a push adds to the velocity in a step; 0.001 in MountainCar-v0, whose gravity takes up to 0.0025."""

    def __init__(self, env: gymnasium.Env, force: float) -> None:
        super().__init__(env)
        env.unwrapped.force = force
