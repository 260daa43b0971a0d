"""Which entries are found to be a unit vector, and which only look like one for a while."""

from __future__ import annotations

import numpy as np

from eureka.worker.unit_groups import is_unit, unit_groups

RNG = np.random.default_rng(0)
ANGLES = RNG.uniform(-3, 3, 200)
COSINE, SINE = np.cos(ANGLES), np.sin(ANGLES)


def units(width):
    column = RNG.normal(size=(200, width))
    return column / np.linalg.norm(column, axis=1, keepdims=True)


def found(flags=(), **variables):
    return unit_groups(variables, flags)


def test_whole_variables_runs_and_pairs_are_found_wherever_they_lie():
    state = np.concatenate([RNG.normal(size=(200, 2)), units(4)], axis=1)
    groups = found(c=COSINE, six=units(6), state=state, s=SINE)
    assert groups == [[("six", i) for i in range(6)], [("state", i) for i in (2, 3, 4, 5)], [("c", 0), ("s", 0)]]


def test_a_pair_nearer_to_each_other_comes_first():
    assert found(c=COSINE, s=SINE, x=ANGLES, again=SINE) == [[("c", 0), ("s", 0)], [("c", 0), ("again", 0)]]


def test_one_row_that_is_no_unit_vector_is_enough_to_be_none():
    assert found(c=np.append(COSINE, 0.6), s=np.append(SINE, 0.8)) == [[("c", 0), ("s", 0)]]
    assert found(c=np.append(COSINE, 0.6), s=np.append(SINE, 0.81)) == []


def test_a_group_needs_two_entries_that_vary_and_no_flag():
    one, none = np.ones(200), np.zeros(200)
    assert found(one=one, none=none) == []
    assert found(c=COSINE, none=none, s=SINE) == [[("c", 0), ("none", 0), ("s", 0)], [("c", 0), ("s", 0)]]
    assert found(c=COSINE, none=none, s=SINE, flags={("none", 0)}) == [[("c", 0), ("s", 0)]]


def test_thousands_of_entries_that_hardly_move_are_searched_in_bounded_time():
    still = 1e-5 * RNG.normal(size=(200, 3000))
    groups = found(still=still, near_one=1 - 1e-9 * RNG.random((200, 20)))
    assert 0 < len(groups) <= 1100


def test_a_variable_of_one_number_is_no_unit_vector():
    assert is_unit(np.eye(3)) and not is_unit(np.ones(3)) and not is_unit(np.ones((3, 2)))
