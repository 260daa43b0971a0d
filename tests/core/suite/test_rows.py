"""A row of `suite.json`: every figure from the run's records, and why one is missing."""

from __future__ import annotations

import json

import pytest

from eureka.opened_run import open_run
from eureka.suite.rows import has_ended

CLOSE, SPREAD = (0.5, 0.51) * 2, (0.4, 0.6) * 2  # human and sparse reward that cannot be told apart


def test_a_row_has_the_figures_of_its_runs_summary(made):
    folder = made.ran("point", found=(0.7, 0.8) * 2, human=(0.5,) * 4, sparse=(0.1,) * 4, fitness={"unit": "m/s"})
    [row] = made.rows()
    final = open_run(folder).summary["final"]
    assert (row["task"], row["run"], row["status"], row["error"], row["best"]) == ("point", "point", "done", None, "r0i0s00")
    assert (row["found"], row["human"], row["sparse"]) == (final["best"], final["human"], final["fitness"])
    assert row["found"]["mean"] == 0.75 and row["against_human"] == final["against"]["human"]
    assert row["human_normalised"] == final["human_normalised"] and row["correlation"] == final["correlation"] == {"score": 0.5, "why": ""}
    assert row["fitness"] == {"name": "x", "unit": "m/s", "fold": "mean", "goal": "maximize", "solved": None}
    assert row["seconds"] == 60 and row["env_steps"] == {"training": 0, "evaluation": 0} and row["cost_usd"] == 0
    assert json.loads(json.dumps(row)) == row


@pytest.mark.parametrize(
    ("found", "human", "sparse", "goal", "improvement", "score"),
    [
        ((0.7, 0.8), (0.5, 0.5), (0.1, 0.1), "maximize", 0.25 / 0.4, 0.65 / 0.4),  # the score less 1
        ((60.0, 60.0), (80.0, 80.0), (180.0, 180.0), "minimize", 0.2, 1.2),
        # The sparse reward does better than the human one, whose score is -1: still above that, and below what 0 stands for.
        ((0.3, 0.3), (0.1, 0.1), (0.5, 0.5), "maximize", 0.5, 0.0),
        ((0.7, 0.7), (0.1, 0.1), (0.5, 0.5), "maximize", 1.5, 0.5),
        ((9.0, 9.0), (0.5, 0.5), (0.1, 0.1), "maximize", 2.0, 3.0),
        ((-9.0, -9.0), (0.5, 0.5), (0.1, 0.1), "maximize", -1.0, 0.0),
        ((0.7, 0.7), SPREAD, CLOSE, "maximize", None, None),
    ],
)
def test_improvement_and_score_of_the_found_reward_are_clipped(made, found, human, sparse, goal, improvement, score):
    made.ran("point", found=found * 2, human=human * 2, sparse=sparse * 2, fitness={"goal": goal})
    [row] = made.rows()
    assert row["normalised_improvement"] == (improvement if improvement is None else pytest.approx(improvement))
    assert row["clipped_score"] == (score if score is None else pytest.approx(score))
    assert row["status"] == "done" and (row["human_normalised"]["score"] is None) == (improvement is None)


@pytest.mark.parametrize(
    ("how", "status", "error"),
    [
        ({"event": "failed", "found": None, "message": "no candidate could be trained."}, "failed", "no candidate could be trained."),
        ({"found": None, "message": "budget.hours: 1 of 1 spent."}, "failed", "budget.hours: 1 of 1 spent."),
        ({"found": None}, "failed", "its final evaluation was left out"),
        ({"found": (None, None)}, "failed", "every final training of the found reward r0i0s00 failed"),
        ({"event": "stopped", "found": None, "message": "no room. Go on with: …"}, "stopped", "no room. Go on with: …"),
        ({"event": "interrupted", "found": None}, "interrupted", None),
        ({"event": None, "found": None}, "interrupted", None),  # its process was killed
    ],
)
def test_a_run_without_a_comparison_says_why_and_whether_it_can_go_on(made, how, status, error):
    made.ran("point", **how)
    [row] = made.rows()
    assert (row["status"], row["error"]) == (status, error) and has_ended(row) == (status == "failed")
    assert row["human_normalised"]["score"] is None


def test_what_has_not_begun_waits_and_what_cannot_be_read_has_failed(made):
    made.waits("later")
    (made.ran("cut") / "journal.jsonl").unlink()  # its host died before it wrote anything
    (made.ran("torn") / "journal.jsonl").write_text('{"kind": "verdict"}\n')
    later, cut, torn = made.rows()
    assert (later["status"], cut["status"], torn["status"]) == ("waiting", "interrupted", "failed")
    assert "this is no run's journal" in torn["error"] and later["env_steps"] is None


def test_the_fitness_is_called_by_its_function_and_what_held_a_run_back_is_noted(made):
    (made.fake.folder / "tasks.py").write_text("def landed(x):\n    return x\n")
    made.ran("point", fitness={"value": "tasks.py:landed"}, message="budget.hours: 1 of 1 spent.")
    [row] = made.rows()
    assert row["fitness"]["name"] == "landed" and (row["status"], row["note"]) == ("done", "budget.hours: 1 of 1 spent.")
