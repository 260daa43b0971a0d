"""A trial's numbers depend on its reward, seed, environment, budget and start, never on who trains beside it (DESIGN, section 3)."""

from __future__ import annotations

import sys

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")

ALL = {"normalize_observations": True, "normalize_rewards": True, "learning_rate_schedule": "linear", "clip_range_schedule": "linear"}
SIMS = [{"actions": "discrete"}, {"actions": "multi-discrete"}, {"actions": "box"}, {"actions": "unbounded"}]


def numbers(trained):
    return {id_: t.numbers for id_, t in trained.items()}


@pytest.mark.parametrize("sim", SIMS, ids=lambda sim: sim["actions"])
def test_a_trial_is_the_same_alone_among_others_in_any_order_and_beside_a_failing_one(lab, rewards, sim):
    ids = ("near", "far", "square")
    alone = {id_: lab.train({id_: rewards[id_]}, sim=sim, **ALL)[id_].numbers for id_ in ids}
    together = lab.train({id_: rewards[id_] for id_ in ids}, sim=sim, **ALL)
    beside = lab.train({id_: rewards[id_] for id_ in ("square", "fails", "near", "no number", "far")}, sim=sim, **ALL)
    assert numbers(together) == alone
    assert {id_: beside[id_].numbers for id_ in ids} == alone
    assert len({n[3] for n in alone.values()}) == 3  # these are three trainings indeed
    assert beside["fails"].result.status == beside["no number"].result.status == "failed"
    assert (beside["fails"].result.reached, beside["no number"].result.reached) == (192, 64)


def test_the_seed_and_nothing_else_decides_a_training(lab, rewards):
    first, again, other = (lab.train({"a": rewards["near"]}, seed=seed)["a"].numbers for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("options", [{}, ALL], ids=["plain", "all options"])
def test_segments_with_cohorts_dealt_anew_equal_the_training_in_one_piece(lab, rewards, cartpole, options):
    ids, kept = ("near", "far", "square"), {"task": cartpole, "total": 769, **options}
    whole = {id_: lab.train({id_: rewards[id_]}, end=768, **kept)[id_].numbers for id_ in ids[:2]}
    lab.train({id_: rewards[id_] for id_ in ids}, end=250, **kept)  # job 3, trains to 256
    lab.train({"far": rewards["far"]}, start=250, end=500, after={"far": 3}, **kept)
    lab.train({"square": rewards["square"], "near": rewards["near"]}, start=250, end=500, after={"square": 3, "near": 3}, **kept)
    last = lab.train({"near": rewards["near"], "far": rewards["far"]}, start=500, end=768, after={"near": 5, "far": 4}, **kept)
    for id_ in ids[:2]:
        assert last[id_].state == whole[id_][-1]
        parts = [lab.directory(job, id_) for job in (3, 5 if id_ == "near" else 4, 6)]
        fitness = [line for part in parts for line in fitness_of(part)]
        assert fitness == fitness_of(lab.directory(1 + ids.index(id_), id_))


def fitness_of(directory):
    """Steps, fitness and length of every checkpoint. (The components' means begin anew with a segment.)"""
    from eureka.types import TrainResult

    result = TrainResult.model_validate_json((directory / "result.json").read_bytes())
    return [(checkpoint.steps, checkpoint.fitness, checkpoint.length) for checkpoint in result.checkpoints]


def test_where_the_simulator_cannot_save_a_segment_starts_new_episodes_and_all_else_goes_on(lab, rewards):
    sim, kept = {"saves": False}, {"total": 513, **ALL}
    whole = lab.train({"a": rewards["near"]}, sim=sim, end=512, **kept)["a"]
    first = lab.train({"a": rewards["near"], "b": rewards["far"]}, sim=sim, end=256, **kept)
    again = [
        lab.train(dict.fromkeys(ids, rewards["near"]), sim=sim, start=256, end=512, after=dict.fromkeys(ids, 2), **kept)["a"]
        for ids in (("a",), ("a",))
    ]
    other = lab.train({"b": rewards["far"], "a": rewards["near"]}, sim=sim, start=256, end=512, after={"a": 2, "b": 2}, **kept)["a"]
    assert again[0].numbers == again[1].numbers == other.numbers
    assert again[0].state != whole.state and again[0].result.steps == 256
    # On the same new episodes a fresh network comes out differently: the saved one was gone on with.
    from safetensors.numpy import load

    before, after = load(first["a"].state)["parameters"], load(again[0].state)["parameters"]
    assert 0 < np.linalg.norm(after - before) < 0.5 * np.linalg.norm(before)
