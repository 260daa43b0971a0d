"""What a suite comes to over its tasks, against a computation by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from eureka.suite.aggregates import aggregates


def test_the_figures_are_those_of_the_paper_over_the_tasks_that_have_them(made):
    made.ran("above", found=(0.7, 0.9, 0.75, 0.85), human=(0.5,) * 4, sparse=(0.1,) * 4)
    made.ran("below", found=(70.0, 90.0, 85.0, 95.0), human=(60.0,) * 4, sparse=(100.0,) * 4, fitness={"goal": "minimize"})
    made.ran("far", found=(9.0, None, 8.0, 8.2, 8.4), human=(0.5,) * 5, sparse=(0.1,) * 5)
    made.ran("unsure", found=(0.7,) * 4, human=(0.4, 0.6, 0.4, 0.6), sparse=(0.5, 0.51, 0.5, 0.51))
    made.ran("broken", event="failed", found=None, message="no candidate could be trained.")
    made.waits("later")
    told = aggregates(made.rows())
    assert (told["tasks"], told["done"]) == (6, 4)
    assert told["at_or_above_human"] == {"share": 3 / 4, "count": 3, "of": 4}
    improvements = [(0.8 - 0.5) / 0.4, (60 - 85) / 40, 2.0]
    assert told["normalised_improvement"] == {"mean": pytest.approx(np.mean(improvements)), "of": 3}
    assert told["clipped_score"] == {"mean": pytest.approx(np.mean([(0.8 - 0.1) / 0.4, (100 - 85) / 40, 3.0])), "of": 3}
    far = (np.array([9.0, 8.0, 8.2, 8.4]) - 0.1) / 0.4
    scores = [(np.array([0.7, 0.9, 0.75, 0.85]) - 0.1) / 0.4, (100 - np.array([70, 90, 85, 95])) / 40, far]
    middle = told["human_normalised"]
    assert middle["iqm"] == pytest.approx(stats.trim_mean(np.concatenate(scores), 0.25)) and middle["of"] == 3
    low, high = middle["interval"]
    assert 0 < low <= middle["iqm"] <= high and middle["why"] == ""
    assert {row["task"]: row["why"] for row in told["not_counted"]} == {
        "unsure": "the human reward and the fitness itself as reward cannot be told apart: the difference of their means is -0.005, "
        "95 % interval -0.1025 to 0.0975",
        "broken": "failed: no candidate could be trained.",
        "later": "not begun",
    }


def test_as_good_as_the_human_reward_counts(made):
    for name in ("same", "also"):
        made.ran(name, found=(0.5,) * 4, human=(0.5,) * 4, sparse=(0.1,) * 4)
    told = aggregates(made.rows())
    assert told["at_or_above_human"]["share"] == 1 and told["normalised_improvement"]["mean"] == 0
    assert told["human_normalised"] == {"iqm": pytest.approx(1), "interval": pytest.approx([1, 1]), "why": "", "of": 2}


def test_of_one_task_there_is_no_figure_besides_those_of_its_row(made):
    made.ran("one")
    made.ran("broken", event="failed", found=None, message="no candidate could be trained.")
    told = aggregates(made.rows())
    assert told["at_or_above_human"] == {"share": None, "count": 1, "of": 1}
    assert told["clipped_score"] == told["normalised_improvement"] == {"mean": None, "of": 1}
    assert told["human_normalised"] == {"iqm": None, "interval": None, "why": "", "of": 1}


def test_three_surviving_trainings_of_a_task_leave_the_suite_without_an_interval_and_it_says_so(made):
    made.ran("lone", found=(0.7, None, None, 0.71, 0.72))
    made.ran("whole")
    middle = aggregates(made.rows())["human_normalised"]
    assert middle["iqm"] is not None and middle["interval"] is None
    assert middle["why"] == "of lone fewer than 4 trainings came to a fitness, which does not tell how trainings differ"


def test_where_nothing_can_be_said_every_figure_is_null(made):
    made.waits("later")
    told = aggregates(made.rows())
    assert told["at_or_above_human"] == {"share": None, "count": 0, "of": 0}
    assert told["normalised_improvement"]["mean"] is told["clipped_score"]["mean"] is told["human_normalised"]["iqm"] is None
    assert told["human_normalised"]["why"] == ""  # that there is nothing is said of each task
