"""Figures and intervals against rliable's published examples, and against the whole distribution where it can be enumerated."""

from __future__ import annotations

import itertools
import subprocess
import sys
import warnings

import numpy as np
import pytest
from scipy import stats

from eureka.statistics import (
    _estimate,
    human_normalised,
    interquartile_mean,
    mean_difference,
    probability_of_improvement,
    reward_correlation,
)

# The scores of rliable's own tests (tests/rliable/metrics_test.py), a list per task: 4 runs of x, 3 of y. It expects interquartile means of
# 1.5 and 2, and a probability of improvement of x over y of 1/3, the mean over tasks: of the 12 pairs of a task x wins 2 and ties 4.
X, Y = [[1, 2, 1, 2], [2, 2, 1, 1]], [[1, 2, 3], [1, 2, 3]]


def test_rliables_examples_come_out_as_rliable_says():
    assert interquartile_mean(*X).value == 1.5 and interquartile_mean(*Y).value == 2
    assert [probability_of_improvement(x, y).value for x, y in zip(X, Y, strict=True)] == [pytest.approx(1 / 3)] * 2
    assert probability_of_improvement([1, 5, 2], [1, 5, 2]).value == 0.5  # which rliable sets where both are the same


def test_the_interquartile_mean_leaves_out_a_quarter_of_the_values_at_either_end():
    values = np.arange(80.0)  # the scores of rliable's tests/rliable/library_test.py: 20 to 59 are left, with 39.5 in the middle
    assert interquartile_mean(*values.reshape(16, 5)).value == 39.5
    assert interquartile_mean([-1e9, 4, 5, 1e9]).value == 4.5
    assert interquartile_mean([0, 3, 9]).value == 4  # of three none can be left out


def every_resample(sample):
    return [np.array(drawn) for drawn in itertools.product(sample, repeat=len(sample))]


def middle(values):
    values, cut = np.sort(values), len(values) // 4
    return values[cut : len(values) - cut].mean()


def test_the_interval_is_that_of_all_resamples_there_are():
    sample = [0.3, 0.9, 0.4, 0.75, 0.1]
    exact = np.percentile([middle(drawn) for drawn in every_resample(sample)], [2.5, 97.5])
    assert interquartile_mean(sample).interval == pytest.approx(exact, abs=0.02)


def test_each_task_is_resampled_by_itself():
    low, high = [0.0, 1.0, 2.5, 4.0], [10.0, 11.0, 12.5, 14.0]
    a, b = np.array(every_resample(low)), np.array(every_resample(high))
    pooled = np.concatenate(np.broadcast_arrays(a[:, None], b[None]), axis=-1)
    exact = np.percentile(np.sort(pooled, axis=-1)[..., 2:6].mean(axis=-1), [2.5, 97.5])
    assert interquartile_mean(low, high).interval == pytest.approx(exact, abs=0.15)
    assert interquartile_mean([0.0] * 4, [1.0] * 4).interval == (0.5, 0.5)  # were they drawn together, it would be 0 to 1


def test_differences_and_probabilities_have_the_interval_of_all_pairs_of_resamples():
    x, y = [0.2, 0.8, 0.5, 0.7], [0.1, 0.6, 0.5, 0.4]
    a, b = np.array(every_resample(x)), np.array(every_resample(y))
    means = np.percentile(a.mean(axis=1)[:, None] - b.mean(axis=1), [2.5, 97.5])
    first, second = a[:, None, :, None], b[None, :, None, :]
    wins = np.percentile(((first > second) + 0.5 * (first == second)).mean(axis=(2, 3)), [2.5, 97.5])
    assert mean_difference(x, y).interval == pytest.approx(means, abs=0.03)
    assert probability_of_improvement(x, y).interval == pytest.approx(wins, abs=0.03)


def test_the_same_trainings_give_the_same_interval_and_none_gives_no_figure():
    assert interquartile_mean([0.2, 0.5, 0.9, 1.0]) == interquartile_mean([0.2, 0.5, 0.9, 1.0])
    assert interquartile_mean([]) == (None, None) and probability_of_improvement([], [1.0, 2.0]) == (None, None)


def test_fewer_than_four_trainings_of_either_give_no_interval_however_alike_they_are():
    four, three = [0.1, 0.2, 0.3, 0.4], [0.7, 0.7, 0.7]
    for count in (1, 2, 3):
        assert interquartile_mean(three[:count]) == (pytest.approx(0.7), None)
        assert mean_difference(four, three[:count]).interval is probability_of_improvement(three[:count], four).interval is None
        assert interquartile_mean(four, three[:count]).interval is None
        (score, interval), _ = human_normalised(three[:count], four, [0.0] * 4)
        assert score == pytest.approx(0.7 / 0.25) and interval is None
    low, high = mean_difference(four, [0.0] * 4).interval
    assert min(four) < low < high < max(four)  # of four the ends are no longer the smallest and the largest


