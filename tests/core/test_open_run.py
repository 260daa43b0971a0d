"""A run's results for scripts: whole runs with fake parts, opened while they run, after they ended, and moved elsewhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import eureka
from eureka.checkpoint import CheckpointInfo
from eureka.errors import ConfigError, EurekaError, JournalError
from eureka.journal import read_journal
from eureka.opened_policy import OpenedPolicy, load
from eureka.reward_file import header_task, with_header, without_header
from eureka.spaces import Box, Discrete, MultiDiscrete, Part
from eureka.training import Policy
from eureka.types import ComponentSpec, Task

NEAR, SMALL, FAR, RAISES, PROSE = (getattr(sys.modules["tests.core.conftest"], n) for n in ("NEAR", "SMALL", "FAR", "RAISES", "PROSE"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    fake = sys.modules["tests.core.conftest"].Fake(tmp_path_factory.mktemp("opened"))
    fake.answers([[NEAR, RAISES, PROSE], [SMALL, FAR, NEAR]])
    fake.done = fake.run()
    assert fake.done.returncode == 0, fake.done.stderr
    return fake


def test_an_opened_run_has_the_summary_and_every_candidate(run):
    opened = eureka.open_run(run.run_dir)
    assert opened.summary == json.loads((run.run_dir / "summary.json").read_text())
    assert opened.task.name == "point" and list(opened.task.variables) == ["x", "action"]
    assert list(opened.candidates) == [f"r0i{i}s0{s}" for i in range(2) for s in range(3)]
    assert [c.status for c in opened.candidates.values()] == ["ok", "rejected", "rejected", "ok", "ok", "ok"]
    near, raises, prose, small = list(opened.candidates.values())[:4]
    assert "near = -np.abs(x)" in near.code and near.fitness is not None and near.error is None
    assert "nothing" in raises.error and raises.line == 4 and raises.fitness is None
    assert "compute_reward" in prose.error and prose.code == ""
    assert small.parents == (near.id,)


def test_the_best_is_the_summarys_and_its_policy_acts(run):
    opened = eureka.open_run(str(run.run_dir))
    assert (opened.best.id, opened.best.fitness) == (opened.summary["best"]["id"], opened.summary["best"]["fitness"])
    assert opened.best.code == opened.candidates[opened.best.id].code
    policy = opened.policy()
    action = policy.act(np.array([0.5]))
    assert action.shape == (1,) and -1 <= action[0] < 0  # towards zero
    batch = policy.act(np.array([[0.5], [-0.5], [100.0]]))
    assert batch.shape == (3, 1) and batch[0] == action == -batch[1] and batch[2] == -1.0  # within the bounds
    with pytest.raises(ConfigError, match=r"an observation of shape \(2,\); the policy takes \(1,\), or a batch"):
        policy.act(np.zeros(2))


def test_the_policy_is_that_of_the_final_training_where_there_is_one_else_of_the_search(run):
    opened = eureka.open_run(run.run_dir)
    assert opened.policy().path == run.run_dir / "final" / opened.best.id / "0" / "0" / "checkpoint"
    assert opened.policy("r0i1s01").path == run.run_dir / "candidates" / "r0i1s01" / "training" / "0" / "checkpoint"
    with pytest.raises(ConfigError, match=r"reward r0i0s01 is rejected, so there is no policy"):
        opened.policy("r0i0s01")
    with pytest.raises(ConfigError, match=r"there is no reward 'r9'\. Valid: r0i0s00, r0i0s01"):
        opened.policy("r9")


def test_a_run_can_be_moved_and_opened_without_the_simulator(run, tmp_path):
    moved = shutil.copytree(run.run_dir, tmp_path / "moved")
    script = (
        "import sys, eureka, numpy as np\n"
        f"policy = eureka.open_run({str(moved)!r}).policy()\n"
        f"assert str(policy.path).startswith({str(moved)!r})\n"
        "assert policy.act(np.array([0.5])) < 0\n"
        "assert eureka.open_run is eureka.open_run and callable(eureka.open_run)\n"
        "assert not {'torch', 'gymnasium'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_run_that_is_still_going_opens_as_far_as_it_is(run, tmp_path):
    begun = shutil.copytree(run.run_dir, tmp_path / "begun")
    lines = (begun / "journal.jsonl").read_bytes().splitlines(keepends=True)
    kinds = [record.kind for record in read_journal(begun / "journal.jsonl")]

    def cut(kind: str, rest: bytes = b"") -> eureka.open_run:
        (begun / "journal.jsonl").write_bytes(b"".join(lines[: kinds.index(kind) + 1]) + rest)
        return eureka.open_run(begun)

    opened = cut("candidate", b'{"kind":"verd')
    assert [c.status for c in opened.candidates.values()] == ["waiting"] and opened.best is None
    with pytest.raises(ConfigError, match="no reward of this run has trained yet"):
        opened.policy()
    opened = cut("outcome")
    assert opened.best is not None and opened.policy().path.parts[-3:] == ("training", "0", "checkpoint")
    assert cut("run").candidates == {}


def test_what_is_no_run_or_a_newer_versions_is_refused(run, tmp_path):
    with pytest.raises(ConfigError, match=r"there is no such directory\. Give the directory that `eureka run` named"):
        eureka.open_run(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match=r"is no run: it holds no config\.yaml"):
        eureka.open_run(tmp_path)
    newer = shutil.copytree(run.run_dir, tmp_path / "newer")
    journal = newer / "journal.jsonl"
    journal.write_text(journal.read_text().replace('"format":1', '"format":9', 1))
    with pytest.raises(JournalError, match="journal format 9; this version reads up to 1"):
        eureka.open_run(newer)


def test_a_checkpoint_of_another_trainer_or_none_is_refused(run, tmp_path):
    path = eureka.open_run(run.run_dir).policy().path
    with pytest.raises(EurekaError, match=r"the checkpoint's trainer is .*HillClimber, but here it is other"):
        load(path, ComponentSpec(use="other"))
    with pytest.raises(EurekaError, match="no checkpoint"):
        load(tmp_path, ComponentSpec(use="other"))


def test_dict_and_discrete_observations_are_taken_as_the_environment_gives_them(tmp_path):
    seen = []

    def policy_for(**space):
        shape = (space.get("parts") or space["one_hot"])[-1].stop
        observed = Box(shape=(shape,), low=(0.0,), high=(9.0,), **space)
        info = CheckpointInfo(format=1, trainer="t", observation_space=observed, action_space=Discrete(n=9))
        return OpenedPolicy(
            tmp_path, info, Policy(lambda batch: (seen.append(batch.tolist()), np.arange(len(batch)))[1], lambda path: None)
        )

    parts = (Part(key="at", start=0, stop=2, shape=(2,)), Part(key="mode", start=2, stop=5, shape=(3,), categories=3))
    assert policy_for(parts=parts).act({"at": np.array([4.0, 5.0]), "mode": 1}) == 0
    state = policy_for(one_hot=(Part(key="", start=0, stop=3, shape=(3,), categories=3),))
    assert state.act(2) == 0 and state.act(np.eye(3)).tolist() == [0, 1, 2]
    assert seen == [[[4, 5, 0, 1, 0]], [[0, 0, 1]], np.eye(3).tolist()]
    with pytest.raises(ConfigError, match="7 is not 0 to 2"):
        state.act(7)


def test_integers_are_counted_as_the_environment_counts_them(tmp_path):
    observed = Box(shape=(1,), low=(0.0,), high=(1.0,))
    info = CheckpointInfo(format=1, trainer="t", observation_space=observed, action_space=MultiDiscrete(nvec=(3, 2), start=(5, 0)))
    policy = OpenedPolicy(tmp_path, info, Policy(lambda batch: np.array([[2, 1]] * len(batch)), lambda path: None))
    assert policy.act([0.0]).tolist() == [7, 1] and policy.act(np.zeros((2, 1))).tolist() == [[7, 1], [7, 1]]


# ── best_reward.py ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_best_reward_says_what_its_variables_are_and_runs(run):
    text = (run.run_dir / "best_reward.py").read_text()
    opened = eureka.open_run(run.run_dir)
    first = text.splitlines()[0]
    assert first == f"# Reward {opened.best.id}, found by Eureka for the task point: fitness {opened.best.fitness:.4g}, seed 0."
    assert without_header(text).strip() == opened.best.code.strip()
    # What the terminal shows is the program alone.
    assert "# eureka:" not in run.done.stdout and "def compute_reward(" in run.done.stdout
    names: dict = {}
    exec(compile(text, "best_reward.py", "exec"), names)
    total, _ = names["compute_reward"](
        **{name: np.zeros((2, 1) if name == "action" else 2) for name in header_task(text, run.run_dir).variables}
    )
    assert total.shape == (2,)


def test_the_header_names_what_the_reward_takes_and_what_its_functions_need():
    task = Task.model_validate(
        {
            "name": "walk \n far",
            "description": "",
            "sim": {"use": "gymnasium", "options": {"env": "Walker", "kwargs": {}, "wrappers": ["m:C"], "max_episode_steps": None}},
            "variables": {
                "x": {"from": "obs[0]", "meaning": "where"},
                "v": {"from": "obs[1]"},
                "energy": {"from": "f.py:energy"},
            },
            "fitness": {"value": "f.py:fitness"},
            "human": "h.py",
        }
    )
    plain = with_header("def compute_reward(prev_x):\n    return prev_x, {}", task, "A\ntitle.")
    told = header_task(plain, Path("/there"))
    assert (told.name, told.sim.use, told.sim.options) == ("walk \n far", "gymnasium", {"env": "Walker", "wrappers": ["m:C"]})
    assert {name: v.source for name, v in told.variables.items()} == {"x": "obs[0]"}
    assert plain.splitlines()[0] == "# A title." and "f.py" not in plain and "RewardWrapper" in plain
    computed = with_header("def compute_reward(energy):\n    return energy, {}", task, "")
    assert "# Its variables need these files, from where it lies: f.py" in computed.splitlines()
    found = {name: v.source for name, v in header_task(computed, Path("/there")).variables.items()}
    assert found == {"x": "obs[0]", "v": "obs[1]", "energy": "/there/f.py:energy"}


@pytest.mark.parametrize("line", ["", "# eureka: {", "# eureka: 3", '# eureka: {"name": "x"}', '# eureka: {"name": 3, "sim": {}}'])
def test_a_file_without_a_sound_header_tells_no_task(line):
    text = f"{line}\ndef compute_reward(x):\n    return x, {{}}\n"
    assert header_task(text, Path("/there")) is None
    assert without_header("x = 1  # eureka: yes\n") == "x = 1  # eureka: yes\n"
