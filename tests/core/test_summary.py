"""What a run came to: money, and which model wrote what. Nothing is reckoned with anew for every record of a long journal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from eureka.config import load_config
from eureka.search import all_written
from eureka.spending import reached
from eureka.state import State
from eureka.summary import summarize
from eureka.types import Asked, Candidate, Completion, EnvContext, Fault, Message, Outcome, Session, TrainResult, Verdict

PRICED = Path(__file__).parent / "fakes" / "priced.py"
PLACE = {"restart": 0, "iteration": 0}
CONTEXT = EnvContext(task="point", description="", text="", variables=(), has_prev=(), max_episode_steps=10)


@pytest.fixture
def config(fake):
    return load_config(str(fake.write()))


def asked(*samples: int, attempt: int = 0, **place: int) -> Asked:
    message = Message(role="user", content="word " * 10)
    return Asked(**{**PLACE, **place}, samples=samples, attempt=attempt, messages=(message,), max_tokens=90, max_cost_usd=0.5, time=0)


def answer(sample: int, model: str, cost: float | None, attempt: int = 0, **place: int) -> Completion:
    told = {"provider": "acme", "model": model, "input_tokens": 100, "cached_input_tokens": 60, "output_tokens": 7, "cost_usd": cost}
    return Completion(**{**PLACE, **place}, sample=sample, attempt=attempt, text="", **told, started=0, ended=1)


def written(sample: int, fitness: float | None, attempt: int = 0, **place: int):
    """A candidate, its verdict and what came of it; fitness None: rejected."""
    at = {**PLACE, **place}
    id_ = f"r0i{at['iteration']}s{sample:02}"
    yield Candidate(id=id_, **at, sample=sample, code="", sha256=f"{id_}-{attempt}", attempt=attempt)
    yield Verdict(candidate=id_, accepted=fitness is not None, attempt=attempt)
    if fitness is not None:
        folder = f"candidates/{id_}/training/0"
        yield TrainResult(trial=id_, dir=folder, spec="", status="ok", steps=200, reached=200, training_intervals=((0, 1),))
        yield Outcome(candidate=id_, status="ok", fitness=fitness, mean_fitness=fitness, dirs=(folder,))


def test_each_model_is_told_by_what_it_wrote_what_became_of_it_and_what_it_took(config):
    records = [
        asked(0, 1, 2, 3),
        answer(0, "m-1", 0.1),
        answer(1, "m-2", None),
        answer(2, "m-1", 0.2),
        Fault(**PLACE, samples=(3,), message="away", billed=True, time=0),
        *written(0, -0.5),
        *written(1, -0.1),
        *written(2, None),
        asked(2, attempt=1),
        answer(2, "m-2", 0.4, attempt=1),
        *written(2, -0.3, attempt=1),
    ]
    summary = summarize(State(Path(), config.task, [CONTEXT, *records]))
    tokens = {"input": 200, "cached_input": 120, "output": 14}
    common = {"provider": "acme", "tokens": tokens, "answers": 2}
    first, second = summary["models"]
    assert {**first, "cost_usd": round(first["cost_usd"], 9)} == {
        **common, "model": "m-1", "accepted": 1, "trained": 1, "best": -0.5, "cost_usd": 0.3, "unpriced_answers": 0
    }  # fmt: skip
    assert second == {**common, "model": "m-2", "accepted": 2, "trained": 2, "best": -0.1, "cost_usd": 0.4, "unpriced_answers": 1}
    assert summary["cost_usd"] == pytest.approx(0.7) and summary["unpriced_answers"] == 1 and summary["faults"] == 1
    assert summary["unanswered_at_most_usd"] == 0.5 and summary["tokens"]["unanswered_at_most"] == 90
    assert summary["tokens"]["input"] == 400 and summary["tokens"]["cached_input"] == 240 and summary["llm_calls"] == 5


def test_where_no_model_was_asked_there_is_none_to_tell_of(config):
    own = Completion(**PLACE, sample=0, text="", provider="symbolic", started=0, ended=1)
    summary = summarize(State(Path(), config.task, [CONTEXT, own, *written(0, -0.5)]))
    assert summary["models"] == [] and summary["cost_usd"] == 0 and summary["llm_calls"] == 0


def test_two_models_are_compared_at_the_end_of_a_run(fake):
    fake.settings.pop("llm")
    base = {"use": f"{PRICED}:PricedLLM", "answers": str(fake.folder / "answers.json"), "max_tokens": 600}
    members = [{**base, "model": "m-1", "price": {"input": 1, "output": 10}}, {**base, "model": "m-2"}]
    done = fake.run(llm={"use": "ensemble", "members": members}, search={"retest": 0}, final={"seeds": 0})
    assert done.returncode == 0, done.stderr
    models = fake.summary()["models"]
    assert [row["model"] for row in models] == ["m-1", "m-2"] and sum(row["answers"] for row in models) == 6
    assert sum(row["accepted"] for row in models) == fake.summary()["candidates"]["accepted"] == sum(row["trained"] for row in models)
    rows = {row["model"]: row for row in models}
    unpriced = rows["m-2"]["unpriced_answers"]
    assert rows["m-1"]["cost_usd"] == pytest.approx(0.003 * rows["m-1"]["answers"]) and unpriced == rows["m-2"]["answers"] > 0
    lines = done.stdout.splitlines()
    table = [line.split() for line in lines[next(n for n, line in enumerate(lines) if "accepted" in line and "trained" in line) :]]
    assert [row[:3] for row in table[1:3]] == [["acme", name, str(rows[name]["answers"])] for name in ("m-1", "m-2")]
    known = f"${0.003 * (6 - unpriced):.2g}"
    assert f"6 answers of a model, 6,000 tokens read and 1,200 written, {known} and {unpriced} answers of unknown price" in lines


def long_journal(iterations: int):
    """16 samples an iteration, each asked for by itself."""
    yield CONTEXT
    yield Session(event="started", time=0)
    for iteration in range(iterations):
        for sample in range(16):
            yield asked(sample, iteration=iteration)
            yield answer(sample, "m-1", 0.1, iteration=iteration)
            yield from written(sample, -sample / 100, iteration=iteration)


def work(config, iterations: int) -> int:
    """How many calls are made from a journal's records to the first thing that is left to do, and for the summary."""
    records, calls = list(long_journal(iterations)), 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    run = config.model_copy(update={"search": config.search.model_copy(update={"iterations": iterations, "samples": 16})})
    sys.setprofile(count)
    try:
        state = State(Path(), run.task, records)
        assert all_written(run, state)
        reached(run, state)
        summarize(state)
    finally:
        sys.setprofile(None)
    return calls


def test_twice_the_journal_is_twice_the_work(config):
    once, twice = work(config, 32), work(config, 64)  # the latter of 1,024 answers
    assert twice < 2.2 * once
