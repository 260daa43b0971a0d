import pytest

from eureka.builtin.best import BestSelector
from eureka.types import Fitness


def select(history, **options):
    return BestSelector(BestSelector.Options(**options)).eureka_select(history)


def test_the_fittest_of_the_whole_search_is_the_parent(make):
    history = make.history(make.entry("r0i0s00", 3.0), make.entry("r0i0s01", 5.0), make.entry("r0i1s02", 4.0))
    assert select(history) == ("r0i0s01",)


def test_without_elitism_only_the_newest_iteration_counts(make):
    history = make.history(make.entry("r0i0s01", 5.0), make.entry("r0i1s02", 4.0))
    assert select(history, elitism=False) == ("r0i1s02",)


def test_without_elitism_an_iteration_that_failed_leaves_the_earlier_parent(make):
    history = make.history(make.entry("r0i0s01", 5.0), make.entry("r0i1s02", None, status="failed"))
    assert select(history, elitism=False) == ("r0i0s01",)


def test_of_equals_the_one_that_learnt_sooner_leads_and_then_the_earlier(make):
    sooner = make.history(make.entry("r0i0s00", 5.0, mean=1.0), make.entry("r0i0s01", 5.0, mean=2.0))
    assert select(sooner) == ("r0i0s01",)
    equal = make.history(make.entry("r0i0s00", 5.0), make.entry("r0i0s01", 5.0))
    assert select(equal) == ("r0i0s00",)


def test_less_is_better_where_the_goal_is_to_minimize(make):
    task = make.task(fitness=Fitness(value="cost", goal="minimize"))
    history = make.history(make.entry("r0i0s00", 3.0), make.entry("r0i0s01", 5.0), task=task)
    assert select(history) == ("r0i0s00",)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_fitness_that_is_no_number_never_wins(make, bad):
    assert select(make.history(make.entry("r0i0s00", bad), make.entry("r0i0s01", -5.0))) == ("r0i0s01",)
    assert select(make.history(make.entry("r0i0s00", bad))) == ()


def test_parents_are_distinct_programs(make):
    code = "def compute_reward(height):\n    return height, {}\n"
    twin = make.entry("r0i1s01", 4.0, code=code + "# the same\n")
    history = make.history(make.entry("r0i0s00", 5.0, code=code), twin, make.entry("r0i0s02", 3.0))
    assert select(history, k=2) == ("r0i0s00", "r0i0s02")


def test_parents_are_at_least_one():
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        BestSelector.Options(k=0)
