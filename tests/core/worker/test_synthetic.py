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


def pushed_out(recordings, bounds=None):
    """All synthetic rows that change one entry, by variable."""
    rows = made({**recordings, "y": between(-1, 1)}, bounds)
    single = [i for i, change in enumerate(rows.changes) if change]
    return {name: column[single] for name, column in rows.arrays.items()}


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_a_cosine_and_its_sine_in_variables_far_apart_stay_on_the_circle_now_and_before(kind):
    angles = RNG.uniform(-0.5, 0.5, COUNT)
    recordings = {"cosine": np.cos(angles), "speed": RNG.normal(size=(COUNT, 2)), "sine": np.sin(angles)}
    recordings |= {f"prev_{name}": np.roll(column, 1, axis=0) for name, column in recordings.items()}
    rows = pushed_out({name: column.astype(kind) for name, column in recordings.items()})
    for before in "", "prev_":
        assert np.allclose(rows[f"{before}cosine"] ** 2 + rows[f"{before}sine"] ** 2, 1)
        assert rows[f"{before}sine"].min() < -0.6 and rows[f"{before}sine"].max() > 0.6
        assert np.abs(rows[f"{before}speed"]).max() > 9
        assert np.abs(rows[f"{before}cosine"]).max() <= 1


def test_a_quaternion_stays_a_unit_whether_it_is_four_variables_or_part_of_a_longer_one():
    turn = RNG.uniform(-0.1, 0.1, size=(COUNT, 4)) + np.array([1, 0, 0, 0])
    turn /= np.linalg.norm(turn, axis=1, keepdims=True)
    recordings = {"height": between(0.2, 1), **{f"q{i}": turn[:, i] for i in range(4)}}
    recordings["state"] = np.concatenate([RNG.normal(size=(COUNT, 3)), np.roll(turn, 1, axis=0), RNG.normal(size=(COUNT, 5))], axis=1)
    rows = pushed_out(recordings)
    assert np.allclose(sum(rows[f"q{i}"] ** 2 for i in range(4)), 1)
    assert np.allclose((rows["state"][:, 3:7] ** 2).sum(axis=1), 1)
    assert rows["q1"].min() < -0.6 and rows["state"][:, 5].max() > 0.6 and np.abs(rows["state"][:, 2]).max() > 9


def test_a_quaternion_that_turned_in_one_plane_alone_is_a_quaternion_too():
    angles, none = RNG.uniform(-0.5, 0.5, COUNT), np.zeros(COUNT)
    quaternion = {"w": np.cos(angles), "i": none, "j": none, "k": np.sin(angles)}
    rows = pushed_out(quaternion, dict.fromkeys(quaternion, ((-1,), (1,))))
    assert np.allclose(sum(rows[name] ** 2 for name in quaternion), 1)


def test_the_previous_state_may_be_one_the_simulator_had_not_normalised_yet():
    angles = RNG.uniform(-0.5, 0.5, COUNT)
    now = {"cosine": np.cos(angles), "sine": np.sin(angles)}
    rows = made({**now, "prev_cosine": np.roll(now["cosine"], 1) * 1.1, "prev_sine": np.roll(now["sine"], 1) * 1.1})
    changed = [i for i, change in enumerate(rows.changes) if change and change.name.startswith("prev_")]
    assert changed and np.allclose(rows.arrays["prev_cosine"][changed] ** 2 + rows.arrays["prev_sine"][changed] ** 2, 1)


def test_two_flags_that_exclude_each_other_are_no_unit_vector():
    fallen = RNG.integers(2, size=COUNT).astype(float)
    rows = made({"fallen": fallen, "healthy": 1 - fallen})
    assert set(rows.arrays["fallen"]) | set(rows.arrays["healthy"]) == {0, 1}
    assert {change.name for change in rows.changes if change} == {"fallen", "healthy"}


def test_all_flags_are_set_together_and_unset_together_where_the_rest_is_as_recorded():
    left, right = np.zeros(COUNT), np.zeros(COUNT)
    left[::2] = right[1::4] = 1
    recordings = {"x": between(1, 2), "left": left, "right": right, "action": np.resize([1.0, 2, 3], (COUNT, 1)), "on": np.ones(COUNT)}
    rows = made(recordings, {"action": ((0,), (3,))})
    together = rows.rows(("left", "right"))
    assert (rows.arrays["left"] * rows.arrays["right"])[together].any()
    joint = [i for i, change in enumerate(rows.changes[:-1]) if change is None]
    found = {(rows.arrays["left"][i], rows.arrays["right"][i], *rows.arrays["action"][i], rows.arrays["on"][i]) for i in joint}
    assert found == {(0, 0, 0, 1), (1, 1, 3, 1)} and set(rows.arrays["x"][joint]) <= set(recordings["x"])
    assert set(joint) <= set(together) and not set(joint) & set(rows.rows(("x",)))


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
