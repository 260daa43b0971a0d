"""Ratings against what the model of Bradley and Terry says by hand."""

from __future__ import annotations

import numpy as np
import pytest

from eureka_human.rating import information, learnt, rate


def ratings(history):
    return [float(value) for value in rate(history).mean]


def test_the_winner_is_above_the_loser_and_who_was_never_compared_between_them(make):
    winner, other, loser = ratings(make.iteration(0.0, 0.0, 0.0, said=(make.prefer(0, 2),)))
    assert winner > other == 0.0 > loser == -winner
    assert winner < 1  # one comparison makes nobody infinitely good


def test_which_side_it_was_on_makes_no_difference(make):
    left = ratings(make.iteration(0.0, 0.0, said=(make.prefer(0, 1),)))
    assert left == ratings(make.iteration(0.0, 0.0, said=(make.prefer(1, 0, "right"),)))


def test_more_wins_rate_higher_and_stay_finite(make):
    once, often = (
        ratings(make.iteration(0.0, 0.0, said=tuple(make.prefer(0, 1, author=f"person {n}") for n in range(times))))[0]
        for times in (1, 200)
    )
    assert once < often < 5


def test_the_rating_is_the_most_probable_one(make):
    """Where the posterior's slope is 0: normal priors of deviation 1, a win's probability logistic in the difference."""
    won = [(0, 1), (0, 1), (1, 2), (2, 0), (0, 3)]
    mean = np.array(
        ratings(make.iteration(0.0, 0.0, 0.0, 0.0, said=tuple(make.prefer(a, b, author=f"{n}") for n, (a, b) in enumerate(won))))
    )
    slope = -mean
    for winner, loser in won:
        surprise = 1 / (1 + np.exp(mean[winner] - mean[loser]))
        slope[winner] += surprise
        slope[loser] -= surprise
    assert np.abs(slope).max() < 1e-4


def test_two_ties_are_a_win_each(make):
    ties = (make.prefer(0, 1, "tie"), make.prefer(0, 1, "tie", author="bob"), make.prefer(0, 2, author="cyd"))
    wins = (make.prefer(0, 1), make.prefer(1, 0, author="bob"), make.prefer(0, 2, author="cyd"))
    tied, won = (ratings(make.iteration(0.0, 0.0, 0.0, said=said)) for said in (ties, wins))
    assert tied == pytest.approx(won, abs=1e-4)
    assert tied[0] > tied[1] > tied[2]  # the tie with the winner of another comparison is worth something


def test_where_both_are_bad_both_fall_below_what_nobody_has_seen(make):
    first, second, unseen = ratings(make.iteration(0.0, 0.0, 0.0, said=(make.prefer(0, 1, "both_bad"),)))
    assert first == second < unseen == 0.0
    better, worse, _ = ratings(make.iteration(0.0, 0.0, 0.0, said=(make.prefer(0, 1, "both_bad"), make.prefer(0, 1, author="bob"))))
    assert better > worse


def test_an_authors_latest_answer_to_a_question_counts(make):
    changed = make.prefer(0, 1, question="r0i0.pair0"), make.prefer(0, 1, "right", question="r0i0.pair0")
    history = make.iteration(0.0, 0.0, said=changed)
    assert rate(history).comparisons == changed[1:]
    assert ratings(history)[1] > 0 > ratings(history)[0]


def test_without_a_question_the_latest_of_the_same_two_counts_and_every_author_does(make):
    said = make.prefer(0, 1), make.prefer(1, 0), make.prefer(0, 1, author="bob")
    assert rate(make.iteration(0.0, 0.0, said=said)).comparisons == said[1:]


def test_equal_programs_share_a_rating_and_are_not_compared_with_each_other(make):
    code = "def compute_reward(height):\n    return height, {}\n"
    entries = [make.entry("r0i0s00", 1.0, code=code), make.entry("r0i0s01", 2.0), make.entry("r0i1s00", 3.0, code=code)]
    history = make.grown(entries, (make.prefer("r0i1s00", "r0i0s01"), make.prefer("r0i0s00", "r0i1s00", author="bob")))
    rating = rate(history)
    assert len(rating.mean) == 2 and len(rating.comparisons) == 1
    assert rating.mean[rating.index[entries[0].candidate.sha256]] > 0


def test_what_did_not_train_or_is_of_another_restart_is_left_out(make):
    entries = [make.entry("r0i0s00", 1.0), make.entry("r0i0s01", None, status="failed")]
    rating = rate(make.grown(entries, (make.prefer(0, 1), make.prefer("r0i0s00", "r1i0s00"))))
    assert rating.comparisons == () and rating.mean.tolist() == [0.0]


def test_without_comparisons_all_are_equal_and_nothing_is_known(make):
    rating = rate(make.iteration(1.0, 2.0, 3.0))
    assert rating.mean.tolist() == [0.0] * 3 and rating.covariance == pytest.approx(np.eye(3))


def test_the_covariance_after_a_comparison_is_what_the_precision_says():
    rng = np.random.default_rng(0)
    before = np.cov(rng.normal(size=(3, 10)))
    direction = np.array([1.0, 0.0, -1.0])
    exact = np.linalg.inv(np.linalg.inv(before) + information(0.7) * np.outer(direction, direction))
    assert learnt(before, 0.7, 0, 2) == pytest.approx(exact)
    p = 1 / (1 + np.exp(0.7))
    assert information(0.7) == pytest.approx(p * (1 - p)) and information(1e9) >= 0
