"""What a training is measured by."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from eureka_isaacgym.isaac_worker.faults import RewardFault, Usage
from eureka_isaacgym.isaac_worker.meter import Meter, check_metric, pearson

torch = pytest.importorskip("torch")


def env(**extras: Any) -> SimpleNamespace:
    """Two rows."""
    buffers = {"num_envs": 2, "device": "cpu", "rew_buf": torch.tensor([1.0, 3.0]), "rew_dict": {"up": torch.tensor([0.0, 1.0])}}
    return SimpleNamespace(**buffers, successes=torch.zeros(2), extras={"gt_reward": torch.tensor(2.0), **extras})


def dones(*rows: int) -> Any:
    return torch.tensor(rows)


def test_a_metric_at_episodes_ends_is_the_mean_over_those_that_ended_not_over_steps() -> None:
    task = env(length=torch.tensor(0.0))
    meter = Meter(task, "length", "last")
    for ended, value in ((dones(0, 0), 0.0), (dones(1, 0), 10.0), (dones(0, 0), 0.0), (dones(1, 1), 40.0)):
        task.extras["length"] = torch.tensor(value)
        meter.step(ended)
    told = meter.checkpoint()
    assert told["fitness"] == pytest.approx((10 + 40 + 40) / 3)
    assert told["length"] == pytest.approx((2 + 2 + 4) / 3)
    assert told["components"] == {"total": 2.0, "up": 0.5}


def test_both_what_is_measured_and_what_the_release_logs_are_recorded() -> None:
    task = env(speed=torch.tensor(1.0))
    meter = Meter(task, "speed", "mean")
    meter.step(dones(0, 0))
    task.extras["speed"] = torch.tensor(5.0)
    meter.step(dones(0, 0))
    epoch = meter.epoch()
    assert (epoch["mean"], epoch["max"], epoch["logged"]["speed"], epoch["gt_reward"]) == (3.0, 5.0, 5.0, 2.0)
    assert epoch["at_end"] is None


def test_what_is_known_at_an_episodes_end_waits_for_one() -> None:
    task = env()
    meter = Meter(task, "successes", "last")
    task.successes = torch.tensor([1.0, 0.0])
    meter.step(dones(0, 0))
    assert not meter.ready and Meter(task, "successes", "mean").ready
    meter.step(dones(1, 1))
    assert meter.ready and meter.checkpoint()["fitness"] == 0.5
    meter.step(dones(0, 0))
    assert not meter.ready


def test_a_fitness_that_is_not_finite_fails_the_training() -> None:
    meter = Meter(env(speed=torch.tensor(float("nan"))), "speed", "mean")
    meter.step(dones(0, 0))
    with pytest.raises(RewardFault, match="not finite"):
        meter.checkpoint()


def test_a_metric_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(Usage, match=r"has no speed; it has: gt_reward, successes\."):
        check_metric("speed", "mean", env())
    with pytest.raises(Usage, match=r"fitness.fold: any is not last, mean, max"):
        check_metric("gt_reward", "any", env())


def test_correlation_is_pearsons_and_none_of_a_constant() -> None:
    assert pearson([1.0, 2.0, 3.0], [2.0, 4.0, 7.0]) == pytest.approx(0.9933992)
    assert pearson([1.0, 1.0], [2.0, 3.0]) is None
