"""The tasks of a suite: the human-normalised score of each, and that against how its reward correlates with the human one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eureka.builtin.outside_text import one_line
from eureka.report.plots.common import FOUND, HUMAN, NUMBER, SPARSE, Figure

_SCORE = "human-normalised score"
_EDGE = 1.08


def scores(rows: Sequence[Mapping[str, Any]]) -> Figure | None:
    """A row for each task, the first on top; the lines are where sparse and human reward are. None where no task has a score."""
    shown = [row for row in rows if row["human_normalised"]["score"] is not None]
    if not shown:
        return None
    names, values = [one_line(row["task"]) for row in shown], [row["human_normalised"]["score"] for row in shown]
    bounds = [row["human_normalised"]["interval"] or (value, value) for row, value in zip(shown, values, strict=True)]
    reach = {
        "array": [high - value for (_, high), value in zip(bounds, values, strict=True)],
        "arrayminus": [value - low for (low, _), value in zip(bounds, values, strict=True)],
    }
    told = [f"95 %: {low:.4g} to {high:.4g}" if high > low else "" for low, high in bounds]
    points = {
        **_points(values, names, told, f"%{{y}}: %{{x:{NUMBER}}}<br>%{{text}}"),
        "mode": "markers",
        "marker": {"color": FOUND, "size": 12, "symbol": "diamond"},
        "error_x": {**reach, "type": "data", "symmetric": False, "color": FOUND, "thickness": 3, "width": 7},
    }
    axes = {
        "xaxis": {"title": {"text": _SCORE}, "zeroline": False, "range": _range([value for pair in bounds for value in pair])},
        "yaxis": {"type": "category", "autorange": "reversed", "automargin": True, "showgrid": False, "ticks": ""},
        "shapes": [_line("x", 0, SPARSE), _line("x", 1, HUMAN)],
        "annotations": [_named("x", 0, "sparse", SPARSE), _named("x", 1, "human", HUMAN)],
    }
    return {"data": [points], "layout": {"height": 110 + 34 * len(shown), **axes}}


def correlations(rows: Sequence[Mapping[str, Any]]) -> Figure | None:
    """A numbered point for each task that has both figures, the highest score first; None where fewer than two have them.

    Names: `correlation_key`.
    """
    shown = [row for row in rows if row["human_normalised"]["score"] is not None and row["correlation"]["score"] is not None]
    if len(shown) < 2:
        return None
    shown.sort(key=lambda row: row["human_normalised"]["score"], reverse=True)
    x, y = ([row[figure]["score"] for row in shown] for figure in ("correlation", "human_normalised"))
    names = [one_line(row["task"]) for row in shown]
    numbers = [str(number) for number in range(1, len(names) + 1)]  # names would lie over one another, on a phone above all
    points = {
        **_points(x, y, numbers, f"%{{customdata}}<br>correlation %{{x:{NUMBER}}}, score %{{y:{NUMBER}}}"),
        "customdata": names,
        "mode": "markers+text",
        "textposition": "middle right",
        "marker": {"color": FOUND, "size": 11},
        "cliponaxis": False,
    }
    axes = {
        "xaxis": {"title": {"text": "correlation with the human reward"}, "range": [-_EDGE, _EDGE], "zeroline": True},
        "yaxis": {"title": {"text": _SCORE}, "zeroline": False, "range": _range(y)},
        "shapes": [_line("y", 1, HUMAN)],
        "annotations": [_named("y", 1, "human", HUMAN)],
    }
    return {"data": [points], "layout": {"height": 440, **axes}}


def correlation_key(figure: Figure | None) -> list[str]:
    """Which task each number of that plot is: `1 acrobot`."""
    drawn = figure["data"] if figure is not None else []
    return [f"{number}\u00a0{name}" for points in drawn for number, name in zip(points["text"], points["customdata"], strict=True)]


def _range(values: Sequence[float]) -> list[float]:
    """Of an axis that shows these, 0 and 1, with some room."""
    low, high = min(0.0, *values), max(1.0, *values)
    return [low - 0.04 * (high - low), high + 0.04 * (high - low)]


def _points(x: Sequence[Any], y: Sequence[Any], text: Sequence[str], told: str) -> Figure:
    shown = {"showlegend": False, "hovertemplate": f"{told}<extra></extra>"}
    return {"type": "scatter", "x": list(x), "y": list(y), "text": list(text), **shown}


def _line(axis: str, at: float, colour: str) -> Figure:
    """Through the whole plot, where the value on `axis` is `at`."""
    other = "y" if axis == "x" else "x"
    ends = {f"{axis}0": at, f"{axis}1": at, f"{other}0": 0, f"{other}1": 1, f"{other}ref": "paper"}
    return {"type": "line", "layer": "below", "line": {"color": colour, "width": 2, "dash": "dot"}, **ends}


def _named(axis: str, at: float, name: str, colour: str) -> Figure:
    """The name of that line, at its end."""
    above = {"x": at, "y": 1, "yref": "paper", "yanchor": "bottom"}
    beside = {"x": 0, "xref": "paper", "xanchor": "left", "y": at, "yanchor": "bottom"}
    return {"text": name, "showarrow": False, "font": {"color": colour}, **(above if axis == "x" else beside)}
