"""Trainings that depend on nothing a search finds are kept between runs: found again, whole, and only where all is the same."""

from __future__ import annotations

import os
import shutil
import sys
from types import SimpleNamespace

import pytest

from eureka.baselines import recall, remember
from eureka.config import load_config
from eureka.state import State
from eureka.training_plan import Training, segment_budget, spec_hash
from eureka.types import EnvContext, TrainResult

NEAR, SMALL = (getattr(sys.modules["tests.core.conftest"], name) for name in ("NEAR", "SMALL"))
TINY = {
    "search": {"iterations": 1, "samples": 1, "retest": 0},
    "training": {"steps": 40, "checkpoints": 2},
    "extensions": ["progress"],
}
HUMAN, SPARSE = (Training(f"{reward}.final0", reward, "", 7, f"final/{reward}/0") for reward in ("human", "fitness"))
BOTH = {HUMAN.id, SPARSE.id}


@pytest.fixture
def run(fake):
    """A run of one candidate with this answer; what its trainers trained for the final evaluation, and its summary."""
    (fake.folder / "human.py").write_text("def compute_reward(x):\n    return 1 - abs(x), {'x': x}\n")
    fake.settings["task"]["human"] = "human.py"

    def once(answer=NEAR, **changes):
        (fake.folder / "trained.log").unlink(missing_ok=True)
        shutil.rmtree(fake.run_dir, ignore_errors=True)
        fake.answers([[answer]])
        done = fake.run(**TINY | {"final": {"seeds": 1, "cache": True}} | changes)
        assert done.returncode == 0, done.stderr
        return {line.split(".final")[0] for line in fake.log("trained.log") if ".final" in line}, fake.summary(), done.stdout

    return once


def test_human_and_sparse_reward_are_trained_once_for_all_runs_of_a_task(fake, run):
    trained, first, _ = run()
    assert trained == {"r0i0s00", "human", "fitness"}
    trained, again, told = run()
    assert trained == {"r0i0s00"} and again == first  # environment steps, too: nothing depends on what lies in a cache
    assert "Final evaluation: 1 trainings on fresh seeds" in told
    assert all(r["training_intervals"] == [] for r in fake.journal("result") if r["trial"].startswith(("human", "fitness")))
    for folder in ("human", "fitness"):
        assert {path.name for path in (fake.run_dir / "final" / folder / "0" / "0").iterdir()} >= {"result.json", "checkpoint"}


@pytest.mark.slow
def test_what_the_numbers_depend_on_makes_another_entry_a_damaged_one_is_none_and_without_a_cache_nothing_is_kept(fake, run):
    kept, three = fake.folder / "cache" / "eureka" / "baselines", {"steps": 60, "checkpoints": 3, "segments": 3}
    run(final={"seeds": 1, "cache": False})
    assert not kept.exists()
    run(training=three)
    (fake.folder / "human.py").write_text("def compute_reward(x):\n    return 2 - abs(x), {'x': x}\n")
    assert run(training=three)[0] == {"r0i0s00", "human"} and len([*kept.iterdir()]) == 3
    for result in kept.glob("*/2/result.json"):
        result.write_text("{")
    trained, summary, _ = run(SMALL, training=three)
    assert trained == {"r0i0s00", "human", "fitness"}
    assert [summary["final"][reward]["failed"] for reward in ("best", "human", "fitness")] == [0, 0, 0]
    assert run(training=three)[0] == {"r0i0s00"}


