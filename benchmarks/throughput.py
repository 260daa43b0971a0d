"""Environment steps a second on one core, updates included: sixteen trials stepped as one batch, and raw stable-baselines3.

Both sides train PPO with the same hyper-parameters on one thread of the same core, an update of one and then an update of the other. The
cohort computes its rewards in confined processes, as in a search; stable-baselines3 takes the environment's own and pays for none.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from figures import Figure, figure, progress, ratio
from one_core import on_one_core
from ppo import BATCH, ROLLOUT, hyperparameters

TRIALS = 16


class Case(NamedTuple):
    """num_envs: rows of a trial, on both sides. updates: of one round."""

    task: str
    num_envs: int
    updates: int
    batch_size: int = BATCH

    @property
    def name(self) -> str:
        return f"{self.task}, {self.num_envs} environments" + (f", batch {self.batch_size}" if self.batch_size != BATCH else "")


_CLASSIC = ("cartpole", "acrobot", "pendulum", "mountain_car_continuous")
CASES = (
    *(Case(task, num_envs, 3) for task in _CLASSIC for num_envs in (4, 16)),
    Case("cartpole", 4, 1, batch_size=64),  # the library's own default
    *(Case("lunar_lander", num_envs, 1) for num_envs in (4, 16)),
    Case("half_cheetah", 16, 1),
    Case("ant", 16, 1),
)


def measure(rounds: int) -> dict[str, Figure]:
    """Steps a second of both sides, and the ratio round by round."""
    figures: dict[str, Figure] = {}
    for case in CASES:
        progress(case.name)
        seconds = _in_turn(case, rounds)
        steps = ROLLOUT * case.updates
        ours = [TRIALS * steps / spent for spent in seconds["ours"]]
        theirs = [steps / spent for spent in seconds["theirs"]]
        figures[f"{case.name}: cohort of {TRIALS}"] = figure(ours, "steps/s")
        figures[f"{case.name}: stable-baselines3"] = figure(theirs, "steps/s")
        figures[f"{case.name}: ratio"] = ratio(ours, theirs)
    return figures


def _in_turn(case: Case, rounds: int) -> dict[str, list[float]]:
    """Seconds of every round on both sides."""
    settings: dict[str, Any] = hyperparameters(case.num_envs, batch_size=case.batch_size)
    arguments = {"task": case.task, "trials": TRIALS, "updates": rounds * case.updates, "settings": settings}
    spent = on_one_core("in_turn.py", arguments)
    return {side: [sum(values[k : k + case.updates]) for k in range(0, len(values), case.updates)] for side, values in spent.items()}
