"""rl_games' linear schedule, begun later than the training."""

from __future__ import annotations

from typing import Any

from rl_games.common.schedulers import LinearScheduler, RLScheduler


class LaterScheduler(RLScheduler):  # type: ignore[misc]
    """Falls from epoch `begin` to where `schedule` ends."""

    def __init__(self, schedule: LinearScheduler, begin: int) -> None:
        self._schedule = schedule
        self._begin = begin
        schedule.max_steps = max(schedule.max_steps - begin, 1)

    def update(self, current_lr: float, entropy_coef: float, epoch: int, frames: int, kl_dist: float, **kwargs: Any) -> tuple[float, float]:
        """The learning rate and the weight of the entropy bonus of this epoch."""
        found: tuple[float, float] = self._schedule.update(current_lr, entropy_coef, epoch - self._begin, frames, kl_dist, **kwargs)
        return found
