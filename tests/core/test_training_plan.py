"""What a result is a result of."""

from __future__ import annotations

import json

from eureka.config import load_config
from eureka.training_plan import spec_hash
from eureka.types import Budget, Trial

TRIAL = Trial(id="r0i0s00", reward="human", code="", seed=1, dir="final/human/0")
BUDGET = Budget(start=0, end=10, total=10, checkpoints=1, episodes=2)


def test_the_fitness_is_part_of_what_determines_a_number_and_its_unit_is_not(fake):
    def of(**fitness):
        return spec_hash(load_config(str(fake.write(task={"fitness": {"value": "x", "fold": "mean", **fitness}}))), TRIAL, BUDGET)

    plain = of()
    assert of(unit="m/s") == plain != of(goal="minimize")
    kept = load_config(str(fake.write(task={"fitness": {"value": "x", "unit": "m/s"}})))
    assert kept.task.fitness.unit == "m/s" and json.loads(kept.model_dump_json())["task"]["fitness"]["unit"] == "m/s"
