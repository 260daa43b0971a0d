"""One figure from several rounds."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TypedDict


class Figure(TypedDict):
    """Median and spread over rounds."""

    median: float
    min: float
    max: float
    rounds: int
    unit: str


def figure(values: Sequence[float], unit: str) -> Figure:
    """The figure of these rounds."""
    return Figure(median=median(values), min=min(values), max=max(values), rounds=len(values), unit=unit)
