import numpy as np
import pytest

from eureka.types import Fitness
from eureka.worker.fold import FitnessReward, Fold

FOLDS = {
    "sum": np.sum,
    "mean": np.mean,
    "last": lambda v: v[-1],
    "max": np.max,
    "any": lambda v: float(np.any(np.asarray(v) > 0)),
}


def test_every_fold_of_a_known_episode():
    values = [-3.0, 2.0, -1.0]
    assert {name: fold_one(name, values) for name in FOLDS} == {
        "sum": -2.0,
        "mean": pytest.approx(-2 / 3),
        "last": -1.0,
        "max": 2.0,
        "any": 1.0,
    }
    assert fold_one("any", [-1.0, 0.0]) == 0.0
    assert fold_one("max", [-5.0, -4.0]) == -4.0


def fold_one(name, values):
    fold = Fold(name, 1)
    for value in values:
        fold.add(np.array([value]), np.array([True]))
    return fold.result()[0]


@pytest.mark.parametrize("name", FOLDS)
def test_rows_that_ended_are_not_read(name):
    rng = np.random.default_rng(0)
    values, lengths = rng.normal(size=(9, 4)), np.array([1, 9, 5, 0])
    fold = Fold(name, 4)
    for step in range(9):
        live = step < lengths
        fold.add(np.where(live, values[step], np.nan), live)
    result = fold.result()
    for row in range(3):
        assert result[row] == pytest.approx(FOLDS[name](values[: lengths[row], row]))
    assert np.isnan(result[3])


@pytest.mark.parametrize("goal", ["maximize", "minimize"])
@pytest.mark.parametrize("name", FOLDS)
def test_the_sparse_rewards_of_an_episode_add_up_to_its_fitness(name, goal):
    rng = np.random.default_rng(1)
    sparse = FitnessReward(Fitness(value="obs[0]", fold=name, goal=goal), 1)
    for length in (1, 4, 7, 3):
        values = rng.normal(size=length) - 0.5
        rewards = [sparse.step(values[t : t + 1], np.array([t == length - 1]))[0] for t in range(length)]
        total = sum(rewards) / (length if name == "mean" else 1)
        assert total == pytest.approx(FOLDS[name](values) * (1 if goal == "maximize" else -1))


def test_where_the_sparse_reward_falls():
    def rewards(name, values):
        sparse = FitnessReward(Fitness(value="obs[0]", fold=name), 1)
        return [sparse.step(np.array([v]), np.array([i == len(values) - 1]))[0] for i, v in enumerate(values)]

    assert rewards("last", [1.0, 2.0, 3.0]) == [0, 0, 3]
    assert rewards("max", [-2.0, -3.0, 1.0]) == [-2, 0, 3]
    assert rewards("any", [0.0, 2.0, 5.0]) == [0, 1, 0]
    assert rewards("sum", [1.0, 2.0]) == [1, 2]
