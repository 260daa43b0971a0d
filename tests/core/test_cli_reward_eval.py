"""`eureka reward eval`: rewards of one's own under the protocol of the final evaluation."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from eureka.cli import main
from eureka.cli.reward_eval import _config
from eureka.config import to_yaml
from eureka.final_types import Evaluation, FinalTraining
from eureka.session import Ending
from eureka.types import Candidate, EnvContext, Outcome, RunHeader, TrialError, VariableSpec

DYING_HOST = f"{sys.executable}\0{Path(__file__).parent / 'fakes' / 'dying_host.py'}"


@pytest.fixture
def files(fake):
    """near.py, its twin near.md (an answer of a model), far.py, and bad.py that takes a variable there is not."""
    program = "def compute_reward(x):\n    r = {}\n    return r, {{'r': r}}\n"
    for name, body in (("near", "-abs(x)"), ("far", "abs(x)"), ("bad", "nothing")):
        (fake.folder / f"{name}.py").write_text(program.format(body))
    fake.settings["extensions"] = ["progress"]
    (fake.folder / "human.py").write_text(program.format("-abs(x)"))
    (fake.folder / "near.md").write_text(f"Here:\n```python\n{program.format('-abs(x)')}```\n")
    return fake


def test_each_reward_is_held_against_the_human_one_and_the_same_command_goes_on_where_it_was_killed(files):
    command = ["near.py", "far.py", "near.md", "bad.py", "human", "--task", files.write(), "--seeds", 2, "--run-dir", files.run_dir]
    assert files.eureka("after", "14", "reward", "eval", *command, script=DYING_HOST).returncode == -9
    done = files.eureka("reward", "eval", *command, "--json")
    assert done.returncode == 1 and done.stderr == ""  # for one was rejected
    near, far, twin, bad, human, sparse = map(json.loads, done.stdout.splitlines())
    assert [row["file"] for row in (near, far, twin, bad)] == ["near.py", "far.py", "near.md", "bad.py"]
    assert (bad["verdict"], bad["stage"]) == ("rejected", "static") and "`nothing` is not defined" in bad["message"]
    assert (human["id"], sparse["id"]) == ("human", "fitness") and len(far["seeds"]) == len(human["seeds"]) == 2
    assert twin["same_as"] == "near.py" and twin["seeds"] == near["seeds"] and near["same_as"] is None
    assert far["mean"] < near["mean"] and far["against"]["human"]["difference"] == pytest.approx(far["mean"] - human["mean"])
    final = files.summary()["final"]
    assert {final["id"], *(row["id"] for row in final["others"])} == {near["id"], far["id"]}
    trained = [line for line in files.log("trained.log") if ".final" in line]
    assert len(trained) == len(set(trained)) == 6  # near, far and the human reward, which is the fitness here

    lines = files.eureka("reward", "eval", *command).stdout.splitlines()
    assert not [line for line in lines if "r0i0s" in line or "search" in line.lower()]
    assert any(line.startswith("the human reward: mean ") for line in lines)
    at = lines.index(next(line for line in lines if line.startswith("far.py: mean ")))
    assert "interquartile mean" in lines[at] and lines[at + 1].startswith("    behind the human's by ")
    assert lines[at + 2] == "    human-normalised score n/a, the human reward is the fitness itself"
    refused = files.eureka("reward", "eval", "far.py", "--task", files.config, "--run-dir", files.run_dir)
    assert refused.returncode == 2 and "holds a run of other rewards or settings:\n  the rewards are others\n" in refused.stderr


@pytest.mark.parametrize("as_json", [False, True])
def test_rewards_that_are_all_rejected_are_told_by_file_and_leave_no_run(files, monkeypatch, as_json):
    (files.folder / "broken.py").write_text("import numpy as np\n\ndef compute_reward(x):\n    return x +* 2, {'r': x}\n")
    files.write()
    monkeypatch.chdir(files.folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(files.folder / "cache"))
    done = CliRunner().invoke(
        main, ["reward", "eval", "bad.py", "broken.py", "--task", "point.yaml", "--run-dir", "mine"] + ["--json"] * as_json
    )
    assert done.exit_code == 1 and not (files.folder / "mine").exists()
    bad, broken = done.stdout.splitlines()
    if as_json:
        bad, broken = json.loads(bad), json.loads(broken)
        assert (bad["file"], bad["verdict"], bad["stage"], bad["line"]) == ("bad.py", "rejected", "static", 2)
        assert (broken["file"], broken["stage"], broken["line"]) == ("broken.py", "extract", 4)
    else:
        assert bad.startswith("bad.py: rejected (static, line 2): `nothing` is not defined")
        assert broken.startswith("broken.py: rejected (extract, line 4): SyntaxError")
    assert done.stderr.startswith("Error: every reward was rejected, so nothing is trained. Mended ones are tried with: eureka")


@pytest.fixture
def again(files, monkeypatch):
    """`eureka reward eval near.py` once more, with these arguments, where it was begun before; the run itself is none."""
    monkeypatch.chdir(files.folder)
    monkeypatch.setattr("eureka.session.resume", lambda run_dir, sets, progress: Ending(130, f"resumed with {sets}"))

    def begun(**task):
        config = _config(("near.py",), str(files.write(task={**files.settings["task"], **task})), 2, ())
        files.run_dir.mkdir()
        (files.run_dir / "config.yaml").write_text(to_yaml(config))
        (files.run_dir / "journal.jsonl").write_text(header(config).model_dump_json() + "\n")
        return config

    files.begun = begun
    command = ["reward", "eval", "near.py", "--task", "point.yaml", "--seeds", "2", "--run-dir", str(files.run_dir)]
    files.again = lambda *more: CliRunner().invoke(main, [*command, *more])
    return files


def header(config):
    return RunHeader(format=1, eureka="0.1.0", task=config.task.name, seed=0, config_sha256="", time=1e9)


def test_the_same_command_with_another_setting_is_refused_and_says_which_unless_a_run_may_change_it(again):
    again.begun()
    assert "resumed with []" in again.again().output
    told = [
        (["--set", "training.steps=100"], "training.steps was 200, is 100"),
        (["--set", "seed=5"], "seed was 0, is 5"),
        (["--seeds", "3"], "final.seeds was 2, is 3"),
        (["--set", "trainer.pause=0.1"], "trainer.pause was 0.0, is 0.1"),
        (["--set", "task.fitness.fold=sum", "--set", "budget.hours=2"], 'task.fitness.fold was "mean", is "sum"'),
    ]
    for more, why in told:
        refused = again.again(*more)
        assert refused.exit_code == 2 and f"other rewards or settings:\n  {why}\nGive another --run-dir." in refused.output
    (again.folder / "sub").mkdir()
    (again.folder / "near.py").rename(again.folder / "sub" / "near.py")
    moved = ["reward", "eval", "sub/near.py", "--task", "point.yaml", "--seeds", "2", "--run-dir", str(again.run_dir)]
    assert "resumed with []" in CliRunner().invoke(main, moved).output  # the same reward under another name
    (again.folder / "sub" / "near.py").rename(again.folder / "near.py")
    more = again.again("--set", "budget.hours=2", "--set", "final.clip=true", "--set", "executor.slots=1", "--set", "task.fitness.unit=m")
    assert "resumed with ['final.clip=true', 'budget.hours=2.0', 'executor.slots=1']" in more.output


def test_variables_that_were_derived_are_no_other_setting(again):
    config = again.begun(variables={})
    derived = {"x": VariableSpec(source="x")}
    task = config.task.model_copy(update={"variables": derived})
    (again.run_dir / "config.yaml").write_text(to_yaml(config.model_copy(update={"task": task})))
    assert "task.variables.x.from was" in again.again().output  # somebody wrote them
    context = EnvContext(task="point", description="", text="", variables=(), has_prev=(), derived=derived)
    (again.run_dir / "journal.jsonl").write_text("".join(f"{r.model_dump_json(by_alias=True)}\n" for r in (header(config), context)))
    assert "resumed with []" in again.again().output


def test_a_reward_whose_every_final_training_failed_has_failed_also_where_it_is_the_human_one(again, monkeypatch):
    config = again.begun(human="human.py")
    place = {"restart": 0, "iteration": 0, "sample": 0, "code": "", "sha256": ""}
    broke = {"status": "failed", "error": TrialError(code="raised", message="division by zero", line=3)}
    went_well = {"status": "ok", "best_checkpoint": 0.5, "fresh": 0.5}
    came = {"best": (broke, broke), "human": ({"status": "failed"}, {"status": "resource"}), "fitness": (broke, went_well)}
    table = tuple(FinalTraining(reward=reward, seed=n, **one) for reward, both in came.items() for n, one in enumerate(both))
    records = (
        header(config),
        Candidate(id="r0i0s00", **place),
        Outcome(candidate="r0i0s00", status="ok", fitness=0.5, mean_fitness=0.5, steps=20, dirs=()),
        Evaluation(best="r0i0s00", trainings=table),
    )
    (again.run_dir / "journal.jsonl").write_text("".join(f"{record.model_dump_json(by_alias=True)}\n" for record in records))
    monkeypatch.setattr("eureka.session.resume", lambda run_dir, sets, progress: Ending(0, ""))
    told = again.again()
    assert told.exit_code == 1 and told.stdout.splitlines()[1:] == [
        "near.py: failed (line 3): every final training failed: division by zero",
        "the human reward: failed: every final training failed",
        "the fitness itself as reward: mean 0.5, interquartile mean 0.5 (1 failed)",
    ]
    near, human, sparse = map(json.loads, again.again("--json").stdout.splitlines())
    assert (near["verdict"], human["verdict"], sparse["verdict"]) == ("failed", "failed", "trained")
    assert (near["failed"], near["mean"], near["line"]) == (2, None, 3) and (sparse["failed"], sparse["mean"]) == (1, 0.5)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["human", "--task", "point.yaml"], "Give a FILE"),
        (["near.py", "--task", "point.yaml", "--set", "search.samples=3"], "nothing is searched here"),
        (["nope.py", "--task", "point.yaml"], "no such file"),
        (["near.py", "--task", "nope.yaml"], "no such file"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_before_anything_is_trained(files, arguments, told, monkeypatch):
    files.write()
    monkeypatch.chdir(files.folder)
    refused = CliRunner().invoke(main, ["reward", "eval", *arguments])
    assert refused.exit_code == 2 and told in refused.output and not (files.folder / "runs").exists()
