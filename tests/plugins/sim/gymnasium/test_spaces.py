from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from eureka.errors import ConfigError
from eureka.hookspecs import ContextRequest
from eureka.spaces import Box, Discrete, MultiDiscrete
from eureka_gymnasium import GymnasiumSim
from eureka_gymnasium.spaces import observations

UNIT = spaces.Box(0, 1, (2,))


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        (spaces.Box(-1, 1, (3,)), Box(shape=(3,), low=(-1,), high=(1,))),
        (spaces.Box(0, 255, (2, 3), np.uint8), Box(shape=(2, 3), low=(0,), high=(255,), dtype="uint8")),
        (spaces.Box(-np.inf, np.inf, (2,), np.float64), Box(shape=(2,), low=(-np.inf,), high=(np.inf,), dtype="float64")),
        (spaces.Box(np.array([0.0, -2.0]), np.array([1.0, 2.0])), Box(shape=(2,), low=(0, -2), high=(1, 2))),
        (spaces.Discrete(4), Box(shape=(4,), low=(0,), high=(1,))),
        (spaces.MultiDiscrete([2, 3]), Box(shape=(5,), low=(0,), high=(1,))),
        (spaces.MultiBinary(3), Box(shape=(3,), low=(0,), high=(1,))),
        (spaces.Tuple((spaces.Discrete(2), UNIT)), Box(shape=(4,), low=(0,), high=(1,), dtype="float64")),
        (spaces.Dict(a=spaces.Dict(b=UNIT), c=UNIT), Box(shape=(4,), low=(0,), high=(1,))),
    ],
)
def test_an_observation_space_becomes_one_box_whose_observations_have_its_shape(make, space, expected):
    env = make("Spaces-v0", 2, kwargs={"observation": space})
    assert env.observation_space.model_copy(update={"dtype": expected.dtype, "parts": (), "one_hot": ()}) == expected
    observations = env.reset([0, 1]).observations
    assert observations.shape == (2, *expected.shape) and observations.dtype.name == env.observation_space.dtype
    if np.dtype(expected.dtype).kind == "f":
        assert observations.dtype.kind == "f"


NESTED = spaces.Dict(
    {
        "pose": spaces.Box(-9, 9, (3,)),
        "camera": spaces.Dict({"left.eye": spaces.Box(0, 255, (4, 5), np.uint8), "right": spaces.Box(0, 255, (2, 2, 3), np.uint8)}),
        "mode": spaces.Discrete(3, start=-1),
        "switches": spaces.MultiBinary((2, 2)),
        "levels": spaces.MultiDiscrete([[2, 3], [4, 2]], start=[[0, 5], [0, 0]]),
        "pair": spaces.Tuple((spaces.Discrete(2), spaces.Box(0, 1, (2, 2), np.float64))),
    }
)
FLATTENED = [
    NESTED,
    spaces.Tuple((NESTED, spaces.MultiBinary(3))),
    spaces.Discrete(4, start=7),
    spaces.MultiDiscrete([2, 3], start=[1, 0]),
    spaces.MultiBinary((2, 3)),
]


@pytest.mark.parametrize("space", FLATTENED, ids=lambda space: type(space).__name__)
def test_an_observation_is_flattened_without_gymnasium_as_gymnasium_flattens_it(space):
    box = Box.model_validate_json(observations(space).space.model_dump_json())
    space.seed(0)
    for _ in range(20):
        observation = space.sample()
        flat = box.flatten(observation)
        np.testing.assert_array_equal(flat, spaces.utils.flatten(space, observation).astype(box.dtype))
        assert flat.shape == box.shape and flat.dtype == box.dtype


def test_the_parts_of_a_dict_observation_say_what_it_was_in_order_and_without_gaps():
    parts = observations(NESTED).space.parts
    assert [(part.key, part.shape, part.categories, part.first, part.image) for part in parts] == [
        ("camera.left.eye", (4, 5), None, 0, True),
        ("camera.right", (2, 2, 3), None, 0, True),
        ("levels.0", (2,), 2, 0, False),
        ("levels.1", (3,), 3, 5, False),
        ("levels.2", (4,), 4, 0, False),
        ("levels.3", (2,), 2, 0, False),
        ("mode", (3,), 3, -1, False),
        ("pair.0", (2,), 2, 0, False),
        ("pair.1", (2, 2), None, 0, False),
        ("pose", (3,), None, 0, False),
        ("switches", (2, 2), None, 0, False),
    ]
    assert [part.start for part in parts] == [0, *(part.stop for part in parts[:-1])]
    assert all(part.stop - part.start == np.prod(part.shape) for part in parts)


def test_only_dict_and_tuple_observations_have_parts():
    for space in (UNIT, spaces.Discrete(3), spaces.MultiDiscrete([2, 2]), spaces.MultiBinary(2), spaces.Box(0, 255, (8, 8), np.uint8)):
        assert observations(space).space.parts == ()


@pytest.mark.parametrize(
    "box",
    [
        spaces.Box(0, 254, (4, 4), np.uint8),
        spaces.Box(0, 255, (16,), np.uint8),
        spaces.Box(0, 255, (4, 4), np.float32),
    ],
)
def test_what_is_no_picture_is_not_marked_as_one(box):
    assert [part.image for part in observations(spaces.Dict(a=box)).space.parts] == [False]


