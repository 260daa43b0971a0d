"""Which comparisons are asked for."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from eureka.types import Question
from eureka_human.pairs import informative_pairs
from eureka_human.rating import rate


def pairs(history, count=1, seed=0):
    return [tuple(sorted(pair)) for pair in informative_pairs(history, count, seed)]


def question(number, *candidates, about="preference"):
    return Question(id=f"r0i0.pair{number}", about=about, restart=0, iteration=0, candidates=candidates, time=0)


S = [f"r0i0s{sample:02}" for sample in range(9)]


def test_while_nothing_is_known_the_fittest_are_asked_about_and_each_once_before_any_twice(make):
    assert pairs(make.iteration(1.0, 4.0, 3.0, 2.0), 2) == [(S[1], S[2]), (S[0], S[3])]
    asked = pairs(make.iteration(1.0, 4.0, 3.0, 2.0), 3)
    assert len(set(asked)) == 3


def test_the_same_history_and_seed_ask_the_same_and_the_seed_decides_who_is_left(make):
    history = make.iteration(1.0, 4.0, 3.0, 2.0)
    assert informative_pairs(history, 3, 5) == informative_pairs(history, 3, 5)
    sides = {informative_pairs(history, 1, seed)[0] for seed in range(20)}
    assert sides == {(S[1], S[2]), (S[2], S[1])}


def test_nothing_is_asked_twice_whether_it_was_answered_or_not(make):
    history = make.iteration(3.0, 2.0, 1.0, said=(make.prefer(2, 0),), questions=(question(0, S[0], S[1]), question(1, S[2], S[0])))
    assert pairs(history, 9) == [(S[1], S[2])]


def test_there_are_no_more_pairs_than_there_are(make):
    assert len(informative_pairs(make.iteration(3.0, 2.0, 1.0), 9, 0)) == 3
    assert informative_pairs(make.iteration(3.0), 9, 0) == informative_pairs(make.grown([]), 9, 0) == []
    assert informative_pairs(make.iteration(3.0, 2.0), 0, 0) == []


def test_a_toss_up_is_asked_before_what_is_all_but_decided(make):
    # 0 and 1 won against everybody who is not asked about any more; each of 2 and 3 lost as often.
    said = [make.prefer(a, b, author=f"{n}") for n in range(6) for a, b in itertools.product((0, 1), (4, 5))]
    said += [make.prefer(b, a, author=f"{n}") for n in range(6) for a, b in itertools.product((2, 3), (4, 5))]
    chosen = pairs(make.iteration(*[1.0] * 6, said=tuple(said)), 3)
    assert {*chosen[:2]} == {(S[0], S[1]), (S[2], S[3])}


def test_an_open_question_counts_as_one_that_will_be_answered(make):
    history = make.iteration(4.0, 3.0, 2.0, 1.0)
    at_once = informative_pairs(history, 2, 0)
    later = make.iteration(4.0, 3.0, 2.0, 1.0, questions=(question(0, *at_once[0]),))
    assert informative_pairs(later, 1, 0) == at_once[1:]


def test_each_person_may_compare_what_others_have_compared_but_nothing_that_everybody_is_asked(make):
    history = make.iteration(3.0, 2.0, 1.0, said=(make.prefer(0, 1, author="ann"),), questions=(question(0, S[1], S[2]),))
    assert {frozenset(pair) for pair in informative_pairs(history, 9, 0, "ann")} == {frozenset((S[0], S[2]))}
    assert {frozenset(pair) for pair in informative_pairs(history, 9, 0, "bob")} == {frozenset((S[0], S[2])), frozenset((S[0], S[1]))}


def test_the_newest_iteration_is_compared_with_the_best_before_it_by_fitness_and_by_rating(make):
    old = [make.entry(S[sample], fitness) for sample, fitness in enumerate((1.0, 2.0, 9.0))]
    new = make.entry("r0i1s07", 3.0)
    said = (make.prefer(0, 1, question="r0i0.pair0"),)
    assert {*pairs(make.grown([*old, new], said), 9)} == {(S[2], "r0i1s07"), (S[0], "r0i1s07"), (S[0], S[2])}


def test_equal_programs_are_not_compared(make):
    code = "def compute_reward(height):\n    return height, {}\n"
    entries = [make.entry(S[0], 3.0, code=code), make.entry(S[1], 2.0, code=code), make.entry(S[2], 1.0)]
    assert pairs(make.grown(entries), 9) == [(S[0], S[2])]


def test_what_did_not_train_is_not_asked_about(make):
    entries = [make.entry(S[0], 3.0), make.entry(S[1], None, status="failed"), make.entry(S[2], 1.0)]
    assert pairs(make.grown(entries), 9) == [(S[0], S[2])]


@pytest.mark.slow
def test_informative_pairs_find_out_more_than_random_ones(make):
    """Four rounds of three comparisons among eight programs, by somebody who is not always right."""

    def agreement(seed, informative):
        rng = np.random.default_rng(seed)
        worth, every = rng.normal(0, 1.5, 8), list(itertools.combinations(S[:8], 2))
        fitness, said = rng.normal(size=8), ()
        rng.shuffle(every)
        for _ in range(4):
            history = make.iteration(*fitness, said=said)
            for a, b in informative_pairs(history, 3, seed) if informative else [every.pop() for _ in range(3)]:
                right = 1 / (1 + np.exp(worth[S.index(a)] - worth[S.index(b)]))
                said += (make.prefer(a, b, "right" if rng.random() < right else "left"),)
        return np.corrcoef(rate(make.iteration(*fitness, said=said)).mean, worth)[0, 1]

    informative, random = ([agreement(seed, how) for seed in range(300)] for how in (True, False))
    assert np.mean(informative) > np.mean(random) + 0.01
