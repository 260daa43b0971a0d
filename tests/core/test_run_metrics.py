from __future__ import annotations

import pytest

from eureka.config import load_config, to_yaml
from eureka.final_types import Evaluation, FinalTraining
from eureka.run_metrics import Numbers, RunMetrics, Text
from eureka.types import (
    Asked,
    Candidate,
    CheckpointResult,
    Completion,
    Message,
    Outcome,
    Selection,
    Session,
    TrainResult,
    TrialError,
    Verdict,
)


@pytest.fixture
def metrics(fake):
    """Of a run of two samples an iteration."""

    def make(search=None, **fitness):
        task = {"task": {**fake.settings["task"], "fitness": {"value": "native", "fold": "mean", **fitness}}}
        config = load_config(str(fake.write(search={"samples": 2} | (search or {}), **task)))
        fake.run_dir.mkdir()
        (fake.run_dir / "config.yaml").write_text(to_yaml(config))
        return RunMetrics(fake.run_dir)

    return make


def id_of(iteration, sample):
    return f"r0i{iteration}s{sample:02}"


def written(iteration, sample, attempt=0, cost=0.5, tokens=10):
    place = {"restart": 0, "iteration": iteration, "sample": sample, "attempt": attempt}
    yield Completion(
        **place, text=f"</code> ``` {sample}", provider="p", input_tokens=tokens, output_tokens=1, cost_usd=cost, started=0, ended=1
    )
    yield Candidate(**place, id=id_of(iteration, sample), code=f"# {sample}", sha256=str(sample))


def trained(id_, fitness, folder=None, **status):
    points = tuple(
        CheckpointResult(index=k, steps=100 * k, fitness=fitness - 2 + k, length=7.0, components={"near": 0.5 * k, "total": 1.0 * k})
        for k in (1, 2)
    )
    yield TrainResult(trial=id_, dir=folder or f"candidates/{id_}/training/0", spec="s", status="ok", checkpoints=points, steps=200)


def decided(iteration, fitness=3.0):
    """One that trains and one that is rejected."""
    first, second = id_of(iteration, 0), id_of(iteration, 1)
    yield from written(iteration, 0)
    yield from written(iteration, 1)
    yield Verdict(candidate=first, accepted=True)
    yield Verdict(candidate=second, accepted=False, stage="static", code="import", message="no imports", line=3)
    yield from trained(first, fitness)
    yield Outcome(candidate=first, status="ok", fitness=fitness, mean_fitness=fitness, steps=200, dirs=(f"candidates/{first}/training/0",))


def numbers(metrics, records, series=None):
    items = [item for record in records for item in metrics.take(record)]
    return [i for i in items if isinstance(i, Numbers) and series in (None, i.series)]


def test_a_training_is_a_point_per_checkpoint_with_every_component(metrics):
    assert numbers(metrics(), decided(0), "r0i0s00") == [
        Numbers(
            "r0i0s00",
            "env_step",
            100 * k,
            {"fitness": 1.0 + k, "episode_length": 7.0, "reward/near": 0.5 * k, "reward/total": 1.0 * k},
        )
        for k in (1, 2)
    ]


def test_retests_and_final_trainings_are_curves_of_their_own(metrics):
    fold = metrics()
    records = [*trained("r0i0s00.retest", 1.0, "candidates/r0i0s00/retest/0"), *trained("human.final1", 2.0, "final/human/1/0")]
    assert {item.series for item in numbers(fold, records)} == {"r0i0s00.retest", "human.final1"}


@pytest.mark.parametrize(
    "later",
    [
        next(written(1, 0)),
        Selection(restart=0, iteration=0, parents=("r0i0s00",)),
        next(trained("r0i0s00.retest", 1.0, "candidates/r0i0s00/retest/0")),
        Session(event="ended", time=1.0),
    ],
    ids=lambda record: record.kind,
)
def test_an_iteration_is_a_point_once_something_later_begins(metrics, later):
    fold = metrics()
    assert numbers(fold, decided(0), "r0") == []
    values = {"best": 3.0, "best_so_far": 3.0, "execute_rate": 0.5, "execute_rate_first_try": 0.5}
    spent = {"input_tokens": 20, "output_tokens": 2, "cost_usd": 1.0}
    expected = {f"iteration/{name}": value for name, value in (values | spent).items()}
    assert numbers(fold, [later], "r0") == [Numbers("r0", "iteration", 0, expected)]
    assert numbers(fold, [later, Session(event="ended", time=2.0)], "r0") == []


def test_an_iteration_that_was_interrupted_is_no_point_until_it_is_decided(metrics):
    fold, records = metrics(), list(decided(0))
    stopped = [Session(event="interrupted", time=1.0), Session(event="ended", time=2.0)]
    for end in range(1, len(records)):
        assert numbers(fold if end == 1 else metrics_again(fold), [*records[:end], *stopped], "r0") == []
    [point] = numbers(metrics_again(fold), [*records, *stopped], "r0")
    assert point.step == 0


