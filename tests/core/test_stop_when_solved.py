"""A search may end before its last iteration, because the task is solved."""

from __future__ import annotations

from pathlib import Path

import pytest

from eureka.config import load_config
from eureka.search import solved_in_words
from eureka.state import State
from eureka.types import Candidate, EnvContext, Outcome

STOP = "search.stop_when_solved"
CONTEXT = EnvContext(task="point", description="", text="", variables=(), has_prev=(), max_episode_steps=10)


@pytest.fixture
def config(fake):
    """Two restarts of three iterations; solved at a fitness of 10."""
    fake.settings["task"]["fitness"]["solved"] = 10.0
    return load_config(str(fake.write(search={"restarts": 2, "iterations": 3, "stop_when_solved": True})))


def trained(id_: str, fitness: float | None, phase: str = "search", program: str = ""):
    """A candidate and what came of it. fitness None: it failed."""
    restart, iteration, sample = (int(id_[place]) for place in (1, 3, 6))
    candidate = Candidate(id=id_, restart=restart, iteration=iteration, sample=sample, code="", sha256=program or id_)
    return candidate, Outcome(
        candidate=id_, status="ok" if fitness is not None else "failed", fitness=fitness, mean_fitness=fitness, phase=phase
    )


def said(config, restart, iteration, *records):
    return solved_in_words(
        config, State(Path(), config.task, [CONTEXT, *(record for some in records for record in some)]), restart, iteration
    )


def test_it_says_which_reward_solved_the_task_and_where_the_search_ended(config):
    assert said(config, 0, 1, trained("r0i0s00", 3.0), trained("r0i1s00", 12.5)) == (
        "solved: r0i1s00 has fitness 12.5, and task.fitness.solved is 10; the search ended in restart 1 of 2, iteration 2 of 3 "
        "(search.stop_when_solved)"
    )


def test_it_goes_on_while_nothing_reached_it_and_where_the_setting_is_off(config):
    assert said(config, 0, 0, trained("r0i0s00", 9.9), trained("r0i0s01", None)) == ""
    off = config.model_copy(update={"search": config.search.model_copy(update={"stop_when_solved": False})})
    assert said(off, 0, 0, trained("r0i0s00", 10.0)) == ""
    assert said(config, 0, 0, trained("r0i0s00", 10.0)) != ""


def test_at_its_end_a_search_has_nothing_to_say(config):
    assert said(config, 1, 2, trained("r1i2s00", 12.0)) == ""
    assert said(config, 0, 2, trained("r0i2s00", 12.0)) != ""  # another restart would follow


def test_less_may_be_better(config):
    fewer = config.task.model_copy(update={"fitness": config.task.fitness.model_copy(update={"goal": "minimize"})})
    fewer = config.model_copy(update={"task": fewer})
    assert said(fewer, 0, 0, trained("r0i0s00", 11.0)) == ""
    assert said(fewer, 0, 0, trained("r0i0s00", 9.0)) != ""


def test_a_resume_stops_where_the_run_did_whatever_a_longer_search_or_the_retest_has_added(config):
    """What trained later, and the second training of a program, must not end the search sooner or later than then."""
    records = [trained("r0i0s00", 3.0, program="a"), trained("r0i1s00", 12.0, program="b"), trained("r0i2s00", 1.0, program="b")]
    assert said(config, 0, 0, *records) == ""
    assert said(config, 0, 1, *records) != ""  # after the third iteration the mean of "b" is 6.5
    assert said(config, 0, 2, *records) == ""
    assert said(config, 0, 1, *records[:2], trained("r0i1s00", 2.0, "retest", program="b")) != ""


def test_a_solved_search_ends_with_its_iteration_and_goes_on_as_if_it_had_never_stopped(fake):
    fake.settings["task"]["fitness"]["solved"] = -1000.0  # whatever trains
    stopped = fake.run("--set", f"{STOP}=true", search={"samples": 2, "retest": 1}, training={"steps": 20}, final={"seeds": 0})
    assert stopped.returncode == 0, stopped.stderr
    assert "Ends early: with the iteration in which a reward reaches a fitness of -1000" in stopped.stdout
    assert "the search ended in iteration 1 of 2" in stopped.stdout
    assert f"Go on with: eureka resume {fake.run_dir} --set {STOP}=false" in stopped.stdout
    assert len(fake.summary()["iterations"]) == 1 and fake.journal("outcome")[-1]["phase"] == "retest"
    on = fake.eureka("resume", fake.run_dir, "--set", f"{STOP}=false")
    assert on.returncode == 0 and f"({STOP})" not in on.stdout

    fake.settings["task"]["fitness"]["solved"] = 1000.0
    longer = fake.eureka("run", fake.write(), "--set", f"{STOP}=true", "--run-dir", fake.folder / "longer")
    assert longer.returncode == 0 and f"({STOP})" not in longer.stdout
    extended, never = fake.summary(), fake.summary(fake.folder / "longer")
    assert extended["iterations"] == never["iterations"] and len(never["iterations"]) == 2
