"""One figure from several rounds, and what is told on the way."""

from __future__ import annotations

import sys
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


def ratio(over: Sequence[float], under: Sequence[float]) -> Figure:
    """How many times as much, round by round: what drifts with the machine meets both."""
    return figure([a / b for a, b in zip(over, under, strict=True)], "x")


def progress(words: str) -> None:
    """Say on the terminal what is measured now."""
    print(f"  … {words}", file=sys.stderr, flush=True)
