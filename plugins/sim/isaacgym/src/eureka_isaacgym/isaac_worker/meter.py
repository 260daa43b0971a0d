"""What a training is measured by: the task's own metric where episodes end, beside what Eureka's release logs of it."""

from __future__ import annotations

from typing import Any, Dict, List

from .faults import RewardFault, Usage

FOLDS = ("last", "mean", "max")


def check_metric(value: str, fold: str, env: Any) -> None:
    """Raise Usage where the task logs no such number and has no such tensor, with those it has; call it after the first step."""
    if fold not in FOLDS:
        raise Usage("fitness.fold: {} is not {}, which sim isaacgym has.".format(fold, ", ".join(FOLDS)))
    if _read(value, env) is None:
        there = sorted(name for name in set(env.extras) | {"successes"} if _read(name, env) is not None)
        raise Usage("fitness.value: the task {} has no {}; it has: {}.".format(type(env).__name__, value, ", ".join(there) or "none"))


def _read(value: str, env: Any) -> Any:
    """A number for all rows, or a tensor with one for each; None where there is none."""
    import torch

    found = env.extras.get(value, getattr(env, value, None))
    if isinstance(found, (int, float)):
        return torch.tensor(float(found), device=env.device)
    if isinstance(found, torch.Tensor) and found.numel() in (1, env.num_envs):
        return found.detach().float().reshape(-1) if found.numel() > 1 else found.detach().float().reshape(())
    return None


class Meter:
    """Sums on the device at every step; numbers leave it once an epoch, and once a checkpoint."""

    def __init__(self, env: Any, value: str, fold: str) -> None:
        import torch

        self._torch = torch
        self._env, self._value, self._fold = env, value, fold
        self._age = torch.zeros(env.num_envs, device=env.device)
        self._epoch: Dict[str, Any] = {}
        self._window: Dict[str, Any] = {}

    def step(self, dones: Any) -> None:
        """Count a step that was made. dones: (N,), nonzero where it ended an episode."""
        env = self._env
        ended = dones.to(env.device).reshape(-1) != 0
        self._age += 1
        metric = _read(self._value, env)
        values = {"ended": ended.sum().float(), "steps": self._torch.ones((), device=env.device)}
        values["metric"] = metric.mean()
        values["metric_at_end"] = (metric.expand(env.num_envs) * ended).sum()
        values["length"] = (self._age * ended).sum()
        values["reward total"] = env.rew_buf.mean()
        for name, term in getattr(env, "rew_dict", {}).items():
            values["reward " + name] = term.float().mean()
        if "gt_reward" in env.extras:
            values["gt_reward"] = env.extras["gt_reward"].detach().float()
        for sums in (self._epoch, self._window):
            for name, value in values.items():
                sums[name] = sums[name] + value if name in sums else value.clone()
            highest = sums.get("highest")
            sums["highest"] = values["metric"] if highest is None else self._torch.maximum(highest, values["metric"])
        self._age *= ~ended

    def epoch(self) -> Dict[str, Any]:
        """What was measured since it was last asked. `logged`: the task's own numbers at the last step; the release selects by these."""
        numbers = self._taken(self._epoch)
        scalars = {name: value for name, value in self._env.extras.items() if getattr(value, "numel", lambda: 0)() == 1}
        numbers["logged"] = {name: float(value) for name, value in scalars.items()}
        return numbers

    @property
    def ready(self) -> bool:
        """Whether `checkpoint` can tell a fitness: one that is known at an episode's end needs one that has ended."""
        return self._fold != "last" or bool(self._window and float(self._window["ended"]) > 0)

    def checkpoint(self) -> Dict[str, Any]:
        """fitness, length and components since it was last asked; only when `ready`."""
        numbers = self._taken(self._window)
        fitness = numbers[{"last": "at_end", "mean": "mean", "max": "max"}[self._fold]]
        if fitness != fitness or fitness in (float("inf"), float("-inf")):
            raise RewardFault("fitness", "the task's {} is not finite: the policy drove the simulator out of bounds".format(self._value))
        return {"fitness": fitness, "length": numbers["length"], "components": numbers["components"]}

    def _taken(self, sums: Dict[str, Any]) -> Dict[str, Any]:
        numbers = {name: float(value) for name, value in sums.items()}
        sums.clear()
        steps, ended = numbers["steps"], numbers["ended"]
        terms = {name[7:]: value / steps for name, value in numbers.items() if name.startswith("reward ")}
        return {
            "episodes": int(ended),
            "at_end": numbers["metric_at_end"] / ended if ended else None,
            "mean": numbers["metric"] / steps,
            "max": numbers["highest"],
            "length": numbers["length"] / ended if ended else float(self._age.mean()),
            "gt_reward": numbers["gt_reward"] / steps if "gt_reward" in numbers else None,
            "components": terms,
        }


def pearson(first: List[float], second: List[float]) -> float | None:
    """Pearson's correlation of two series of one length; None where one of them is constant."""
    count = len(first)
    if count < 2:
        return None
    means = sum(first) / count, sum(second) / count
    centred = [[x - mean for x in series] for series, mean in zip((first, second), means)]
    spread = [sum(x * x for x in series) for series in centred]
    if min(spread) <= 0.0:
        return None
    return float(sum(x * y for x, y in zip(*centred)) / (spread[0] * spread[1]) ** 0.5)