@pytest.fixture
def directory(fake, monkeypatch):
    """A run's directory, its config and state as `recall` and `remember` take them. trained: with human and sparse reward, three segments
    each."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(fake.folder / "cache"))
    (fake.folder / "human.py").write_text("def compute_reward(x):\n    return x, {'x': x}\n")
    fake.settings["task"]["human"] = "human.py"
    context = EnvContext(task="point", description="", text="", variables=(), has_prev=(), max_episode_steps=10)

    def make(name, trained=False, **changes):
        config = load_config(str(fake.write(**{"training": {"segments": 3}, "final": {"cache": True}} | changes)))
        run = SimpleNamespace(dir=fake.folder / name, config=config, state=State(fake.folder / name, config.task, [context]))
        for trial in [training.trial(segment) for training in (HUMAN, SPARSE) for segment in range(3) if trained]:
            spec = spec_hash(config, trial, segment_budget(config, context, int(trial.dir[-1])))
            result = TrainResult(trial=trial.id, dir=trial.dir, spec=spec, status="ok")
            (run.dir / trial.dir / "checkpoint").mkdir(parents=True)
            (run.dir / trial.dir / "checkpoint" / "gain").write_text("1.0")
            (run.dir / trial.dir / "result.json").write_text(result.model_dump_json())
            run.state.apply(result)
        return run

    return make


def taken(run):
    """What is recalled; every training that is lies in the run's directory whole, and of the others nothing does."""
    known = recall(run, (HUMAN, SPARSE))
    for training in (HUMAN, SPARSE):
        files = {str(path.relative_to(run.dir / training.dir)) for path in (run.dir / training.dir).rglob("*") if path.is_file()}
        assert files == (
            {f"{k}/{name}" for k in range(3) for name in ("result.json", "checkpoint/gain")} if training.id in known else set()
        )
        assert (run.dir / training.dir).exists() == (training.id in known)
        assert not [*(run.dir / training.dir).parent.glob("*.part")]
    return known


@pytest.mark.parametrize("name", ["2/result.json", "1/checkpoint/gain", "sums.json"])
@pytest.mark.parametrize("damage", [lambda path: path.write_text(""), lambda path: path.unlink()], ids=["emptied", "gone"])
def test_of_an_entry_damaged_anywhere_nothing_is_taken_and_the_next_training_replaces_it(fake, directory, name, damage):
    trained = directory("trained", trained=True)
    remember(trained, (HUMAN, SPARSE))
    assert taken(directory("whole")) == BOTH
    damaged = [*(fake.folder / "cache" / "eureka" / "baselines").glob(f"*/{name}")]
    for path in damaged:
        damage(path)
    assert len(damaged) == 2 and taken(directory("damaged")) == set()
    remember(trained, (HUMAN, SPARSE))
    assert taken(directory("mended")) == BOTH


def test_of_an_entry_that_another_run_drops_while_it_is_copied_nothing_is_taken(directory, monkeypatch):
    remember(directory("trained", trained=True), (HUMAN, SPARSE))
    copyfile = shutil.copyfile

    def dropped(source, target):
        copyfile(source, target)
        shutil.rmtree(source.parents[1] if source.parent.name.isdecimal() else source.parents[2], ignore_errors=True)

    monkeypatch.setattr(shutil, "copyfile", dropped)
    assert taken(directory("next")) == set()


def test_a_cache_that_may_not_be_written_is_read_and_one_that_cannot_be_read_is_none(fake, directory, monkeypatch):
    trained = directory("trained", trained=True)
    remember(trained, (HUMAN, SPARSE))

    def refused(*arguments, **named):
        raise PermissionError("not yours")

    with monkeypatch.context() as patch:
        patch.setattr(os, "utime", refused)
        assert taken(directory("read only")) == BOTH
    monkeypatch.setenv("XDG_CACHE_HOME", f"/{'a' * 300}")  # no such name can be looked at
    assert taken(directory("unreadable")) == set()
    remember(trained, (HUMAN, SPARSE))


def test_what_a_search_begins_from_is_nothing_to_them_nor_the_human_reward_to_the_fitness(fake, directory):
    remember(directory("trained", trained=True), (HUMAN, SPARSE))
    (fake.folder / "mine.py").write_text("def compute_reward(x):\n    return -x, {'x': x}\n")
    assert taken(directory("from mine", search={"initial_reward": "mine.py"})) == BOTH
    (fake.folder / "human.py").write_text("def compute_reward(x):\n    return 2 * x, {'x': x}\n")
    assert taken(directory("another human")) == {SPARSE.id}
