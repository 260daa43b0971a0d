"""Which program is the best."""

from __future__ import annotations

from pathlib import Path

import pytest

from eureka.choice import best, ranked
from eureka.config import load_config
from eureka.state import State
from eureka.types import Candidate, Outcome, RunHeader


@pytest.fixture
def chosen(fake):
    """The best of programs given as id → (fitness in the search, in the retest, if any)."""
    task = load_config(str(fake.write())).task

    def choose(retest: int | None, **programs: tuple[float, ...]):
        records: list = [RunHeader(format=1, eureka="0", task="point", seed=0, config_sha256="", retest=retest, time=0)]
        for id_, fitness in programs.items():
            place = {"restart": 0, "iteration": int(id_[3]), "sample": int(id_[5:])}
            records.append(Candidate(id=id_, **place, code="", sha256=id_))
            records += [
                Outcome(candidate=id_, status="ok", fitness=one, mean_fitness=one, phase=phase)
                for one, phase in zip(fitness, ("search", "retest"), strict=False)
            ]
        return best(State(Path(), task, records)).candidate.id

    return choose


def test_what_was_retested_comes_before_what_was_lucky_once(chosen):
    assert chosen(1, r0i0s00=(5.0, 3.0), r0i0s01=(4.9,)) == "r0i0s00"


def test_an_extended_run_chooses_among_those_a_longer_run_would_have_retested(chosen):
    """r0i0s00 was the first one's best and retested for that; the longer search has a better one, which was less lucky in its retest."""
    extended = {"r0i0s00": (5.0, 9.0), "r0i1s00": (8.0, 4.0)}
    assert chosen(1, **extended) == "r0i1s00"
    assert chosen(2, **extended) == chosen(None, **extended) == "r0i0s00"


def test_only_what_had_trained_by_an_iteration_is_ranked_where_that_is_asked(fake):
    task = load_config(str(fake.write())).task
    places = [(0, 1), (1, 0), (0, 0)]
    ids = [f"r{restart}i{iteration}s00" for restart, iteration in places]
    records: list = [Outcome(candidate=id_, status="ok", fitness=1.0, mean_fitness=1.0) for id_ in ids]
    records += [Candidate(id=i, restart=r, iteration=k, sample=0, code="", sha256=i) for i, (r, k) in zip(ids, places, strict=True)]
    state = State(Path(), task, records)
    assert [program.candidate.id for program in ranked(state, until=(0, 1))] == ["r0i0s00", "r0i1s00"]
    assert len(ranked(state)) == 3
