"""A game's memory as a source, beside its picture."""

from __future__ import annotations

import numpy as np
import pytest

from eureka.hookspecs import DeriveRequest
from eureka.types import Fitness, Task
from eureka_gymnasium import GymnasiumSim
from eureka_gymnasium.derive import derive_variables

PREPROCESSED = ({"use": "gymnasium.wrappers:AtariPreprocessing"}, {"use": "gymnasium.wrappers:FrameStackObservation", "stack_size": 4})


@pytest.mark.parametrize("options", [{}, {"kwargs": {"frameskip": 1}, "wrappers": PREPROCESSED}])
def test_a_game_derives_its_memory_and_not_its_picture(options):
    spec = {"use": "gymnasium", "options": {"env": "ALE/Pong-v5", **options}}
    task = Task(name="pong", description="Win.", sim=spec, fitness=Fitness(value="native"))
    derived = derive_variables(GymnasiumSim.Options(**task.sim.options), DeriveRequest(task, 0))
    assert derived.variables["ram"].source == "env.ram" and "ram" in derived.state
    assert not any(variable.source.startswith("obs") for variable in derived.variables.values())


def test_single_bytes_of_a_games_memory_are_sources_and_pong_moves_its_ball(make):
    env = make("ALE/Pong-v5", 1, {"ram": "env.ram", "ball": "env.ram[49:51]"})
    reset = env.reset([0])
    assert reset.values["ram"].shape == (1, 128) and reset.values["ball"].shape == (1, 2)
    seen = {tuple(env.step(np.array([0])).values["ball"][0]) for _ in range(60)}
    assert len(seen) > 3
    env.close()
