"""Rewards as a trial gets them: the same from its own batch and from its rows of a cohort's."""

from __future__ import annotations

import numpy as np
import pytest

from eureka.contracts import build_manager
from eureka.types import Task, Trial
from eureka.worker.recorder import Recorded
from eureka.worker.reward_sources import open_source

TASK = Task.model_validate(
    {"name": "point", "description": "", "sim": "point", "variables": {}, "fitness": {"value": "native"}, "human": "native"}
)


@pytest.mark.parametrize("reward", ["human", "fitness"])
def test_the_sum_of_a_trials_rewards_does_not_depend_on_the_batch_its_rows_are_in(reward):
    rng = np.random.default_rng(0)
    native, sparse = rng.standard_normal((2, 2048, 16 * 16))
    ends = np.zeros(native.shape, np.bool_)
    batch = Recorded({}, native, native, sparse, ends, ends)
    source = open_source(Trial(id="t", reward=reward, seed=0, dir=""), type("Job", (), {"task": TASK}), build_manager({}), None, None)
    for k in range(16):
        rows = slice(16 * k, 16 * k + 16)
        alone = Recorded({}, *(np.ascontiguousarray(array[:, rows]) for array in (native, native, sparse, ends, ends)))
        assert source.compute(batch.rows(rows))[0].sum() == source.compute(alone)[0].sum()
