"""Before any success: parents are the candidates whose policies went furthest in some direction."""

from __future__ import annotations

import numpy as np

from eureka_symbolic.data import Array, Episodes
from eureka_symbolic.draw import Rng
from eureka_symbolic.population import Group
from eureka_symbolic.space import Space


class RecordHolders:
    """Per candidate the .05 and .95 quantiles, mean and mean last value of every signal; a parent holds one extreme."""

    def __init__(self, space: Space, episodes: Episodes, groups: list[Group]) -> None:
        self.groups = {g.id: g for g in groups if g.program is not None}
        self.owners = [i for i, id in enumerate(episodes.ids) if id in self.groups]
        self.ids = [episodes.ids[i] for i in self.owners]
        columns = [episodes.columns[s.key] for s in space.signals]
        self.table = np.array([_statistics(episodes, i)[:, columns] for i in self.owners])

    def draw(self, rng: Rng) -> Group | None:
        """The holder of a random record; None where nothing was recorded of any program."""
        if not self.ids:
            return None
        _, statistics, signals = self.table.shape
        column = self.table[:, int(rng.integers(statistics)), int(rng.integers(signals))] * rng.choice([-1.0, 1.0])
        return self.groups[self.ids[int(column.argmax())]]


def _statistics(episodes: Episodes, owner: int) -> Array:
    mine = np.flatnonzero(episodes.owner == owner)
    last = episodes.start[mine] + episodes.count[mine] - 1
    states = episodes.states[episodes.start[mine[0]] : last[-1] + 1]
    return np.stack([*np.quantile(states, [0.05, 0.95], axis=0), states.mean(axis=0), episodes.states[last].mean(axis=0)])
