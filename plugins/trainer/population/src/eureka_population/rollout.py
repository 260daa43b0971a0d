"""What a cohort saw and did between two updates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eureka_population.actor import Actors
from eureka_population.network import Floats


@dataclass(frozen=True, slots=True)
class TrialRollout:
    """One trial's share, of T steps of N rows.

    seen: float32 (T + 1, N, d), what the networks saw, and see next. actions: float32 (T, N, h). log_probabilities: float32 (T, N).
    ends: bool (T, N). cut_at: (C, 2), step and row of each truncated episode; cut: float32 (C, d), what its final state looks like.
    """

    seen: Floats
    actions: Floats
    log_probabilities: Floats
    ends: NDArray[np.bool_]
    cut_at: NDArray[np.int64]
    cut: Floats


class Rollout:
    """The cohort's buffers: K trials of T steps of N rows. now: float32 (K, N, d), what the networks see of the present state."""

    def __init__(self, trials: int, steps: int, rows: int, inputs: int, width: int) -> None:
        self._seen = np.zeros((trials, steps + 1, rows, inputs), np.float32)
        self._actions = np.zeros((trials, steps, rows, width), np.float32)
        self._log_probabilities = np.zeros((trials, steps, rows), np.float32)
        self._ends = np.zeros((trials, steps, rows), np.bool_)
        self._noise = np.zeros((steps, trials, rows, width), np.float32)
        self._action = np.zeros((trials, rows, width), np.float32)
        self._log_probability = np.zeros((trials, rows), np.float32)
        self.now = np.zeros((trials, rows, inputs), np.float32)
        self._t = 0

    def begin(self, going: NDArray[np.int64], noise: dict[int, Floats]) -> None:
        """Start anew. noise: (T, N, h) for each trial that goes on, what its actions are drawn with."""
        for k in going.tolist():
            self._noise[:, k] = noise[k]
        self._cuts: dict[int, list[tuple[int, int, Floats]]] = {k: [] for k in going.tolist()}
        self._t = 0

    def act(self, actors: Actors, going: NDArray[np.int64]) -> None:
        """Draw the next actions."""
        self._seen[:, self._t] = self.now
        actors.act(going, self.now, self._noise[self._t], False, self._action, self._log_probability)

    def flat_actions(self) -> Floats:
        """The actions just drawn, (K·N, h)."""
        return self._action.reshape(-1, self._action.shape[2])

    def store(self, t: int, ends: NDArray[np.bool_]) -> None:
        """Keep what was done. ends: (K·N,), whose episode ended with it."""
        self._actions[:, t] = self._action
        self._log_probabilities[:, t] = self._log_probability
        self._ends[:, t] = ends.reshape(self._ends.shape[0], -1)
        self._t = t + 1

    def cut(self, t: int, rows: NDArray[np.int64], actors: Actors, final: NDArray[np.float64]) -> None:
        """Rows (of all K·N) whose episode was truncated, and the final observations (C, d) there."""
        n = self.now.shape[1]
        s = actors.statistics
        for row, observation in zip(rows.tolist(), final, strict=True):
            k = row // n
            if actors.scale:
                observation = np.clip((observation - s.mean[k]) / np.sqrt(s.variance[k] + 1e-8), -10.0, 10.0)
            self._cuts[k].append((t, row % n, observation.astype(np.float32)))

    def end(self) -> None:
        """Keep the state that the last step reached."""
        self._seen[:, self._t] = self.now

    def of(self, trial: int) -> TrialRollout:
        """One trial's share, as views."""
        cuts = self._cuts[trial]
        return TrialRollout(
            self._seen[trial],
            self._actions[trial],
            self._log_probabilities[trial],
            self._ends[trial],
            np.array([(t, row) for t, row, _ in cuts], np.int64).reshape(-1, 2),
            np.array([observation for *_, observation in cuts], np.float32).reshape(-1, self.now.shape[2]),
        )
