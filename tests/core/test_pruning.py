"""A whole search with successive halving: who trains how far, what is kept of the others, and what is said of it."""

from __future__ import annotations

import json
import sys

import pytest

from eureka.builtin.best import BestSelector
from eureka.choice import Program, ranked
from eureka.config import load_config
from eureka.journal import read_journal
from eureka.state import State
from eureka.types import Candidate, Outcome

FAR, NEAR, SMALL, answer = (getattr(sys.modules["tests.core.conftest"], name) for name in ("FAR", "NEAR", "SMALL", "answer"))
STILL = answer("still = -np.abs(action[:, 0])\n    return still, {'still': still}")
HALVING = {"pruner": "successive-halving", "training": {"segments": [0.25, 0.5]}}
SHORT = {"search": {"iterations": 1, "samples": 4, "retest": 0}, "final": {"seeds": 0}}


@pytest.fixture(scope="module")
def halved(tmp_path_factory):
    """One iteration of four different rewards, halved at 50 and 100 of 200 steps; and what it printed."""
    run = sys.modules["tests.core.conftest"].Fake(tmp_path_factory.mktemp("halved"))
    run.answers([[FAR, STILL, NEAR, SMALL]])
    done = run.run(**HALVING, **SHORT)
    assert done.returncode == 0, done.stderr
    return run, done.stdout


def test_half_stop_at_each_rung_with_what_they_had_reached(halved):
    run, _ = halved
    first, second = ([*record["kept"]] for record in run.journal("pruning"))
    assert (len(first), len(second)) == (2, 1) and set(second) < set(first)
    outcomes = {record["candidate"]: record for record in run.journal("outcome")}
    ends = {id_: 200 if id_ in second else 100 if id_ in first else 50 for id_ in outcomes}
    assert {id_: outcome["pruned_at"] or 200 for id_, outcome in outcomes.items()} == ends
    for id_, outcome in outcomes.items():
        points = [
            point
            for segment in range(len(outcome["dirs"]))
            for point in json.loads((run.run_dir / f"candidates/{id_}/training/{segment}/result.json").read_text())["checkpoints"]
        ]
        assert outcome["status"] == "ok" and outcome["fitness"] == max(point["fitness"] for point in points)
        assert points[-1]["index"] == {50: 3, 100: 5, 200: 10}[ends[id_]]  # the trainer's updates end at 60, 100 and 200 steps
    assert max(outcomes, key=lambda id_: outcomes[id_]["fitness"]) in first
    assert run.summary()["candidates"]["pruned"] == 3
    assert not list(run.run_dir.glob("**/state"))


def test_who_is_kept_has_the_numbers_of_a_training_that_was_never_cut(halved, fake):
    run, _ = halved
    fake.answers([[FAR, STILL, NEAR, SMALL]])
    assert fake.run(**SHORT).returncode == 0
    assert run.summary()["best"] == fake.summary()["best"]
    whole = {record["candidate"]: record for record in fake.journal("outcome")}
    kept = next(record for record in run.journal("outcome") if record["pruned_at"] is None)
    assert {**kept, "dirs": []} == {**whole[kept["candidate"]], "dirs": []}


def test_it_is_told_who_was_pruned_and_where_and_what_that_saves(halved):
    run, out = halved
    assert "about 400 of training (4 trainings of 200: 4 candidates; of 4 candidates train 2 beyond 25 %, 1 beyond 50 %)" in out
    pruned = {record["candidate"]: record["pruned_at"] for record in run.journal("outcome") if record["pruned_at"]}
    for id_, steps in pruned.items():
        assert f"{id_} pruned at {steps // 2} % of its training: fitness " in out
    assert "Iteration 1 of 1: 1 trained, 3 pruned; best " in out
    assert f"{run.summary()['env_steps']['training']:,} environment steps of training (3 rewards pruned before the end), " in out


