"""Whole runs that start from another run, or each iteration from the best so far; and several runs in a row."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import sys
from pathlib import Path

import pytest

PARTS, Fake, NEAR, FAR = (getattr(sys.modules["tests.core.conftest"], name) for name in ("PARTS", "Fake", "NEAR", "FAR"))
DYING_HOST = f"{sys.executable}\0{Path(__file__).parent / 'fakes' / 'dying_host.py'}"
SCRATCH = "\n\n\nclass Scratch(HillClimber):\n    takes_policies = False\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A finished run of one reward to start from."""
    made = Fake(tmp_path_factory.mktemp("template"))
    made.answers([[NEAR]])
    done = made.run(search={"iterations": 1, "samples": 1, "retest": 0}, training={"steps": 40}, final={"seeds": 0})
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def started(fake, template):
    """A folder with a copy of that run beside the config, which starts from it and trains for a moment."""
    shutil.copytree(template.run_dir, fake.folder / "first")
    fake.write(search={"samples": 2, "retest": 1, "start": "first"}, training={"steps": 40}, final={"seeds": 1, "cache": False})
    return fake


def began(fake) -> dict[str, tuple[str, float]]:
    """Trial → the checkpoint it began with, and the gain that its trainer read there."""
    lines = [line.split() for line in fake.log("began.log")]
    return {trial: (policy, float(gain)) for trial, policy, gain in lines}


def gain(folder: Path) -> float:
    return float((folder / "gain").read_text())


def test_trainings_begin_with_the_other_runs_best_policy_and_the_search_with_its_reward(started, template):
    done = started.run("--set", "search.retest=0")
    assert done.returncode == 0, done.stderr
    assert "Trainings begin with: the best policy of first\n" in done.stdout and "; the best reward of first as the first" in done.stdout
    theirs = template.run_dir / "candidates/r0i0s00/training/0/checkpoint"
    assert {c["policy"] for c in started.journal("candidate")} == {"start/checkpoint"}
    assert began(started)["r0i0s00"] == began(started)["r0i1s01"] == ("start/checkpoint", gain(theirs))
    first = started.journal("candidate")[0]
    assert first["code"] == template.journal("candidate")[0]["code"] and started.journal("completion")[0]["provider"] == "initial"


def test_the_run_is_whole_when_the_other_is_gone(started):
    assert started.run("--set", "search.iterations=1", "--set", "final.seeds=0").returncode == 0
    shutil.rmtree(started.folder / "first")
    moved = started.folder / "moved"
    started.run_dir.rename(moved)
    done = started.eureka("resume", moved, "--set", "search.iterations=2")
    assert done.returncode == 0, done.stderr
    assert began(started)["r0i1s00"] == ("start/checkpoint", gain(moved / "start/checkpoint"))


def test_the_final_evaluation_trains_from_scratch_too_and_measures_the_start_itself(started):
    done = started.run("--set", "search.iterations=1", "--set", 'extensions=["progress","report"]')
    assert done.returncode == 0, done.stderr
    assert "(5 trainings of 40: 1 candidate, 1 retest, 3 of the final evaluation)" in done.stdout
    trials = began(started)
    assert "r0i0s00.started0" in trials and "r0i0s00.retest" in trials and "r0i0s00.final0" not in trials
    final, fresh = started.summary()["final"], {r["dir"]: r["fitness"] for r in started.journal("fresh")}
    for key, folder in (("best", "final/r0i0s00/0/0"), ("best_started", "final/r0i0s00-started/0/0"), ("start", "start")):
        assert final[key]["seeds"] == [pytest.approx(sum(fresh[folder]) / len(fresh[folder]))]
    assert final["best"]["seeds"] != final["best_started"]["seeds"]
    ahead = final["best_started"]["mean"] - final["best"]["mean"]
    assert final["best_started"]["against"]["best"]["difference"] == pytest.approx(ahead)
    for row in ("this reward, from its start  ", "the start itself, untrained  "):
        assert row in done.stdout
    page, text = ((started.run_dir / name).read_text() for name in ("report.html", "report.md"))
    for told in ("r0i0s00, from its start", "The start, untrained"):
        assert told in page and told in text
    played = started.eureka("play", started.run_dir, "--episodes", "1").stdout
    better = max(("best", "best_started"), key=lambda key: final[key]["mean"])
    assert ("from the policy in start/checkpoint" in played) == (better == "best_started")


