"""What the plots share. A colour stands for the same in all of them and can be told from light and from dark; the page adds the rest."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from eureka.builtin.outside_text import one_line
from eureka.task_types import Fitness

Figure = dict[str, Any]

FOUND, HUMAN, SPARSE, QUIET = "#1f9d8b", "#e08a3c", "#8a90a6", "#9aa1b2"
STARTED, START = "#4a7fb5", "#8c6bb1"
REWARDS = {"best": ("The found reward", FOUND), "human": ("The human reward", HUMAN), "fitness": ("The fitness as reward", SPARSE)}
STATUSES = {
    "trained": FOUND,
    "pruned": "#6fa8dc",
    "rejected": "#d1495b",
    "failed": "#b5367f",
    "lost": "#b0a08a",
    "waiting": "#c3c7d1",
}
OTHERS = ("#5b8def", "#c2a83e", "#b5367f", "#6fa8dc", "#d1495b", "#7a9e4f")
NUMBER = ".4~g"
LEGEND = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}


def columns(summary: dict[str, Any]) -> dict[tuple[int, int], str]:
    """The iterations in order, each with what it is called: counted from 1 as on the terminal, `2·1` where there are restarts."""
    places = [(row["restart"], row["index"]) for row in summary["iterations"]]
    several = len({restart for restart, _ in places}) > 1
    return {(restart, index): f"{restart + 1}·{index + 1}" if several else f"{index + 1}" for restart, index in places}


def iteration_axis(summary: dict[str, Any]) -> Figure:
    """An x axis on which iteration k of `columns` is at k, counted from 1."""
    names = list(columns(summary).values())
    title = "restart · iteration" if any("·" in name for name in names) else "iteration"
    ticks = {"tickvals": list(range(1, len(names) + 1)), "ticktext": names}
    return {**ticks, "range": [0.5, len(names) + 0.5], "title": {"text": title}, "zeroline": False}


def fitness_title(fitness: Fitness, name: str = "fitness") -> Figure:
    """An axis' title, as `fitness (m/s, less is better)`. Plotly reads markup in it, so the unit comes escaped."""
    told = ", ".join(filter(None, [escape(one_line(fitness.unit or ""), quote=False), "less is better" * (fitness.goal == "minimize")]))
    return {"text": f"{name} ({told})" if told else name}


def line(x: Sequence[Any], y: Sequence[Any], colour: str) -> Figure:
    """A curve."""
    drawn = {"line": {"color": colour, "width": 2}, "marker": {"color": colour, "size": 5}, "showlegend": False}
    told = {"hovertemplate": f"%{{y:{NUMBER}}}<extra></extra>"}
    return {"type": "scatter", "mode": "lines", "x": list(x), "y": list(y), **drawn, **told}


def points(x: Sequence[float], y: Sequence[Any], ids: Sequence[str], status: str, unit: str = "") -> Figure:
    """Candidates of one status; the page opens the one whose id is clicked. unit: what follows their fitness."""
    marker = {"color": STATUSES[status], "size": 9, "opacity": 0.85}
    told = {
        "name": status,
        "hovertemplate": f"%{{customdata}}: {status}<br>fitness %{{y:{NUMBER}}}{escape(unit, quote=False)}<extra></extra>",
    }
    return {"type": "scatter", "mode": "markers", "x": list(x), "y": list(y), "customdata": list(ids), "marker": marker, **told}