@pytest.mark.slow
def test_answers_that_a_cap_put_off_are_compared_with_those_that_were_pruned_before(halved, fake):
    run, _ = halved
    fake.answers([[FAR, STILL, NEAR, SMALL]])
    assert fake.run(**HALVING, **SHORT, budget={"llm_calls": 2}).returncode == 0
    before = [record["kept"] for record in fake.journal("pruning")]
    done = fake.eureka("resume", fake.run_dir, "--set", "budget.llm_calls=null")
    assert done.returncode == 0, done.stderr
    after = [record["kept"] for record in fake.journal("pruning")[len(before) :]]
    first, _ = ([*record["kept"]] for record in run.journal("pruning"))
    assert {*first} - {"r0i0s00", "r0i0s01"} and {*after[0]} == {*before[0], *first}
    trained_on = {record["candidate"] for record in fake.journal("outcome") if record["pruned_at"] != 50}
    assert trained_on == {*after[0]}
    assert fake.eureka("resume", fake.run_dir).returncode == 0 and len(fake.journal("pruning")) == len(before) + len(after)


def test_identical_programs_are_one_at_a_rung_and_pruned_together(fake):
    fake.answers([[FAR, FAR, NEAR, NEAR]])
    assert fake.run(**HALVING, **SHORT).returncode == 0
    assert [record["kept"] for record in fake.journal("pruning")] == [["r0i0s02"], ["r0i0s02"]]
    assert {record["candidate"]: record["pruned_at"] for record in fake.journal("outcome")} == {
        "r0i0s00": 50,
        "r0i0s01": 50,
        "r0i0s02": None,
        "r0i0s03": None,
    }


def test_a_pruned_reward_does_not_outrank_a_whole_training_of_the_same_fitness(halved):
    """By the mean over its few checkpoints it could, when the whole one did worse at the end."""
    run, _ = halved
    config = load_config(str(run.config))
    state = State(run.run_dir, config.task, read_journal(run.run_dir / "journal.jsonl"))
    whole = next(outcome for outcome in state.outcomes.values() if outcome.pruned_at is None)
    for id_, outcome in state.outcomes.items():
        if outcome is not whole:
            state.outcomes[id_] = outcome.model_copy(update={"fitness": whole.fitness, "mean_fitness": 1.0})
    assert ranked(state)[0].candidate.id == whole.candidate
    assert BestSelector(BestSelector.Options()).eureka_select(state.history(0)) == (whole.candidate,)


def test_a_program_trained_to_the_end_is_not_measured_by_a_training_of_it_that_was_pruned():
    candidate = Candidate(id="r0i0s00", restart=0, iteration=0, sample=0, code="", sha256="")
    whole = Outcome(candidate="r0i0s00", status="ok", fitness=500.0, mean_fitness=450.0)
    pruned = Outcome(candidate="r0i1s00", status="ok", fitness=110.0, mean_fitness=60.0, pruned_at=50)
    both = Program(candidate, (whole, pruned), retested=False)
    assert (both.fitness, both.mean_fitness, both.whole) == (500.0, 450.0, True)
    assert Program(candidate, (pruned,), retested=False).fitness == 110.0
    assert Program(candidate, (whole, pruned, whole.model_copy(update={"fitness": 400.0})), retested=True).fitness == 450.0


@pytest.mark.parametrize(
    ("training", "expected"),
    [
        ({}, "decides at the end of each segment but the last, and a training has one; set training.segments, such as [0.25, 0.5], or pru"),
        (
            {"segments": [0.05, 0.5]},
            "the first segment ends (after 10 of 200 steps) before the first of training.checkpoints (10) is due; set training.segments",
        ),
    ],
)
def test_a_pruner_that_could_not_decide_is_refused_before_anything_is_spent(fake, training, expected):
    done = fake.run(pruner="successive-halving", training=training)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert 'pruner: "successive-halving" decides ' in done.stderr and expected in done.stderr
    assert not fake.run_dir.exists()
