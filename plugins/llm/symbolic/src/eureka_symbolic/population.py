"""Earlier programs, ranked over all the seeds each was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eureka.history import Entry, History
from eureka_symbolic.code import component_names, parse
from eureka_symbolic.data import Episodes
from eureka_symbolic.draw import Rng
from eureka_symbolic.grammar import Program
from eureka_symbolic.space import Space


@dataclass(frozen=True, slots=True)
class Group:
    """Identical programs over training seeds. program: None where something else than this generator wrote the code.

    score: larger is better. loudness: per term of the program, the mean |component| per step; empty where not recorded.
    """

    id: str
    code: str
    program: Program | None
    score: float
    loudness: tuple[float, ...] = ()


def rank(history: History, space: Space) -> list[Group]:
    """Every group with a fitness, best first.

    A score is (Σ (best + mean checkpoint) + m) / (n + 1), with m the mean of (best + mean checkpoint) over all
    candidates: one lucky seed counts less than several good ones. Only scores are compared, so any scale of fitness will do.
    Trainings that a pruner ended count only where a program has no other.
    """
    members: dict[str, list[Entry]] = {}
    values: dict[str, float] = {}
    for entry in history.trained():
        best, mean = history.rank(entry)
        value = best + (mean if np.isfinite(mean) else best)
        if np.isfinite(value):
            members.setdefault(entry.candidate.sha256, []).append(entry)
            values[entry.id] = value
    if not values:
        return []
    middle = float(np.mean(list(values.values())))
    groups = []
    for same in members.values():
        candidate = same[0].candidate
        whole = [entry for entry in same if entry.outcome is not None and entry.outcome.pruned_at is None] or same
        program = parse(candidate.code)
        if program is not None and not (space.allows(program) and space.varies(program)):
            program = None
        score = (sum(values[e.id] for e in whole) + middle) / (len(whole) + 1)
        groups.append(Group(candidate.id, candidate.code, program, score, _loudness(same[0], program)))
    return sorted(groups, key=lambda g: -g.score)


def best_quarter(groups: list[Group]) -> list[Group]:
    """Those that may be parents: the best quarter, at least four, of the groups with a program."""
    able = [g for g in groups if g.program is not None]
    return able[: max(4, len(able) // 4)]


def tournament(rng: Rng, parents: list[Group]) -> Group:
    """The best of three drawn at random; `parents` are best first."""
    return parents[int(rng.integers(len(parents), size=3).min())]


def progress(history: History, episodes: Episodes) -> bool:
    """Whether fitness tells anything yet: some episode of some checkpoint was better than the worst, or the task is solved.

    While every policy gets the same (0 in a task with a goal, the time limit in one that counts steps) there is nothing to
    regress on. One rule for all folds, since it only asks whether numbers differ. The candidates' own fitness is looked at
    too, for runs that record no episodes.
    """
    scores = [float(s) for s in episodes.score]
    scores += [s for entry in history.trained() for s in history.rank(entry) if np.isfinite(s)]
    if not scores:
        return False
    worst, best = min(scores), max(scores)
    solved = history.task.fitness.solved
    return best - worst > 1e-9 * max(1.0, abs(worst)) or (solved is not None and best >= history.task.fitness.score(solved))


def _loudness(entry: Entry, program: Program | None) -> tuple[float, ...]:
    checkpoints = [c.components for result in entry.results for c in result.checkpoints if c.components]
    if program is None or not checkpoints:
        return ()
    return tuple(float(np.mean([abs(c.get(name, 0.0)) for c in checkpoints])) for name in component_names(program))
