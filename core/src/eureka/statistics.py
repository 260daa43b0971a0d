"""How sure a comparison of a few trainings is: figures with their 95 % intervals. scipy and numpy compute; this says what of.

Interquartile mean, stratified bootstrap and probability of improvement are those of Agarwal et al. 2021, "Deep Reinforcement Learning at
the Edge of the Statistical Precipice"; the human-normalised score and the correlation of rewards those of Ma et al. 2024, "Eureka:
Human-Level Reward Design via Coding Large Language Models". In all values more is better: a fitness that counts the other way comes
negated.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eureka.env import Array

Interval = tuple[float, float]
Statistic = Callable[..., Any]
"""Samples of shape (..., n) each and `axis` → (...). The number of values may differ between samples."""

_ENDS = ((-np.inf, 0.025), (np.inf, 0.975))  # of an interval: what is worst there, and how much lies below
_RESAMPLES = 9_999
FEWEST = 4
"""Of fewer trainings there is no interval, see `Estimate`."""
_ROUNDING = 1e-12  # of sums of the same terms
_SEED = 0  # the same trainings give the same interval


class Estimate(NamedTuple):
    """A figure and its 95 % interval.

    value: None where a sample holds no value. interval: None where one holds fewer than four, and where an end of it is no number. Of three
    values one resample in 27 is nothing but the smallest, which is more than 2.5 %: the interval would be smallest to largest.
    """

    value: float | None
    interval: Interval | None


def interquartile_mean(*tasks: Sequence[float]) -> Estimate:
    """The mean of the middle half of all values of all tasks: an outlier moves it less than the mean, and it needs fewer values than
    the median. Of fewer than four values it is their mean.

    tasks: a sample of each, comparable (normalised where there are several). The interval resamples each by itself: stratified.
    """
    from scipy import stats

    return _estimate(lambda *samples, axis: stats.trim_mean(np.concatenate(samples, axis=axis), 0.25, axis=axis), *tasks)


def mean_difference(x: Sequence[float], y: Sequence[float]) -> Estimate:
    """By how much the mean of x is above that of y."""
    return _estimate(_difference, x, y)


def probability_of_improvement(x: Sequence[float], y: Sequence[float]) -> Estimate:
    """How likely a training of x comes out above one of y: P(X > Y) + ½ P(X = Y), which is Mann and Whitney's U / (m n)."""
    from scipy import stats

    def probability(first: NDArray[Any], second: NDArray[Any], axis: int) -> Any:
        found = stats.mannwhitneyu(first, second, axis=axis, method="asymptotic")  # the method is that of its p value, which is not used
        return found.statistic / (first.shape[axis] * second.shape[axis])

    return _estimate(probability, x, y)


def human_normalised(method: Sequence[float], human: Sequence[float], sparse: Sequence[float]) -> tuple[Estimate, str]:
    """(method − sparse) / |human − sparse| of the means: 0 is what the fitness itself as reward comes to, 1 mostly what the human one does.

    Where the 95 % interval of human − sparse holds 0 there is nothing to measure with, and no score. Second, why there is none; else "".
    """
    named = {"the found reward": method, "the human reward": human, "the fitness itself as reward": sparse}
    if without := [name for name, values in named.items() if not values]:
        return Estimate(None, None), f"no training under {' nor '.join(without)} came to a fitness"
    apart = mean_difference(human, sparse)
    assert apart.value is not None
    if apart.interval is None:
        few = min(len(human), len(sparse))
        told = "one training does not tell" if few == 1 else f"{few} trainings do not tell"
        return Estimate(None, None), f"{told} how far apart the human reward and the fitness itself as reward are, {FEWEST} at least do"
    low, high = apart.interval
    if low <= 0 <= high:
        said = f"the difference of their means is {apart.value:.4g}, 95 % interval {low:.4g} to {high:.4g}"
        return Estimate(None, None), f"the human reward and the fitness itself as reward cannot be told apart: {said}"

    def score(first: NDArray[Any], second: NDArray[Any], third: NDArray[Any], axis: int) -> Any:
        with np.errstate(divide="ignore", invalid="ignore"):
            return _difference(first, third, axis=axis) / np.abs(_difference(second, third, axis=axis))

    return _estimate(score, method, human, sparse), ""


def reward_correlation(found: Array, human: Array) -> tuple[float | None, str]:
    """Pearson's correlation of two rewards over the same transitions, float64 (N,) each. Second, why there is none; else ""."""
    scaled = []
    for name, values in {"this reward": found, "the human reward": human}.items():
        largest = np.abs(values).max(initial=0.0)
        if not np.isfinite(largest):
            return None, f"{name} is not finite"
        if not len(values) or np.ptp(values) <= _ROUNDING * largest:
            return None, f"{name} never changes"
        scaled.append(values / largest)  # its square may be too large a number
    return float(np.corrcoef(*scaled)[0, 1]), ""


def _difference(x: NDArray[Any], y: NDArray[Any], axis: int) -> Any:
    return x.mean(axis=axis) - y.mean(axis=axis)


def _estimate(statistic: Statistic, *samples: Sequence[float]) -> Estimate:
    """The statistic of the samples, and its interval by the percentiles of as many resamples, each sample drawn by itself.

    A resample that divides nothing by nothing could have come to any number: at the interval's lower end it counts as the lowest, at the
    upper as the highest. So a few make the interval no narrower than it may be, and where they decide an end there is no interval.
    """
    from scipy import stats

    fewest = min(map(len, samples), default=0)
    if not fewest:
        return Estimate(None, None)
    arrays = [np.asarray(sample, np.float64) for sample in samples]
    value = float(statistic(*arrays, axis=-1))
    if fewest < FEWEST:
        return Estimate(value, None)
    rng = np.random.default_rng(_SEED)
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # of scipy's own interval, which is not used: its NaN hides all others
        found = stats.bootstrap(arrays, statistic, n_resamples=_RESAMPLES, vectorized=True, axis=-1, method="percentile", rng=rng)
        drawn = found.bootstrap_distribution
        low, high = (float(stats.quantile(np.nan_to_num(drawn, nan=worst, posinf=np.inf, neginf=-np.inf), tail)) for worst, tail in _ENDS)
    return Estimate(value, (low, high) if np.isfinite([low, high]).all() else None)
