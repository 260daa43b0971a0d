"""How trainings went: fitness of several over their steps, and everything that was measured of the best candidate's."""

from __future__ import annotations

from typing import NamedTuple

from eureka.report.plots.common import FOUND, HUMAN, LEGEND, OTHERS, REWARDS, SPARSE, Figure, fitness_title, line
from eureka.report.reading import Reported
from eureka.report.words import unit_of


class Measured(NamedTuple):
    """A small plot. name: text from outside where it is a component of the reward."""

    name: str
    is_component: bool
    figure: Figure


def learning(run: Reported) -> Figure | None:
    """Fitness while training: of the final evaluation's trainings, else of the best candidate's. None where nothing was measured."""
    curves = [curve for reward in REWARDS for curve in _final(run, reward)] or _of_search(run)
    x = {"title": {"text": "environment steps"}, "zeroline": False}
    y = {"title": fitness_title(run.state.task.fitness), "zeroline": False}
    return {"data": curves, "layout": {"height": 320, "legend": LEGEND, "xaxis": x, "yaxis": y}} if curves else None


def measured(run: Reported) -> list[Measured]:
    """The best candidate's training in the search: fitness, episode length, the reward and each of its components."""
    outcome = run.outcome(run.best.id) if run.best is not None else None
    points = run.checkpoints(outcome.dirs) if outcome is not None else []
    if not points:
        return []
    names = sorted(dict.fromkeys(name for point in points for name in point.components), key=lambda name: name != "total")
    curves = {name: [(point.steps, point.components[name]) for point in points if name in point.components] for name in names}
    return [
        Measured(f"fitness{unit_of(run.state.task.fitness)}", False, _small([(point.steps, point.fitness) for point in points], FOUND)),
        Measured("episode length", False, _small([(point.steps, point.length) for point in points], SPARSE)),
        *(Measured("the whole reward", False, _small(curve, HUMAN)) for name, curve in curves.items() if name == "total"),
        *(Measured(name, True, _small(curve, OTHERS[0])) for name, curve in curves.items() if name != "total"),
    ]


def _small(curve: list[tuple[int, float]], colour: str) -> Figure:
    drawn = {**line([x for x, _ in curve], [y for _, y in curve], colour), "mode": "lines+markers"}
    axes = {"xaxis": {"nticks": 4, "zeroline": False}, "yaxis": {"nticks": 4, "zeroline": False, "exponentformat": "e"}}
    return {"data": [drawn], "layout": {"height": 150, "margin": {"l": 48, "r": 10, "t": 8, "b": 26}, **axes}}


def _final(run: Reported, reward: str) -> list[Figure]:
    """A curve for each seed of one reward."""
    best = run.summary["final"]["id"] if run.summary["final"] is not None else None
    trainings: dict[str, list[str]] = {}
    for name in run.state.results:
        training = name.rpartition("/")[0]
        if best is not None and training.startswith(f"final/{best if reward == 'best' else reward}/"):
            trainings.setdefault(training, []).append(name)
    return _curves(run, reward, [tuple(folders) for folders in trainings.values()])


def _of_search(run: Reported) -> list[Figure]:
    trained = [phase[run.best.id] for phase in (run.state.outcomes, run.state.retests) if run.best is not None and run.best.id in phase]
    return _curves(run, "best", [outcome.dirs for outcome in trained])


def _curves(run: Reported, reward: str, trainings: list[tuple[str, ...]]) -> list[Figure]:
    name, colour = REWARDS[reward]
    every = [points for points in map(run.checkpoints, trainings) if points]
    drawn = [line([p.steps for p in points], [p.fitness for p in points], colour) for points in every]
    return [{**curve, "name": name, "legendgroup": name, "showlegend": not k, "opacity": 0.7} for k, curve in enumerate(drawn)]