def test_what_is_the_same_every_time_has_an_interval_of_no_width():
    assert interquartile_mean([7.0] * 5) == (7, (7, 7))
    assert probability_of_improvement([7.0] * 5, [7.0] * 5) == (0.5, (0.5, 0.5))
    assert probability_of_improvement([7.0] * 5, [6.0] * 4) == (1, (1, 1))


def test_the_human_normalised_score_counts_from_the_sparse_reward_in_units_of_the_humans_lead():
    found, human = [5.0, 7.0, 5.0, 7.0], [3.0, 5.0, 3.0, 5.0]
    (score, interval), why = human_normalised(found, human, [1.0] * 4)
    assert score == (6 - 1) / (4 - 1) and why == ""
    means = [np.mean(every_resample(sample), axis=1) for sample in (found, human)]
    assert interval == pytest.approx(np.percentile(np.divide.outer(means[0] - 1, means[1] - 1), [2.5, 97.5]), abs=0.05)
    assert human_normalised([3.0] * 4, [1.0] * 4, [2.0] * 4)[0].value == 1  # better than a sparse reward that beats the human one


@pytest.mark.parametrize(
    ("human", "sparse", "why"),
    [
        ([1.0, 2.0, 2.0, 3.0], [1.5, 2.0, 2.0, 2.5], "cannot be told apart: the difference of their means is 0, 95 % interval"),
        ([0.0] * 4, [0.0] * 4, "cannot be told apart"),
        ([5.0], [1.0, 2.0], "one training does not tell how far apart"),
        ([5.0] * 5, [1.0, 1.1, 1.2], "3 trainings do not tell how far apart the human reward and the fitness itself as reward are, 4 at"),
        ([], [1.0, 2.0], "no training under the human reward came to a fitness"),
        ([], [], "no training under the human reward nor the fitness itself as reward came to a fitness"),
    ],
)
def test_there_is_no_human_normalised_score_where_nothing_tells_human_and_sparse_apart(human, sparse, why):
    estimate, told = human_normalised([1.0, 2.0], human, sparse)
    assert estimate == (None, None) and why in told


@pytest.mark.parametrize("found", [[0.0] * 4, [0.0, 0.2, 0.1, 0.0], [-0.2, 0.0, 0.1, 0.0]])
def test_resamples_that_divide_nothing_by_nothing_count_as_the_lowest_at_one_end_and_the_highest_at_the_other(found):
    human, sparse = [0.3, 0.0, 0.6, 0.1, 0.4], [0.0] * 5  # one in 5^5 resamples of the human reward is as poor as the sparse one
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (value, interval), why = human_normalised(found, human, sparse)
    assert (value, why) == (pytest.approx(np.mean(found) / np.mean(human)), "")
    means = [np.array([drawn.mean() for drawn in every_resample(sample)]) for sample in (found, human)]
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.divide.outer(*means).ravel()
    ends = [
        stats.quantile(np.nan_to_num(scores, nan=worst, posinf=np.inf, neginf=-np.inf), p)
        for worst, p in ((-np.inf, 0.025), (np.inf, 0.975))
    ]
    assert interval == pytest.approx(ends, rel=0.15)


def test_where_such_resamples_decide_an_end_there_is_no_interval():
    ratio = _estimate(lambda x, y, axis: x.mean(axis=axis) / y.mean(axis=axis), [0.0] * 4, [0.0, 0.0, 0.0, 1.0])
    assert ratio == (0.0, None)  # 81 of 256 of them


def test_the_correlation_is_pearsons():
    x = np.array([1.0, 2.0, 3.0, 6.0])
    assert reward_correlation(x, 5 - 2 * x) == (pytest.approx(-1), "")
    assert reward_correlation(x, x**3)[0] == pytest.approx(stats.pearsonr(x, x**3).statistic)
    assert reward_correlation(x, 1e300 * x)[0] == pytest.approx(1)


def test_there_is_no_correlation_with_what_never_changes_or_is_not_finite():
    x = np.array([1.0, 2.0, 3.0, 6.0])
    assert reward_correlation(x, np.array([0.1, 0.1, 0.1 + 1e-16, 0.1])) == (None, "the human reward never changes")
    assert reward_correlation(x * [1, 1, 1, np.inf], x) == (None, "this reward is not finite")
    assert reward_correlation(np.empty(0), np.empty(0)) == (None, "this reward never changes")


def test_only_what_compares_imports_scipy():
    code = "import sys, eureka.cli, eureka.session, eureka.summary; assert 'scipy' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
