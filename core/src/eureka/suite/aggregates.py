"""What a suite comes to over its tasks: the figures the paper reports (Ma et al. 2024, "Eureka", section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from eureka.statistics import interquartile_mean
from eureka.suite.rows import Row


def aggregates(rows: Sequence[Row]) -> dict[str, Any]:
    """Of each figure its value and, in `of`, how many tasks it is over; null where there are none. Who is left out is in `not_counted`.

    at_or_above_human: share of the tasks on which the found reward's mean is at least the human one's. normalised_improvement: mean over
    tasks, each clipped (`eureka.suite.rows.CLIP`). human_normalised: interquartile mean over all trainings of the found rewards, with the
    95 % interval that resamples each task's trainings by themselves (stratified bootstrap); the baselines' means are taken as they are.
    """
    done = [row for row in rows if row["status"] == "done"]
    apart = [row["against_human"]["difference"] for row in done if row["against_human"]["difference"] is not None]
    scored = [row for row in done if row["human_normalised"]["score"] is not None]
    above = sum(difference >= 0 for difference in apart)
    middle = interquartile_mean(*map(_scores, scored))
    gained = [row["normalised_improvement"] for row in scored]
    return {
        "tasks": len(rows),
        "done": len(done),
        "at_or_above_human": {"share": above / len(apart) if apart else None, "count": above, "of": len(apart)},
        "normalised_improvement": {"mean": fmean(gained) if gained else None, "of": len(gained)},
        "human_normalised": {
            "iqm": middle.value,
            "interval": None if middle.interval is None else list(middle.interval),
            "of": len(scored),
        },
        "not_counted": [{"task": row["task"], "why": why(row)} for row in rows if row not in scored],
    }


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