def metrics_again(fold):
    return RunMetrics(fold.state.run_dir)


def test_an_iteration_of_nothing_but_a_given_reward_is_a_point(metrics, fake):
    (fake.folder / "mine.py").write_text("def compute_reward(x):\n    return -abs(x), {'near': -abs(x)}\n")
    fold = metrics(search={"initial_reward": "mine.py"})
    given = [*written(0, 0), Verdict(candidate=id_of(0, 0), accepted=False, stage="smoke")]
    assert [point.step for point in numbers(fold, [*given, next(written(1, 0))], "r0")] == [0]


def test_an_iteration_with_an_answer_of_unknown_price_has_no_cost(metrics):
    records = [*written(0, 0), *written(0, 1, cost=None), *(Verdict(candidate=id_of(0, s), accepted=False, stage="smoke") for s in (0, 1))]
    [point] = numbers(metrics(), [*records, Session(event="ended", time=1.0)], "r0")
    assert "iteration/cost_usd" not in point.values and point.values["iteration/execute_rate"] == 0
    assert not {"iteration/best", "iteration/best_so_far"} & set(point.values)


@pytest.mark.parametrize(("goal", "so_far"), [("maximize", [3.0, 3.0, 5.0]), ("minimize", [3.0, 1.0, 1.0])])
def test_the_best_so_far_goes_the_way_the_task_says(metrics, goal, so_far):
    fold = metrics(goal=goal)
    points = [p for i, fitness in enumerate((3.0, 1.0, 5.0)) for p in numbers(fold, decided(i, fitness), "")]
    assert [point.values["search/best_so_far"] for point in points] == so_far
    assert [(point.axis, point.step, point.values["search/env_steps"]) for point in points] == [("trained", k, 200 * k) for k in (1, 2, 3)]


def texts(metrics, records):
    items = [item for record in records for item in metrics.take(record)]
    return {(i.series, i.name, i.step): i.text for i in items if isinstance(i, Text)}


def test_each_attempt_has_its_prompt_answer_program_and_verdict_as_they_came(metrics):
    ask = {"restart": 0, "iteration": 0, "messages": (Message(role="user", content="# be good"),), "time": 0}
    first = [
        Asked(**ask, samples=(0,)),
        *written(0, 0),
        Verdict(candidate="r0i0s00", accepted=False, stage="static", code="c", message="m"),
    ]
    again = [Asked(**ask, samples=(0,), attempt=1), *written(0, 0, attempt=1), Verdict(candidate="r0i0s00", accepted=True, attempt=1)]
    failed = Outcome(candidate="r0i0s00", status="failed", error=TrialError(code="error", message="boom", line=4))
    found = texts(metrics(), [*first, *again, failed])
    assert set(found) == {("r0i0s00", name, k) for name in ("prompt", "answer", "program", "verdict") for k in (0, 1)} | {
        ("r0i0s00", "outcome", 1)
    }
    assert "# be good" in found["r0i0s00", "prompt", 0]
    assert found["r0i0s00", "answer", 0] == "</code> ``` 0"
    assert found["r0i0s00", "verdict", 0] == "rejected (static: c)\n\nm"
    assert found["r0i0s00", "verdict", 1] == "accepted"
    assert found["r0i0s00", "outcome", 1] == "failed (error, line 4)\n\nboom"


def evaluation(best, human):
    rows = [FinalTraining(reward="best", seed=k, status="ok", best_checkpoint=1.0, fresh=best + k) for k in (0, 1)]
    return Evaluation(best="r0i0s00", trainings=(*rows, FinalTraining(reward="human", seed=0, status="failed", fresh=human)))


def test_the_final_evaluation_is_a_point_per_seed_and_a_table(metrics):
    fold = metrics()
    assert numbers(fold, [evaluation(0.5, None)]) == [
        Numbers("", "seed", 0, {"final/best": 0.5}),
        Numbers("", "seed", 1, {"final/best": 1.5}),
    ]
    [table] = texts(metrics_again(fold), [evaluation(0.5, None)]).values()
    assert "best: mean on fresh episodes 1 over 2 trainings" in table
    assert "human: mean on fresh episodes – over 0 trainings" in table


def test_the_evaluation_of_a_run_that_was_extended_does_not_mix_with_the_first(metrics):
    names = [name for point in numbers(metrics(), [evaluation(0.5, 0.1), evaluation(0.7, 0.1)]) for name in point.values]
    assert names == ["final/best", "final/human", "final/best", "final2/best", "final2/human", "final2/best"]


def test_the_next_best_candidates_of_the_final_evaluation_go_by_their_ids(metrics):
    trainings = tuple(FinalTraining(reward="other", candidate=id_, seed=0, status="ok", fresh=1.0) for id_ in ("r0i0s01", "r0i0s02"))
    [point] = numbers(metrics(), [Evaluation(best="r0i0s00", trainings=trainings)])
    assert point.values == {"final/r0i0s01": 1.0, "final/r0i0s02": 1.0}
