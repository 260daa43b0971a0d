"""Who was made from whom: a column per iteration, the fittest on top; the best one's ancestors stand out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from eureka.report.plots.common import FOUND, LEGEND, QUIET, STATUSES, Figure, columns, iteration_axis, points
from eureka.report.reading import Reported
from eureka.report.rows import Row
from eureka.report.words import unit_of


def family(run: Reported, rows: Sequence[Row]) -> Figure | None:
    """None where no candidate has parents, as in a run of one iteration."""
    if not any(row.parents for row in rows):
        return None
    at = _places(run, rows)
    line = _ancestors({row.id: row for row in rows}, run.best.id if run.best is not None else None)
    data = [
        _edges(rows, at, lambda child: child not in line, {"color": QUIET, "width": 1}),
        _edges(rows, at, lambda child: child in line, {"color": FOUND, "width": 3}),
    ]
    unit = escape(unit_of(run.state.task.fitness), quote=False)
    for status in STATUSES:
        mine = [row for row in rows if row.status == status]
        if mine:
            shown = points([at[r.id][0] for r in mine], [at[r.id][1] for r in mine], [r.id for r in mine], status)
            shown["marker"] = {**shown["marker"], "opacity": 1, "size": [14 if r.id in line else 8 for r in mine]}
            told = ["" if r.fitness is None else f"<br>fitness {r.fitness:.4g}{unit}" for r in mine]
            data.append({**shown, "text": told, "hovertemplate": f"%{{customdata}}: {status}%{{text}}<extra></extra>"})
    deepest = max(-y for _, y in at.values())
    axes: dict[str, Any] = {"xaxis": {**iteration_axis(run.summary), "showgrid": False}, "yaxis": {"visible": False}}
    return {"data": data, "layout": {"height": max(220, 120 + 16 * deepest), "legend": LEGEND, **axes}}


def _places(run: Reported, rows: Sequence[Row]) -> dict[str, tuple[int, int]]:
    """Column and minus the rank in it, by id."""
    score = run.state.task.fitness.score
    at = {}
    for x, key in enumerate(columns(run.summary), 1):
        column = [row for row in rows if (row.restart, row.iteration) == key]
        column.sort(key=lambda row: (run.best is None or row.id != run.best.id, -score(row.fitness), row.status != "trained"))
        at.update({row.id: (x, -y) for y, row in enumerate(column, 1)})
    return at


def _ancestors(by_id: dict[str, Row], best: str | None) -> set[str]:
    """The best one, those it was made from, those these were made from, and so on."""
    line, left = set[str](), [best] if best is not None else []
    while left:
        line.add(one := left.pop())
        left += [parent for parent in by_id[one].parents if parent in by_id and parent not in line]
    return line


def _edges(rows: Sequence[Row], at: dict[str, tuple[int, int]], wanted: Callable[[str], bool], drawn: Figure) -> Figure:
    x: list[int | None] = []
    y: list[int | None] = []
    for row in rows:
        for parent in row.parents:
            if wanted(row.id) and parent in at:
                x += [at[parent][0], at[row.id][0], None]
                y += [at[parent][1], at[row.id][1], None]
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": drawn, "hoverinfo": "skip", "showlegend": False, "opacity": 0.7}
