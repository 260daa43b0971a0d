"""What a suite comes to over its tasks: the figures the paper reports (Ma et al. 2024, "Eureka", section 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from eureka.statistics import FEWEST, interquartile_mean
from eureka.suite.rows import Row

_FEWEST_TASKS = 2


def aggregates(rows: Sequence[Row]) -> dict[str, Any]:
    """Of each figure its value and, in `of`, how many tasks have it; null where fewer than two do: what there is then, a row says. Who
    has no score is in `not_counted`.

    at_or_above_human: share of the tasks on which the found reward's mean is at least the human one's. clipped_score: mean over tasks of
    the human-normalised score, each clipped (`eureka.suite.rows.CLIP`). normalised_improvement: that of the improvement. human_normalised:
    interquartile mean over all trainings of the found rewards, with the 95 % interval that resamples each task's trainings by themselves
    (stratified bootstrap); the baselines' means are taken as they are, while the interval in a task's row resamples those trainings, too.
    Where it has no interval, `why` says why.
    """
    done = [row for row in rows if row["status"] == "done"]
    apart = [row["against_human"]["difference"] for row in done if row["against_human"]["difference"] is not None]
    scored = {row["task"]: row for row in done if row["human_normalised"]["score"] is not None}
    scores = {task: _scores(row) for task, row in scored.items()}
    above = sum(difference >= 0 for difference in apart)
    middle = interquartile_mean(*scores.values() if len(scores) >= _FEWEST_TASKS else ())
    interval = None if middle.interval is None else list(middle.interval)
    return {
        "tasks": len(rows),
        "done": len(done),
        "at_or_above_human": {"share": above / len(apart) if len(apart) >= _FEWEST_TASKS else None, "count": above, "of": len(apart)},
        **{figure: _mean([row[figure] for row in scored.values()]) for figure in ("clipped_score", "normalised_improvement")},
        "human_normalised": {
            "iqm": middle.value,
            "interval": interval,
            "why": "" if interval or middle.value is None else _why_no_interval(scores),
            "of": len(scored),
        },
        "not_counted": [{"task": row["task"], "why": why(row)} for row in rows if row["task"] not in scored],
    }


def _mean(values: list[float]) -> dict[str, Any]:
    return {"mean": fmean(values) if len(values) >= _FEWEST_TASKS else None, "of": len(values)}


def _why_no_interval(scores: Mapping[str, Sequence[float]]) -> str:
    if few := [task for task, values in scores.items() if len(values) < FEWEST]:
        return f"of {' and '.join(few)} fewer than {FEWEST} trainings came to a fitness, which does not tell how trainings differ"
    return "the trainings of a task do not differ enough to reckon one"


def why(row: Row) -> str:
    """Why a task has no human-normalised score."""
    if row["status"] == "waiting":
        return "not begun"
    if row["status"] != "done":
        return f"{row['status']}{': ' + row['error'] if row['error'] else ''}"
    return str(row["human_normalised"]["why"])


def _scores(row: Row) -> list[float]:
    """The human-normalised score of each training of the found reward."""
    sparse = row["sparse"]["mean"]
    apart = abs(row["human"]["mean"] - sparse) * (-1 if row["fitness"]["goal"] == "minimize" else 1)
    return [(value - sparse) / apart for value in row["found"]["seeds"] if value is not None]