@pytest.mark.parametrize("mode", ["best", pytest.param("parent", marks=pytest.mark.slow)])
def test_later_iterations_begin_with_what_warm_start_says(fake, mode):
    fake.answers([[NEAR, FAR], [NEAR, FAR]])
    fake.write(search={"samples": 2, "retest": 0, "warm_start": mode}, training={"steps": 200}, final={"seeds": 0})
    assert fake.run().returncode == 0
    fitness = {r["candidate"]: (r["fitness"], r["mean_fitness"]) for r in fake.journal("outcome")}
    best = max(("r0i0s00", "r0i0s01"), key=lambda id_: fitness[id_])
    for candidate in fake.journal("candidate")[2:]:
        policy = f"candidates/{best if mode == 'best' else candidate['parents'][0]}/training/0/checkpoint"
        assert candidate["policy"] == policy and began(fake)[candidate["id"]] == (policy, gain(fake.run_dir / policy))
    assert [c["policy"] for c in fake.journal("candidate")[:2]] == [None, None] and len(began(fake)) == 2


def test_identical_programs_share_a_training_only_where_they_begin_with_the_same_policy(started):
    started.answers([[NEAR]])
    assert started.run("--set", "search.warm_start=best", "--set", "search.retest=0", "--set", "final.seeds=0").returncode == 0
    outcomes = {r["candidate"]: r for r in started.journal("outcome")}
    assert outcomes["r0i1s01"]["shared_with"] == "r0i1s00" and outcomes["r0i1s00"]["shared_with"] is None
    assert len({r["spec"] for r in started.journal("result")}) == 2
    best = started.summary()["best"]  # a program that begins with another policy is another training, not one more seed
    assert len(best["in_search"]) == 1


@pytest.mark.parametrize(
    ("every", "least"), [pytest.param(1, 20, marks=pytest.mark.slow), (15, 1)], ids=["every position", "every fifteenth position"]
)
def test_a_run_killed_and_resumed_gives_the_same_numbers(started, every, least):
    started.write(search={"warm_start": "best"}, training={"segments": 2})
    assert started.run().returncode == 0
    undisturbed, policies = started.summary(), [c["policy"] for c in started.journal("candidate")]
    shutil.move(started.run_dir, started.folder / "undisturbed")
    command = ["run", started.config, "--run-dir", started.run_dir]
    for kills in itertools.count():
        died = started.eureka(["after", "before"][kills % 2], str(every), *command, script=DYING_HOST)
        assert started.wait_until_gone() == []
        if died.returncode != -9:
            break
        command = ["resume", started.run_dir]
    assert died.returncode == 0, died.stderr
    assert kills >= least and [c["policy"] for c in started.journal("candidate")] == policies
    assert [started.summary()[key] for key in ("best", "final", "iterations")] == [
        undisturbed[key] for key in ("best", "final", "iterations")
    ]


