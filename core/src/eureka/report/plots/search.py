"""The search at a glance: every candidate's fitness by iteration, the best so far, and the execute rate below."""

from __future__ import annotations

from collections.abc import Sequence

from eureka.report.plots.common import FOUND, HUMAN, LEGEND, QUIET, STATUSES, Figure, columns, fitness_title, iteration_axis, line, points
from eureka.report.reading import Reported
from eureka.report.rows import Row
from eureka.report.words import unit_of

_SPREAD = 0.6
"""How much of an iteration's width its candidates take: by sample, so that equal fitnesses lie side by side."""


def search(run: Reported, rows: Sequence[Row]) -> Figure:
    """Three plots above each other on one axis; the middle one, for candidates without a fitness, only where there are any."""
    place = {key: number for number, key in enumerate(columns(run.summary), 1)}
    lost = any(row.fitness is None for row in rows)
    data = [*_human(run, place), *_best_so_far(run, place), *_candidates(run, rows, place), _rates(run, place)]
    strip = {"yaxis3": {"domain": [0.26, 0.34], "showgrid": False, "showticklabels": False, "zeroline": False}} if lost else {}
    rate = {"domain": [0, 0.2], "range": [0, 1.05], "tickformat": ".0%", "tickvals": [0, 1], "title": {"text": "execute rate"}}
    fitness = {"domain": [0.4 if lost else 0.3, 1], "title": fitness_title(run.state.task.fitness), "zeroline": False}
    axes = {"xaxis": {**iteration_axis(run.summary), "anchor": "y2"}, "yaxis": fitness, "yaxis2": rate, **strip}
    return {"data": data, "layout": {"height": 430, "legend": LEGEND, **axes}}


def _human(run: Reported, place: dict[tuple[int, int], int]) -> list[Figure]:
    """Where the human reward's trainings came to in the final evaluation, by the same measure: the best checkpoint's fitness."""
    final = run.summary["final"]
    if final is None or (level := final["human"]["best_checkpoint_mean"]) is None:
        return []
    shown = {"name": "the human reward's trainings, mean", "showlegend": True, "line": {"color": HUMAN, "width": 2, "dash": "dot"}}
    return [{**line([0.5, len(place) + 0.5], [level, level], HUMAN), **shown}]


def _best_so_far(run: Reported, place: dict[tuple[int, int], int]) -> list[Figure]:
    curves = []
    for restart in sorted({restart for restart, _ in place}):
        mine = [row for row in run.summary["iterations"] if row["restart"] == restart]
        curve = line([place[restart, row["index"]] for row in mine], [row["best_so_far"] for row in mine], FOUND)
        steps = {"shape": "hv", "width": 2, "color": FOUND}
        curves.append({**curve, "name": "best so far", "legendgroup": "best", "showlegend": restart == 0, "line": steps})
    return curves


def _candidates(run: Reported, rows: Sequence[Row], place: dict[tuple[int, int], int]) -> list[Figure]:
    samples = max((row.sample for row in rows), default=0) + 1
    found = []
    for status in STATUSES:
        mine = [row for row in rows if row.status == status]
        if mine:
            x = [place[r.restart, r.iteration] + ((r.sample + 0.5) / samples - 0.5) * _SPREAD for r in mine]
            if all(row.fitness is None for row in mine):
                there = points(x, [0] * len(mine), [row.id for row in mine], status)
                found.append({**there, "yaxis": "y3", "hovertemplate": f"%{{customdata}}: {status}<extra></extra>"})
            else:
                found.append(points(x, [row.fitness for row in mine], [row.id for row in mine], status, unit_of(run.state.task.fitness)))
    return found


def _rates(run: Reported, place: dict[tuple[int, int], int]) -> Figure:
    every = run.summary["iterations"]
    x, y = [place[row["restart"], row["index"]] for row in every], [row["execute_rate"] for row in every]
    told = {"hovertemplate": "%{y:.0%} of its candidates trained<extra></extra>", "showlegend": False}
    return {"type": "bar", "x": x, "y": y, "yaxis": "y2", "width": _SPREAD, "marker": {"color": QUIET, "opacity": 0.5}, **told}
