"""The final evaluation: a point per seed and reward, and the interquartile mean with its interval where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from eureka.report.plots.common import NUMBER, Figure, fitness_title
from eureka.types import Fitness


class Entry(NamedTuple):
    """One reward of the final evaluation: what to call it, its colour, and what `summary["final"]` has of it."""

    name: str
    colour: str
    measured: dict[str, Any]


def final(fitness: Fitness, entries: Sequence[Entry]) -> Figure:
    """A row for each entry, the first on top."""
    data = [trace for entry in entries for trace in _row(entry)]
    axes = {
        "xaxis": {"title": fitness_title(fitness, "fitness on fresh episodes"), "zeroline": False},
        "yaxis": {"type": "category", "autorange": "reversed", "automargin": True, "showgrid": False, "ticks": ""},
    }
    return {"data": data, "layout": {"height": 90 + 50 * len(entries), **axes}}


def _row(entry: Entry) -> list[Figure]:
    seeds = [value for value in entry.measured["seeds"] if value is not None]
    if not seeds:
        return []
    middle, interval = entry.measured["iqm"], entry.measured["interval"]
    told = f"interquartile mean %{{x:{NUMBER}}}" + (f"<br>95 %: {interval[0]:.4g} to {interval[1]:.4g}" if interval else "")
    mark: Figure = {"color": entry.colour, "size": 13, "symbol": "diamond"}
    value = {"mode": "markers+text", "text": [f"{middle:.4g}"], "textposition": "top center", "cliponaxis": False}
    bar: Figure = {}
    if interval:
        reach = {"array": [interval[1] - middle], "arrayminus": [middle - interval[0]], "symmetric": False, "type": "data"}
        bar = {"error_x": {**reach, "color": entry.colour, "thickness": 3, "width": 8}}
    return [
        _marks(entry.name, seeds, {"color": entry.colour, "size": 9, "opacity": 0.4}, f"one seed: %{{x:{NUMBER}}}"),
        {**_marks(entry.name, [middle], mark, told), **value, **bar},
    ]


def _marks(name: str, x: Sequence[float], marker: Figure, told: str) -> Figure:
    shown = {"showlegend": False, "hovertemplate": f"{told}<extra></extra>"}
    return {"type": "scatter", "mode": "markers", "x": list(x), "y": [name] * len(x), "marker": marker, **shown}
