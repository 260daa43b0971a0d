"""Who becomes a parent, and by what."""

from __future__ import annotations

import pytest

from eureka_human import HumanSelector


def select(history, **options):
    return HumanSelector(HumanSelector.Options(**options)).eureka_select(history)


def test_the_rating_decides_against_fitness(make):
    chosen = select(make.iteration(9.0, 5.0, 1.0, said=(make.prefer(2, 0),)))
    assert chosen.parents == ("r0i0s02",) and chosen.scored_by == "rating of 1 comparison"
    assert chosen.scores["r0i0s02"] > chosen.scores["r0i0s01"] == 0 > chosen.scores["r0i0s00"]


def test_while_nobody_has_compared_any_it_is_fitness_and_says_so(make):
    chosen = select(make.iteration(9.0, 5.0))
    assert chosen.parents == ("r0i0s00",) and chosen.scores == {"r0i0s00": 9.0, "r0i0s01": 5.0}
    assert chosen.scored_by.startswith("fitness")


def test_fitness_where_less_is_better_is_turned_round(make):
    from eureka.types import Fitness

    history = make.history(
        make.entry("r0i0s00", 3.0), make.entry("r0i0s01", 5.0), task=make.task(fitness=Fitness(value="c", goal="minimize"))
    )
    assert select(history).parents == ("r0i0s00",) and select(history).scores["r0i0s00"] == -3.0


def test_equally_rated_ones_go_by_fitness(make):
    chosen = select(make.iteration(5.0, 9.0, 7.0, 1.0, said=(make.prefer(1, 2, "tie"), make.prefer(3, 0, "tie"))), k=4)
    assert chosen.parents == ("r0i0s01", "r0i0s02", "r0i0s00", "r0i0s03")
    assert chosen.scored_by == "rating of 2 comparisons"


@pytest.mark.parametrize(("weight", "parent"), [(0.0, 2), (0.1, 2), (0.9, 0), (1.0, 0)])
def test_rating_and_fitness_are_mixed_standardised(make, weight, parent):
    chosen = select(make.iteration(9e6, 5e6, 1e6, said=(make.prefer(2, 0),)), fitness_weight=weight)
    assert chosen.parents == (f"r0i0s{parent:02}",)
    assert ("weight" in chosen.scored_by) == bool(weight)
    if weight:
        assert sum(chosen.scores.values()) == pytest.approx(0, abs=1e-9) and max(chosen.scores.values()) < 2


def test_without_elitism_only_the_newest_iteration_counts(make):
    entries = [make.entry("r0i0s00", 1.0), make.entry("r0i0s01", 1.0), make.entry("r0i1s02", 0.5), make.entry("r0i1s03", 0.2)]
    said = (make.prefer("r0i0s00", "r0i0s01"), make.prefer("r0i1s03", "r0i1s02"))
    assert select(make.grown(entries, said)).parents == ("r0i0s00",)  # as good as the other winner, and fitter
    assert select(make.grown(entries, said), elitism=False).parents == ("r0i1s03",)
    assert select(make.grown(entries, said[:1]), elitism=False).scored_by.startswith("fitness")


def test_an_unusable_fitness_is_no_parent_however_it_is_liked(make):
    assert select(make.iteration(float("nan"), 5.0, said=(make.prefer(0, 1),))).parents == ("r0i0s01",)
    assert select(make.iteration(float("nan"))).parents == ()


def test_parents_are_distinct_programs(make):
    code = "def compute_reward(height):\n    return height, {}\n"
    entries = [make.entry("r0i0s00", 5.0, code=code), make.entry("r0i0s01", 6.0, code=code), make.entry("r0i0s02", 3.0)]
    chosen = select(make.grown(entries, (make.prefer("r0i0s00", "r0i0s02"),)), k=2)
    assert chosen.parents == ("r0i0s01", "r0i0s02") and chosen.scores["r0i0s00"] == chosen.scores["r0i0s01"]
