"""The checkout's settings, put together for fewer environments than it says."""

from __future__ import annotations

from typing import Any

import pytest

from eureka_isaacgym.isaac_worker.checkout import find_task
from eureka_isaacgym.isaac_worker.learning import check_batch
from eureka_isaacgym.isaac_worker.settings import compose

from .conftest import TREE

pytest.importorskip("omegaconf")


def composed(divided: int, **trainer: Any) -> dict[str, Any]:
    files = find_task(str(TREE), "Cartpole")
    given = {"num_envs": None, "num_envs_divided": divided, "device": "cpu", "params": {}, **trainer}
    return compose(files, {"overrides": {}}, given, seed=0)


def test_the_checkouts_environments_are_divided_and_minibatches_still_divide_an_epoch() -> None:
    whole, half = composed(1), composed(2)
    assert half["task"]["env"]["numEnvs"] == whole["task"]["env"]["numEnvs"] // 2 == half["train"]["params"]["config"]["num_actors"]
    check_batch(half)
    central = {"config": {"minibatch_size": 48, "central_value_config": {"minibatch_size": 96}}}
    quarter = composed(4, num_envs=12, params={"config": {**central["config"], "horizon_length": 16}})
    assert quarter["task"]["env"]["numEnvs"] == 3
    check_batch(quarter)
    assert quarter["train"]["params"]["config"]["central_value_config"]["minibatch_size"] == 48


def test_two_environments_are_left_at_least() -> None:
    assert composed(4, num_envs=4)["task"]["env"]["numEnvs"] == 2
