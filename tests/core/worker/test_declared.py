"""Which bounds are declared for a variable's source."""

from __future__ import annotations

import numpy as np
import pytest

from eureka.spaces import Box, Discrete, MultiDiscrete, Part
from eureka.worker.declared import declared_bounds

INF = np.inf
FLOAT32 = float(np.finfo(np.float32).max)
FLAT = Box(shape=(4,), low=(-1.0, -FLOAT32, -INF, 0.0), high=(1.0, FLOAT32, 9.0, 2.0))
TABLE = Box(shape=(2, 2), low=(0.0, 1.0, 2.0, 3.0), high=(5.0,))
NAMED = Box(
    shape=(6,),
    low=(-1.0, -2.0, 0.0, 0.0, 0.0, -3.0),
    high=(1.0, 2.0, 1.0, 1.0, 1.0, 3.0),
    parts=(
        Part(key="arm.tip", start=0, stop=2, shape=(2,)),
        Part(key="mode", start=2, stop=5, shape=(3,), categories=3, first=-1),
        Part(key="1", start=5, stop=6, shape=()),
    ),
)
CHOICE = Box(shape=(5,), low=(0.0,), high=(1.0,), one_hot=(Part(key="", start=0, stop=5, shape=(5,), categories=5, first=0),))
ACTION = Box(shape=(2,), low=(-1.0, -2.0), high=(1.0,))


@pytest.mark.parametrize(
    ("source", "space", "low", "high"),
    [
        ("obs[0]", FLAT, -1, 1),
        ("obs[2]", FLAT, -INF, 9),
        ("obs[0:2]", FLAT, [-1, -INF], [1, INF]),
        ("obs", FLAT, [-1, -INF, -INF, 0], [1, INF, 9, 2]),
        ("obs[1][0]", TABLE, 2, 5),
        ("obs[0]", TABLE, [0, 1], [5, 5]),
        ("obs.arm.tip", NAMED, [-1, -2], [1, 2]),
        ("obs.arm.tip[1]", NAMED, -2, 2),
        ("obs.mode", NAMED, -1, 1),
        ("obs[1]", NAMED, -3, 3),
        ("obs", CHOICE, 0, 4),
        ("action", FLAT, [-1, -2], [1, 1]),
        ("terminated", FLAT, 0, 1),
    ],
)
def test_bounds_are_those_of_the_entries_a_source_reads(source, space, low, high):
    found = declared_bounds(source, space, ACTION)
    assert [bound.tolist() for bound in found] == [low, high]


@pytest.mark.parametrize("source", ["obs[1]", "obs[1:2]", "obs[9]", "obs.key", "native", "length", "info.x", "env.x[0]", "a.py:f"])
def test_what_declares_nothing_has_none(source):
    assert declared_bounds(source, FLAT, ACTION) is None


@pytest.mark.parametrize("source", ["obs", "obs.arm", "obs[0]"])
def test_an_observation_in_parts_has_no_bounds_but_its_parts(source):
    assert declared_bounds(source, NAMED, ACTION) is None


@pytest.mark.parametrize(
    ("space", "low", "high"),
    [
        (Discrete(n=4, start=1), [1], [4]),
        (MultiDiscrete(nvec=(3, 2)), [0, 0], [2, 1]),
        (MultiDiscrete(nvec=(3, 2), start=(5, -1)), [5, -1], [7, 0]),
    ],
)
def test_an_index_goes_from_the_first_to_the_last(space, low, high):
    assert [bound.tolist() for bound in declared_bounds("action", FLAT, space)] == [low, high]
