"""What `summary.json` says of a final evaluation: every figure from the journal's records, and why one is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eureka.final_types import Correlation, Evaluation, FinalTraining
from eureka.state import State
from eureka.summary import summarize
from eureka.types import Task


def task(**fitness):
    sim = {"use": "point"}
    return Task.model_validate({"name": "point", "description": "", "sim": sim, "fitness": {"value": "length", "fold": "last", **fitness}})


def trainings(reward, fresh, candidate=""):
    for seed, value in enumerate(fresh):
        how = {"status": "failed"} if value is None else {"status": "ok", "best_checkpoint": value + 1, "fresh": value}
        yield FinalTraining(reward=reward, candidate=candidate, seed=seed, **how)


def final(best, human, sparse, others=None, correlation=(), of=None):
    table = [*trainings("best", best), *trainings("human", human), *trainings("fitness", sparse)]
    for id_, fresh in (others or {}).items():
        table += trainings("other", fresh, id_)
    records = [Evaluation(best="r0i0s00", trainings=tuple(table)), *correlation]
    return summarize(State(Path(), of or task(), records))["final"]


def test_each_reward_has_mean_deviation_and_interquartile_mean_with_an_interval():
    row = final([1.0, 2.0, 3.0, 4.0, 90.0], [1.0], [0.0, 0.0])["best"]
    assert row["seeds"] == [1, 2, 3, 4, 90] and (row["mean"], row["best_checkpoint_mean"], row["failed"]) == (20, 21, 0)
    assert row["std"] == pytest.approx(np.std([1, 2, 3, 4, 90], ddof=1)) and row["iqm"] == 3
    assert 1 <= row["interval"][0] < 3 < row["interval"][1] <= 90


def test_figures_do_not_depend_on_how_often_they_are_asked_for_nor_on_what_a_reader_does_to_them():
    first = final([1.0, 2.0], [1.0, 1.5], [0.0, 0.1])
    first["best"]["seeds"].clear()
    assert final([1.0, 2.0], [1.0, 1.5], [0.0, 0.1])["best"]["seeds"] == [1, 2]


def test_the_best_is_held_against_human_and_sparse_reward_more_being_better():
    for goal, sign in (("maximize", 1.0), ("minimize", -1.0)):
        best, human, sparse = ([sign * v for v in values] for values in ([5.0, 7.0] * 2, [3.0, 5.0] * 2, [1.0, 1.0] * 2))
        told = final(best, human, sparse, of=task(goal=goal))
        assert told["best"]["mean"] == sign * 6
        against = told["against"]["human"]
        assert (against["difference"], against["probability_of_improvement"]) == (2, 3.5 / 4)
        low, high = against["interval"]
        assert 0 < low < 2 < high < 4 and 0.5 < against["probability_interval"][0] < 3.5 / 4 < against["probability_interval"][1] == 1
        assert told["against"]["fitness"]["difference"] == 5 and told["against"]["fitness"]["probability_of_improvement"] == 1
        assert told["human_normalised"]["score"] == 5 / 3 and told["human_normalised"]["why"] == ""


def test_a_failed_training_is_counted_and_is_in_no_figure():
    told = final([1.0, None, 3.0], [1.0, 1.0, 2.0, None, 1.0, 1.0], [0.0] * 4)
    assert told["best"]["failed"] == 1 and told["best"]["seeds"] == [1, None, 3] and told["best"]["iqm"] == told["best"]["mean"] == 2
    assert told["human_normalised"]["score"] == pytest.approx(2 / 1.2)


def test_where_every_training_of_a_reward_failed_there_is_nothing_to_compare_and_it_says_so():
    told = final([1.0, 2.0], [None, None], [0.0, 0.1])
    assert told["human"] == {
        "mean": None, "std": None, "seeds": [None, None], "best_checkpoint_mean": None, "failed": 2, "fewer_envs": 0,
        "iqm": None, "interval": None
    }  # fmt: skip
    assert set(told["against"]["human"].values()) == {None} and told["against"]["fitness"]["difference"] == pytest.approx(1.45)
    assert told["human_normalised"] == {
        "score": None, "interval": None, "why": "no training under the human reward came to a fitness"
    }  # fmt: skip
    nothing = final([None], [None], [None])
    assert nothing["correlation"] == {"score": None, "why": "every final training of the best reward failed"}


def test_three_seeds_give_figures_without_intervals_and_no_score():
    told = final([3.0, 4.0, 5.0], [2.0, 2.5, 3.0], [0.0, 0.1, 0.2])
    assert (told["best"]["mean"], told["best"]["std"], told["best"]["interval"]) == (4, 1, None)
    assert told["against"]["human"]["difference"] == 1.5 and told["against"]["human"]["interval"] is None
    assert told["human_normalised"]["score"] is None and "3 trainings do not tell" in told["human_normalised"]["why"]


def test_one_seed_gives_figures_without_intervals():
    told = final([3.0], [2.0], [1.0])
    assert told["best"]["interval"] is None and told["best"]["std"] is None and told["best"]["iqm"] == 3
    assert told["against"]["human"] == {
        "difference": 1, "interval": None, "probability_of_improvement": 1, "probability_interval": None
    }  # fmt: skip
    assert told["human_normalised"]["score"] is None and "one training does not tell" in told["human_normalised"]["why"]


def test_where_the_human_reward_is_the_fitness_there_is_no_score_nor_correlation():
    told = final([3.0, 4.0], [2.0, 3.0], [2.0, 3.0], of=task(value="native", fold="sum"))
    assert told["human_normalised"]["why"] == told["correlation"]["why"] == "the human reward is the fitness itself"
    assert told["human_normalised"]["score"] is None and told["against"]["human"]["difference"] == 1


def test_the_correlation_is_that_of_the_reward_that_is_the_best_now():
    of = {"dirs": ("final/r0i0s00/0/0",), "transitions": 9}
    mine, other = (Correlation(candidate=f"r0i0s0{n}", value=value, **of) for n, value in ((0, 0.25), (1, 0.75)))
    assert final([1.0], [1.0], [1.0], correlation=[other])["correlation"] == {"score": None, "why": "it was not computed"}
    assert final([1.0], [1.0], [1.0], correlation=[mine, other])["correlation"] == {"score": 0.25, "why": ""}


def test_other_rewards_are_told_by_their_ids_with_the_same_figures():
    told = final([3.0, 4.0], [2.0, 3.0] * 2, [0.0] * 4, others={"r0i1s02": [1.0, 2.0], "r0i0s03": [None, 1.0]})
    assert [(row["id"], row["mean"], row["failed"]) for row in told["others"]] == [("r0i1s02", 1.5, 0), ("r0i0s03", 1, 1)]
    assert set(told["others"][0]) == {"id", *told["best"], "against", "human_normalised"}
    assert told["others"][0]["against"]["human"]["difference"] == -1 and told["others"][0]["human_normalised"]["score"] == 0.6
