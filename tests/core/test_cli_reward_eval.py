"""`eureka reward eval`: rewards of one's own under the protocol of the final evaluation."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from eureka.cli import main

DYING_HOST = f"{sys.executable}\0{Path(__file__).parent / 'fakes' / 'dying_host.py'}"


@pytest.fixture
def files(fake):
    """near.py, its twin near.md (an answer of a model), far.py, and bad.py that takes a variable there is not."""
    program = "def compute_reward(x):\n    r = {}\n    return r, {{'r': r}}\n"
    for name, body in (("near", "-abs(x)"), ("far", "abs(x)"), ("bad", "nothing")):
        (fake.folder / f"{name}.py").write_text(program.format(body))
    fake.settings["extensions"] = ["progress"]
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
    at = lines.index(next(line for line in lines if line.startswith("far.py: mean ")))
    assert "interquartile mean" in lines[at] and lines[at + 1].startswith("    worse than the human's by ")
    assert lines[at + 2] == "    human-normalised score n/a, the human reward is the fitness itself"
    refused = files.eureka("reward", "eval", "far.py", "--task", files.config, "--run-dir", files.run_dir)
    assert refused.returncode == 2 and "holds a run of other rewards" in refused.stderr


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
