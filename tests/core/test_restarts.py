"""Restarts are searches of their own: none knows of another, and the best reward of all is kept."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from eureka.choice import best
from eureka.config import load_config
from eureka.state import State
from eureka.summary import summarize
from eureka.types import Candidate, Outcome


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A finished run of two restarts of two iterations of one reward."""
    made = sys.modules["tests.core.conftest"].Fake(tmp_path_factory.mktemp("template"))
    search = {"restarts": 2, "samples": 1, "retest": 1}
    done = made.run(search=search, training={"steps": 20}, final={"seeds": 0})
    assert done.returncode == 0, done.stderr
    return made


def test_a_restart_begins_from_nothing_and_its_parents_are_its_own(template):
    asked = {(r["restart"], r["iteration"]): r["messages"] for r in template.journal("asked")}
    assert list(asked) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert asked[0, 0] == asked[1, 0] and asked[0, 1] != asked[1, 1]
    assert {c["id"]: c["parents"] for c in template.journal("candidate")} == {
        "r0i0s00": [], "r0i1s00": ["r0i0s00"], "r1i0s00": [], "r1i1s00": ["r1i0s00"]
    }  # fmt: skip


def test_the_same_program_is_trained_on_a_seed_of_each_restart(template):
    fitness = {r["candidate"]: r["fitness"] for r in template.journal("outcome") if r["phase"] == "search"}
    codes = {c["id"]: c["code"] for c in template.journal("candidate")}
    assert codes["r0i0s00"] == codes["r1i0s00"] and fitness["r0i0s00"] != fitness["r1i0s00"]


def test_each_restart_has_a_best_so_far_of_its_own_and_the_best_of_all_is_kept(fake):
    config = load_config(str(fake.write()))
    records = []
    for restart, iteration, fitness in ((0, 0, -3.0), (0, 1, -2.0), (1, 0, -4.0), (1, 1, -1.0)):
        id_ = f"r{restart}i{iteration}s00"
        records.append(Candidate(id=id_, restart=restart, iteration=iteration, sample=0, code="", sha256=id_))
        records.append(Outcome(candidate=id_, status="ok", fitness=fitness, mean_fitness=fitness))
    state = State(Path(), config.task, records)
    assert [row["best_so_far"] for row in summarize(state)["iterations"]] == [-3.0, -2.0, -4.0, -1.0]
    assert best(state).candidate.id == "r1i1s00"


@pytest.mark.slow
@pytest.mark.parametrize("last", ["r0i1s00", "r1i0s00", "r1i1s00"])
def test_a_host_that_died_in_any_restart_leaves_the_rest_to_the_next_and_it_ends_the_same(fake, template, last):
    shutil.copytree(template.run_dir, fake.run_dir)
    lines = (fake.run_dir / "journal.jsonl").read_text().splitlines(keepends=True)
    cut = next(n for n, line in enumerate(lines) if '"kind":"verdict"' in line and last in line)
    (fake.run_dir / "journal.jsonl").write_text("".join(lines[:cut]))
    for folder in (fake.run_dir / "candidates").iterdir():
        if folder.name >= last:
            shutil.rmtree(folder)
    assert fake.eureka("resume", fake.run_dir).returncode == 0
    assert fake.summary() == template.summary()
