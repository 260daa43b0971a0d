"""Small plots as points of SVG lines, in a box that the page stretches; their ranges are words beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from eureka.builtin.outside_text import one_line
from eureka.builtin.progress_lines import number

WIDTH, HEIGHT = 300.0, 100.0
_MARGIN = 6.0
_MOST = 400
"""Points of a line; of longer ones every n-th is drawn."""


@dataclass(frozen=True, slots=True)
class Plot:
    """lines: for each its `points` attribute. low, high: ends of the y axis. start, end: of the x axis."""

    name: str
    lines: tuple[str, ...]
    low: str
    high: str
    start: str
    end: str


Line = tuple[Sequence[float], Sequence[float]]
"""The x and y of its points."""


def plot(name: str, lines: Sequence[Line], unit: str = "", like: Sequence[Line] = ()) -> Plot | None:
    """The plot of some lines; what is not finite is left out, and where nothing is left there is none.

    unit: of the x axis. like: further lines that the axes have room for, so that two plots beside each other have the same.
    """
    kept = [line for line in map(_finite, lines) if line]
    every = [point for line in [*kept, *map(_finite, like)] for point in line]
    if not kept:
        return None
    x0, x1 = min(x for x, _ in every), max(x for x, _ in every)
    y0, y1 = min(y for _, y in every), max(y for _, y in every)

    def place(x: float, y: float) -> str:
        across = (x - x0) / (x1 - x0) if x1 > x0 else 0.5
        up = (y - y0) / (y1 - y0) if y1 > y0 else 0.5
        return f"{_MARGIN + across * (WIDTH - 2 * _MARGIN):.1f},{HEIGHT - _MARGIN - up * (HEIGHT - 2 * _MARGIN):.1f}"

    drawn = [line[:: math.ceil(len(line) / _MOST)] for line in kept]
    points = tuple(" ".join(place(x, y) for x, y in (line if len(line) > 1 else line * 2)) for line in drawn)
    return Plot(one_line(name, 80), points, number(y0), number(y1), f"{x0:,.0f}", f"{x1:,.0f}{f' {unit}' * bool(unit)}")


def _finite(line: Line) -> list[tuple[float, float]]:
    # Finite differences too, or the largest numbers there are would overflow in `place`.
    pairs = ((float(x), float(y)) for x, y in zip(*line, strict=True))
    return [(x, y) for x, y in pairs if math.isfinite(x) and abs(y) < 1e300]
