"""Which rows are made from recordings: far from what was measured, but nothing a sound reward need not bear."""

from __future__ import annotations

import numpy as np
import pytest

from eureka.types import EnvContext, VariableInfo
from eureka.worker.synthetic import REACH, Synthetic

COUNT = 200
RNG = np.random.default_rng(0)


def made(recordings, bounds=None):
    """The synthetic rows of recordings whose variables have these bounds."""
    variables = []
    for name, column in recordings.items():
        if not name.startswith("prev_"):
            entries = column.reshape(COUNT, -1)
            low, mean, high = entries.min(0), entries.mean(0), entries.max(0)
            declared = (bounds or {}).get(name)
            variables.append(VariableInfo(name=name, shape=column.shape[1:], low=low, mean=mean, high=high, bounds=declared))
    has_prev = [name.removeprefix("prev_") for name in recordings if name.startswith("prev_")]
    context = EnvContext(task="t", description="d", text="", variables=variables, has_prev=has_prev)
    return Synthetic(context, recordings, np.random.default_rng(1))


def values(recordings, bounds=None, name="x"):
    """The values one variable is given, smallest first."""
    return sorted({change.value for change in made(recordings, bounds).changes if change and change.name == name})


def between(low, high):
    column = RNG.uniform(low, high, COUNT)
    column[:2] = low, high
    return column


def test_each_variable_is_taken_ten_half_ranges_from_its_middle_and_to_zero():
    assert values({"x": between(-1, 3)}) == [1 - 2 * REACH, 0, 1 + 2 * REACH]


@pytest.mark.parametrize(
    ("recorded", "bounds", "expected"),
    [
        ((-1, 3), ((-2,), (5,)), [-2, 0, 5]),
        ((-1, 3), ((-np.inf,), (5,)), [-19, 0, 5]),
        ((0, 2), None, [0, 11]),  # a distance is never negative: its square root is a good reward
        ((0.5, 2.5), None, [0.05, 11.5]),  # and one that is never zero may be divided by
        ((-2.5, -0.5), None, [-11.5, -0.05]),
        ((0.5, 2.5), ((-np.inf,), (np.inf,)), [0.05, 11.5]),
        ((0.5, 2.5), ((0,), (np.inf,)), [0, 11.5]),
        ((0.5, 2.5), ((-9,), (9,)), [-8.5, 0, 9]),
    ],
)
def test_no_value_leaves_the_declared_bounds_or_a_sign_that_was_always_kept(recorded, bounds, expected):
    assert values({"x": between(*recorded)}, {"x": bounds}) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("recorded", "bounds", "expected"),
    [
        ([0, 1], None, [0, 1]),
        ([0], ((0,), (1,)), [0, 1]),
        ([1], None, [1]),
        ([1, 2, 3], ((1,), (4,)), [1, 3, 4]),
        ([-2, 2], None, [-2, 2]),
        ([-2, 2], ((-2,), (2,)), [-2, 0, 2]),
    ],
)
def test_flags_counts_and_choices_take_recorded_or_declared_whole_numbers_alone(recorded, bounds, expected):
    assert values({"x": np.resize(np.array(recorded, float), COUNT)}, {"x": bounds}) == expected


def test_a_previous_value_has_the_range_and_the_bounds_of_the_variable():
    recordings = {"x": between(-1, 3), "prev_x": between(-1, 1)}
    assert values(recordings, name="prev_x") == [-19, 0, 21]
    assert values(recordings, {"x": ((-5,), (5,))}, name="prev_x") == [-5, 0, 5]


def test_one_entry_changes_at_a_time_and_zero_comes_to_all_of_them():
    recordings = {"x": np.stack([between(-1, 1), between(-2, 2)], axis=1), "y": between(-1, 1)}
    rows = made(recordings)
    recorded = {name: {tuple(np.atleast_1d(row)) for row in column} for name, column in recordings.items()}
    for row, change in enumerate(rows.changes[:-1]):
        now = {name: tuple(np.atleast_1d(column[row])) for name, column in rows.arrays.items()}
        other = "y" if change.name == "x" else "x"
        assert now[other] in recorded[other]
        if change.entry is None:
            assert not any(now[change.name])
        else:
            assert now[change.name][change.entry] == change.value
            assert change.name == "y" or any(now["x"][1 - change.entry] == before[1 - change.entry] for before in recorded["x"])
    assert not rows.arrays["x"][-1].any() and rows.arrays["y"][-1] == 0
    assert np.abs(recordings["y"]).max() == 1  # the recordings themselves stay as they are


def test_unit_vectors_turn_but_stay_units_and_are_never_zero():
    directions = RNG.uniform(-0.1, 0.1, size=(COUNT, 4)) + np.array([1, 0, 0, 0])
    recordings = {"x": directions / np.linalg.norm(directions, axis=1, keepdims=True), "y": between(-1, 1)}
    rows = made(recordings)
    assert np.allclose(np.linalg.norm(rows.arrays["x"], axis=1), 1)
    assert {change.entry for change in rows.changes if change and change.name == "x"} == {0, 1, 2, 3}
    assert (rows.arrays["x"][:, 1:].min(axis=0) < -0.6).all() and (rows.arrays["x"][:, 1:].max(axis=0) > 0.6).all()


def test_a_choice_of_one_among_many_stays_one():
    recordings = {"x": np.eye(3)[RNG.integers(3, size=COUNT)], "y": between(-1, 1)}
    assert values(recordings) == []
    assert (made(recordings).arrays["x"].sum(axis=1) == 1).all()


def test_only_what_a_reward_takes_is_changed_for_it_and_all_is_zero_where_all_of_that_may_be():
    rows = made({"x": between(-1, 1), "far": between(1, 2)})
    mine = rows.rows(("x",))
    assert {change.name if change else "all" for change in map(rows.changes.__getitem__, mine)} == {"x", "all"}
    assert None not in map(rows.changes.__getitem__, rows.rows(("x", "far")))


def test_many_entries_are_thinned_out_evenly():
    rows = made({"x": RNG.normal(size=(COUNT, 900)), "y": between(-1, 1)})
    assert 900 < len(rows.changes) <= 1024
    entries = np.array([change.entry for change in rows.changes if change and change.entry is not None and change.name == "x"])
    assert np.diff(np.unique(entries)).max() <= 2 and entries.max() > 890
