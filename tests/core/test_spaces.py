from __future__ import annotations

import numpy as np
import pytest

from eureka.spaces import Box, Discrete, Part, difference

ROBOT = Box(
    shape=(7,),
    low=(-9.0,),
    high=(9.0,),
    parts=(
        Part(key="pose", start=0, stop=2, shape=(2,)),
        Part(key="hand.grip", start=2, stop=5, shape=(3,), categories=3, first=1),
        Part(key="hand.1", start=5, stop=7, shape=(2,), categories=2),
    ),
)


def test_a_dict_observation_becomes_the_vector_a_policy_reads():
    flat = ROBOT.flatten({"hand": {"grip": 2, "1": np.int64(0)}, "pose": [0.5, -1]})
    np.testing.assert_array_equal(flat, np.array([0.5, -1, 0, 1, 0, 1, 0], np.float32))
    assert flat.dtype == np.float32


def test_an_array_observation_keeps_its_shape_takes_the_boxs_dtype_and_is_copied():
    box = Box(shape=(2, 2), low=(0,), high=(255,), dtype="uint8")
    image = np.array([[1, 2], [3, 4]], np.uint8)
    flat = box.flatten(image)
    np.testing.assert_array_equal(flat, image)
    assert flat.dtype == np.uint8 and not np.shares_memory(flat, image)
    assert box.flatten([[1, 2], [3, 4]]).dtype == np.uint8


def test_an_index_becomes_its_one_hot_vector():
    box = Box(shape=(3,), low=(0,), high=(1,), one_hot=(Part(key="", start=0, stop=3, shape=(3,), categories=3, first=5),))
    np.testing.assert_array_equal(box.flatten(6), [0, 1, 0])
    with pytest.raises(ValueError, match=r"^the observation: 8 is not 5 to 7$"):
        box.flatten(8)


@pytest.mark.parametrize(
    ("observation", "message"),
    [
        ({"pose": [0, 0]}, "hand.grip: the observation has no such entry"),
        ({"pose": [0, 0, 0], "hand": {"grip": 1, "1": 0}}, r"pose: shape \(3,\) is not \(2,\)"),
        ({"pose": [0, 0], "hand": {"grip": 4, "1": 0}}, "hand.grip: 4 is not 1 to 3"),
        (np.zeros(7), "pose: the observation has no such entry"),
    ],
)
def test_an_observation_that_does_not_fit_is_refused_by_the_name_of_its_entry(observation, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        ROBOT.flatten(observation)


def test_an_array_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"^the observation: shape \(3,\) is not \(4,\)$"):
        Box(shape=(4,), low=(0,), high=(1,)).flatten(np.zeros(3))
    with pytest.raises(ValueError, match=r"shape \(3, 2\) is not \(2, 3\)"):
        Box(shape=(2, 3), low=(0,), high=(1,)).flatten(np.zeros((3, 2)))


def test_parts_and_unbounded_entries_survive_json():
    box = Box(shape=(7,), low=(-np.inf,), high=(np.inf,), parts=ROBOT.parts)
    assert Box.model_validate_json(box.model_dump_json()) == box


def test_what_differs_between_two_spaces_is_told_by_what_tells_most():
    box = Box(shape=(4,), low=(-1,) * 4, high=(1,) * 4)
    assert difference(box, Box(shape=(3,), low=(0,) * 3, high=(1,) * 3)) == "shape (4,) instead of (3,)"
    assert difference(box, box.model_copy(update={"high": (2.0,) * 4})) == "high (1.0, 1.0, 1.0, 1.0) instead of (2.0, 2.0, 2.0, 2.0)"
    assert difference(box, Discrete(n=2)) == "type box instead of discrete"
    assert difference(Discrete(n=3), Discrete(n=2)) == "n 3 instead of 2"