def test_a_start_that_cannot_be_one_is_refused_before_anything_is_spent(started, tmp_path):
    parts = tmp_path / "scratch.py"
    parts.write_text(PARTS.read_text() + SCRATCH)
    checkpoint = started.folder / "first/candidates/r0i0s00/training/0/checkpoint/checkpoint.json"
    there = json.loads(checkpoint.read_text())

    def refused(*sets: str) -> str:
        done = started.run(*(word for text in sets for word in ("--set", text)))
        assert done.returncode == 2 and not started.run_dir.exists(), done.stderr
        assert started.log("sales.log") == []
        return done.stderr

    assert "search.start: " in (said := refused("search.start=firts")) and "Did you mean first?" in said
    said = refused(f"trainer={{use: '{parts}:Scratch'}}")
    assert "search.start: trainer" in said and "does not take a policy to begin with" in said
    assert "search.warm_start: trainer" in refused(f"trainer={{use: '{parts}:Scratch'}}", "search.start=null", "search.warm_start=best")
    assert re.search(r'is one of trainer ".*HillClimber", and here the trainer is "population"', refused("trainer=population"))
    checkpoint.write_text(json.dumps({**there, "trainer": "sb3"}))
    assert re.search(r"checkpoint.s trainer is sb3, but here it is .*HillClimber", refused())
    checkpoint.write_text(json.dumps({**there, "observation_space": {**there["observation_space"], "shape": [2]}}))
    assert "the checkpoint's observation space has shape (2,) instead of (1,)." in refused()
    checkpoint.write_text(json.dumps(there))
    started.write(task={"variables": {"place": {"from": "x"}, "action": {"from": "action"}}})
    assert "search.start: the reward of " in (said := refused()) and "--set search.start_reward=false" in said
    (started.folder / "first/journal.jsonl").write_text((started.folder / "first/journal.jsonl").read_text().split("\n")[0] + "\n")
    assert "no reward of this run has trained yet" in refused()


def test_start_reward_false_takes_the_policy_alone(started):
    started.answers([[FAR]])
    assert started.run("--set", "search.start_reward=false", "--set", "search.iterations=1", "--set", "final.seeds=0").returncode == 0
    assert all("far" in c["code"] and c["policy"] == "start/checkpoint" for c in started.journal("candidate"))


def test_several_configs_are_runs_in_a_row_each_starting_from_the_one_before(fake):
    fake.write(search={"iterations": 1, "samples": 1, "retest": 0}, training={"steps": 40}, final={"seeds": 0})
    (fake.folder / "hard.yaml").write_text(fake.config.read_text())
    done = fake.eureka("run", fake.config, "hard.yaml", "--run-dir", "both", "--set", "seed=3")
    assert done.returncode == 0, done.stderr
    assert "Run 1 of 2: " in done.stdout and "Trainings begin with: the best policy of both/1-point" in done.stdout
    best = fake.summary(fake.folder / "both/1-point")["best"]["id"]
    assert gain(fake.folder / "both/2-point/start/checkpoint") == gain(
        fake.folder / f"both/1-point/candidates/{best}/training/0/checkpoint"
    )
    assert {r["seed"] for n in (1, 2) for r in fake.journal("run", fake.folder / f"both/{n}-point")} == {3}


def test_a_row_of_runs_is_checked_before_the_first_begins_and_ends_with_the_first_that_fails(fake):
    fake.write(search={"iterations": 1, "samples": 1, "retest": 0}, training={"steps": 40}, final={"seeds": 0})
    other = fake.folder / "hard.yaml"

    def run_both(*arguments, **changes):
        other.write_text(json.dumps({**fake.settings, **changes}))
        return fake.eureka("run", fake.config, other, "--run-dir", "both", *arguments)

    for changes, told in (
        ({"search": {"samples": 0}}, "search.samples"),
        ({"search": {"start": "both"}}, "no such directory"),
        ({"trainer": "population"}, "hard.yaml cannot start from the run before: "),
    ):
        done = run_both(**changes)
        assert done.returncode == 2 and told in done.stderr and not (fake.folder / "both").exists()
    assert "for one run" in run_both("--describe", "Go.").stderr
    fake.answers([[FAR.replace("np.abs(x)", "'never'")]])
    done = run_both("--quiet")
    assert done.returncode == 1 and done.stdout == "" and not (fake.folder / "both/2-point").exists()
    assert "Once that run has come to its end: eureka run " in done.stderr
    assert f"search.start={fake.folder / 'both/1-point'} --run-dir both/2-point" in done.stderr
