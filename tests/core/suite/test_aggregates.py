"""What a suite comes to over its tasks, against a computation by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from eureka.suite.aggregates import aggregates


def test_the_figures_are_those_of_the_paper_over_the_tasks_that_have_them(made):
    made.ran("above", found=(0.7, 0.9, 0.8), human=(0.5, 0.5, 0.5), sparse=(0.1, 0.1, 0.1))
    made.ran("below", found=(70.0, 90.0, 95.0), human=(60.0, 60.0, 60.0), sparse=(100.0, 100.0, 100.0), fitness={"goal": "minimize"})
    made.ran("far", found=(9.0, None, 8.0), human=(0.5, 0.5, 0.5), sparse=(0.1, 0.1, 0.1))
    made.ran("unsure", found=(0.7, 0.7), human=(0.4, 0.6), sparse=(0.5, 0.51))
    made.ran("broken", event="failed", found=None, message="no candidate could be trained.")
    made.waits("later")
    told = aggregates(made.rows())
    assert (told["tasks"], told["done"]) == (6, 4)
    assert told["at_or_above_human"] == {"share": 3 / 4, "count": 3, "of": 4}
    improvements = [(0.8 - 0.5) / 0.4, (60 - 85) / 40, 2.0]
    assert told["normalised_improvement"] == {"mean": pytest.approx(np.mean(improvements)), "of": 3}
    scores = [(np.array([0.7, 0.9, 0.8]) - 0.1) / 0.4, (100 - np.array([70, 90, 95])) / 40, (np.array([9.0, 8.0]) - 0.1) / 0.4]
    middle = told["human_normalised"]
    assert middle["iqm"] == pytest.approx(stats.trim_mean(np.concatenate(scores), 0.25)) and middle["of"] == 3
    low, high = middle["interval"]
    assert 0 < low <= middle["iqm"] <= high
    assert {row["task"]: row["why"] for row in told["not_counted"]} == {
        "unsure": "the human reward and the fitness itself as reward cannot be told apart: their means are -0.005 apart, "
        "95 % interval -0.11 to 0.1",
        "broken": "failed: no candidate could be trained.",
        "later": "not begun",
    }


def test_as_good_as_the_human_reward_counts_and_one_task_is_enough(made):
    made.ran("same", found=(0.5, 0.5), human=(0.5, 0.5), sparse=(0.1, 0.1))
    told = aggregates(made.rows())
    assert told["at_or_above_human"]["share"] == 1 and told["normalised_improvement"]["mean"] == 0
    assert told["human_normalised"] == {"iqm": pytest.approx(1), "interval": pytest.approx([1, 1]), "of": 1}


def test_where_nothing_can_be_said_every_figure_is_null(made):
    made.waits("later")
    told = aggregates(made.rows())
    assert told["at_or_above_human"] == {"share": None, "count": 0, "of": 0}
    assert told["normalised_improvement"]["mean"] is None and told["human_normalised"]["iqm"] is None
