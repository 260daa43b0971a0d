"""Runs of a task that declares no variables, through the command line: what becomes of the task, the run's directory, and the user."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from eureka.config import load_resolved

conftest = sys.modules["tests.core.conftest"]
DYING_HOST = f"{sys.executable}\0{Path(__file__).parent / 'fakes' / 'dying_host.py'}"
SCORE = conftest.answer("return score, {'score': score}", "score")
SMALL = {"search": {"iterations": 1, "samples": 2, "retest": 0}, "final": {"seeds": 0}}


def deriving(fake, sim="DerivingSim", **options):
    """Let the fake's task declare no variables. options: the simulator's."""
    fake.answers([[conftest.NEAR, SCORE]])
    fake.settings["task"] = {
        "name": "point",
        "description": "Go to zero.",
        "sim": {"use": f"{conftest.PARTS}:{sim}", **options},
        "fitness": {"value": "native"},
    }
    return fake


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A small run that ended, and what it printed."""
    fake = deriving(conftest.Fake(tmp_path_factory.mktemp("derived")))
    ended = fake.run(**SMALL)
    assert ended.returncode == 0, ended.stderr
    return fake, ended.stdout.splitlines()


def variables(run_dir):
    return {name: spec.source for name, spec in load_resolved(run_dir / "config.yaml").task.variables.items()}


def test_a_run_goes_on_with_the_variables_derived_and_writes_them_into_its_config(done):
    fake, _ = done
    assert variables(fake.run_dir) == {"x": "x", "distance": "distance", "action": "action"}
    jobs = [json.loads(path.read_text()) for path in sorted(fake.run_dir.glob("jobs/*/job.json"))]
    assert [list(job["task"]["variables"]) for job in jobs if job["op"] == "describe"] == [[]]
    assert {tuple(job["task"]["variables"]) for job in jobs if job["op"] not in ("describe", "warm")} == {("x", "distance", "action")}
    transitions = np.load(fake.run_dir / "candidates" / "r0i0s00" / "training" / "0" / "transitions.npz")
    assert any("distance" in name for name in transitions.files) and not any("score" in name for name in transitions.files)


def test_a_reward_cannot_take_what_was_left_out_nor_read_of_it(done):
    fake, _ = done
    verdict = next(v for v in fake.journal("verdict") if v["candidate"] == "r0i0s01")
    assert not verdict["accepted"] and "`score` is no variable" in verdict["message"]
    prompt = json.dumps(fake.journal("asked")[0]["messages"])
    assert "distance" in prompt and "score" not in prompt and "shaping" not in prompt


def test_the_user_is_told_what_was_derived_left_out_and_measured_and_what_the_fitness_is(done):
    _, lines = done
    assert "Fitness: the environment's own return; it does not know your sentence" in lines
    assert "Variables: 3 derived from the environment" in lines
    assert (
        "Left out, since they would tell the reward: prev_shaping (only reward code uses it), "
        "score (its change follows the environment's own reward (correlation 1.00))"
    ) in lines
    assert any(line.startswith("Warning: Under random actions distance (correlation -1.00) follows") for line in lines)


def test_the_runs_own_config_gives_the_same_run(fake, done):
    first, _ = done
    again = fake.eureka("run", first.run_dir / "config.yaml", "--run-dir", fake.run_dir)
    assert again.returncode == 0, again.stderr
    assert fake.summary() == first.summary()
    assert fake.journal("context")[0]["derived"] == {} and "derived from the environment" not in again.stdout


def test_a_host_killed_before_it_wrote_the_config_leaves_a_run_that_ends_the_same(fake, done):
    undisturbed, _ = done
    died = deriving(fake).eureka("after", "1", "run", fake.write(**SMALL), "--run-dir", fake.run_dir, script=DYING_HOST)
    assert died.returncode == -9 and fake.wait_until_gone() == []
    assert fake.journal()[-1]["kind"] == "context" and variables(fake.run_dir) == {}
    resumed = fake.eureka("resume", fake.run_dir)
    assert resumed.returncode == 0, resumed.stderr
    assert variables(fake.run_dir) == variables(undisturbed.run_dir)
    assert fake.summary() == undisturbed.summary()
    assert len(fake.journal("context")) == 1


def test_a_run_that_ended_is_extended_with_the_same_variables(fake, done):
    shutil.copytree(done[0].run_dir, fake.run_dir)
    extended = deriving(fake).eureka(
        "resume", fake.run_dir, "--set", "search.iterations=2", "--set", f"llm.answers={fake.folder}/answers.json"
    )
    assert extended.returncode == 0, extended.stderr
    assert [o["status"] for o in fake.journal("outcome")] == ["ok", "ok"] and len(fake.journal("context")) == 1
    assert len(list(fake.run_dir.glob("jobs/*-describe"))) == 1


@pytest.mark.parametrize(
    ("sim", "said"),
    [
        ({"sim": "PointSim"}, "task.variables: the task declares none and simulator"),
        ({"derive": ["score"]}, "left out: prev_shaping (only reward code uses it), score (its change follows"),
    ],
)
def test_a_task_without_variables_that_stays_so_is_refused_before_anything_is_spent(fake, sim, said):
    refused = deriving(fake, **sim).run()
    assert refused.returncode == 2
    assert said in refused.stderr and "eclare them in the task" in refused.stderr and "Traceback" not in refused.stderr
    assert not fake.run_dir.exists() and fake.log("sales.log") == []


def test_where_the_human_reward_is_the_fitness_one_final_training_stands_for_both(fake):
    settings = {"search": {"iterations": 1, "samples": 1, "retest": 0}, "final": {"seeds": 2}}
    ended = deriving(fake).run(**settings)
    assert ended.returncode == 0, ended.stderr
    final = fake.summary()["final"]
    assert len(final["best"]["seeds"]) == 2 and final["human"] == final["fitness"] and None not in final["human"]["seeds"]
    assert sorted(path.name for path in (fake.run_dir / "final").iterdir()) == ["human", "r0i0s00"]
    assert len(fake.log("trained.log")) == 5 and "Final evaluation: 4 trainings on fresh seeds" in ended.stdout
    before = fake.summary()
    assert fake.eureka("resume", fake.run_dir).returncode == 0
    assert fake.summary() == before and len(fake.log("trained.log")) == 5