@pytest.mark.parametrize(
    ("space", "name"),
    [
        (spaces.Text(5), "Text"),
        (spaces.Graph(UNIT, None), "Graph"),
        (spaces.Sequence(UNIT), "Sequence"),
        (spaces.Dict(a=UNIT, b=spaces.Tuple((UNIT, spaces.Text(3)))), "Text"),
    ],
)
def test_an_observation_space_without_one_shape_is_a_config_error(make, space, name):
    with pytest.raises(ConfigError, match=rf"^sim.env: the observation space has a {name}, .*Box, Discrete, .*sim.wrappers"):
        make("Spaces-v0", kwargs={"observation": space})


@pytest.mark.parametrize("space", [spaces.Text(5), spaces.Dict(a=UNIT), spaces.Tuple((UNIT,))])
def test_an_unsupported_action_space_is_a_config_error(make, space):
    with pytest.raises(ConfigError, match=rf"^sim.env: the action space is a {type(space).__name__}; policies can act in Box"):
        make("Spaces-v0", kwargs={"observation": UNIT, "action": space})


@pytest.mark.parametrize(
    ("space", "expected", "actions", "applied", "reported"),
    [
        (spaces.Discrete(3), Discrete(n=3), [0, 2], [0, 2], [[0], [2]]),
        (spaces.Discrete(3, start=5), Discrete(n=3, start=5), [5, 7], [5, 7], [[5], [7]]),
        (spaces.MultiDiscrete([2, 3]), MultiDiscrete(nvec=(2, 3)), [[0, 2], [1, 1]], [[0, 2], [1, 1]], [[0, 2], [1, 1]]),
        (
            spaces.MultiDiscrete([2, 3], start=[0, 4]),
            MultiDiscrete(nvec=(2, 3), start=(0, 4)),
            [[0, 2], [1, 1]],
            [[0, 6], [1, 5]],
            [[0, 6], [1, 5]],
        ),
        (spaces.MultiBinary(2), MultiDiscrete(nvec=(2, 2)), [[0, 1], [1, 1]], [[0, 1], [1, 1]], [[0, 1], [1, 1]]),
        (spaces.Box(-1, 1, (2,)), Box(shape=(2,), low=(-1,), high=(1,)), [[0.5, 3], [-9, 0]], [[0.5, 1], [-1, 0]], [[0.5, 1], [-1, 0]]),
        (
            spaces.Box(-1, 1, (2, 1)),
            Box(shape=(2,), low=(-1,), high=(1,)),
            [[0.5, 3], [0, 0]],
            [[[0.5], [1]], [[0], [0]]],
            [[0.5, 1], [0, 0]],
        ),
    ],
)
def test_actions_are_applied_in_the_environments_own_form_and_reported_flat(make, space, expected, actions, applied, reported):
    env = make("Spaces-v0", 2, {}, kwargs={"observation": UNIT, "action": space})
    assert env.action_space == expected
    env.reset([0, 1])
    step = env.step(np.array(actions))
    np.testing.assert_array_equal(step.actions, reported)
    assert step.actions.dtype == np.float64
    for row, action in zip(env._envs, applied, strict=True):
        np.testing.assert_array_equal(row.unwrapped.applied[0], action)
        assert row.action_space.contains(row.unwrapped.applied[0])


def test_a_dict_observation_is_flattened_in_the_order_of_its_space(make):
    env = make("Robot-v0", 1)
    env.reset([0])
    step = env.step(np.zeros((1, 2)))
    grid, mode, pose = [1, 0, 0, 1], [0, 1, 0], [1, 1, 1]
    np.testing.assert_array_equal(step.observations, [[*grid, *mode, *pose]])


@pytest.mark.parametrize(
    ("env", "lines"),
    [
        (
            "CartPole-v1",
            [
                "Environment: Gymnasium's CartPole-v1.",
                "Observation space: continuous, shape 4, entries -4.8 to 4.8, unbounded, -0.4189 to 0.4189, unbounded.",
                "Action space: discrete, 2 values (0 to 1).",
                "An episode is truncated after 500 steps.",
            ],
        ),
        (
            "Pendulum-v1",
            [
                "Environment: Gymnasium's Pendulum-v1.",
                "Observation space: continuous, shape 3, entries -1 to 1, -1 to 1, -8 to 8.",
                "Action space: continuous, shape 1, each entry -2 to 2.",
                "An episode is truncated after 200 steps.",
            ],
        ),
    ],
)
def test_the_context_states_spaces_and_limit_and_nothing_of_the_reward(make, env, lines):
    sim = GymnasiumSim(GymnasiumSim.Options(env=env, kwargs={}))
    text = sim.eureka_extract_context(ContextRequest(None, (), make(env)))
    assert text.splitlines()[: len(lines)] == lines
    assert "reward" not in text


def test_the_context_does_not_list_the_bounds_of_a_long_observation(make):
    low = -np.arange(100, dtype=np.float32)
    kwargs = {"observation": spaces.Box(low, low + 200)}
    sim = GymnasiumSim(GymnasiumSim.Options(env="EurekaTest/Spaces-v0", kwargs=kwargs))
    text = sim.eureka_extract_context(ContextRequest(None, (), make("Spaces-v0", kwargs=kwargs)))
    assert "shape 100, entries within -99 to 200." in text and "no step limit" in text


@pytest.mark.parametrize(("env", "size"), [("FrozenLake-v1", 16), ("Taxi-v4", 500), ("CliffWalking-v1", 48), ("Blackjack-v1", 45)])
def test_games_of_text_have_numbers_as_observations(make, env, size):
    batch = make(env, 2)
    observations = batch.reset([0, 1]).observations
    assert observations.shape == (2, size)
    assert (observations.sum(axis=1) == (3 if env == "Blackjack-v1" else 1)).all()
