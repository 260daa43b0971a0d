import math

import pytest

from eureka.builtin.successive_halving import SuccessiveHalving
from eureka.hookspecs import Rung
from eureka.types import Fitness


@pytest.fixture
def kept(make):
    """Whom it keeps of these fitness curves, the earlier candidate first; a curve goes over as many segments as it has points."""

    def ask(*curves, keep=0.5, goal="maximize"):
        entries = [make.entry(f"r0i0s{k:02}", checkpoints=make.checkpoints(curve)) for k, curve in enumerate(curves)]
        task = make.task(fitness=Fitness(value="x", goal=goal))
        rung = Rung(task, 1, 3, {entry.id: entry.results for entry in entries})
        return [int(id_[-2:]) for id_ in SuccessiveHalving(SuccessiveHalving.Options(keep=keep)).eureka_prune(rung)]

    return ask


def test_the_best_checkpoint_counts_wherever_it_was(kept):
    assert kept((0.1, 0.2), (0.9, 0.0), (0.3, 0.3), (0.0, 0.4)) == [1, 3]
    assert kept((0.1, 0.2), (0.9, 0.0), (0.3, 0.3), (0.0, 0.4), goal="minimize") == [1, 3]  # both have reached 0


def test_of_equals_what_learns_sooner_goes_on_then_the_earlier_candidate(kept):
    assert kept((0.1, 0.5), (0.2, 0.5), (0.1, 0.5), (0.5, 0.5)) == [1, 3]
    assert kept((0.5,), (0.5,), (0.5,), (0.5,)) == [0, 1]


def test_what_has_no_fitness_comes_last_but_somebody_always_goes_on(kept):
    assert kept((math.nan, math.nan), (-9.0,), (), (-8.0, math.nan)) == [1, 3]
    assert kept((math.nan,), ()) == [0]


@pytest.mark.parametrize(("keep", "going", "goes_on"), [(0.5, 1, 1), (0.5, 5, 3), (0.1, 30, 3), (0.01, 8, 1), (1 / 3, 9, 3)])
def test_the_part_kept_is_rounded_up(kept, keep, going, goes_on):
    assert len(kept(*[(0.0,)] * going, keep=keep)) == goes_on
