"""The README's programs for taking a reward and a policy along, word for word, on a run made for that."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import gymnasium
import pytest

from eureka_gymnasium import RewardWrapper

README = (Path(__file__).parents[2] / "README.md").read_text()
TINY = {
    "task": "cartpole",
    "trainer": {"num_envs": 4, "n_steps": 64, "batch_size": 256, "n_epochs": 2},
    "search": {"iterations": 1, "samples": 2, "retest": 0},
    "training": {"steps": 512, "checkpoints": 2},
    "evaluation": {"max_episodes": 2},
    "executor": {"use": "local", "slots": 1},
    "final": {"seeds": 0, "clip": False},
}


def snippet(title: str) -> str:
    """The one block of that name."""
    [block] = re.findall(rf'^```python title="{re.escape(title)}"\n(.*?)^```$', README, re.MULTILINE | re.DOTALL)
    return block


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = sys.modules["tests.e2e.conftest"].Folder(tmp_path_factory.mktemp("readme"))
    folder.env["OMP_NUM_THREADS"] = "1"  # small networks only get slower where threads fight over few cores
    folder.write("tiny.yaml", TINY)
    done = folder.eureka("run", "tiny.yaml", "--run-dir", "runs/first")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def run(folder: Any, title: str) -> str:
    folder.write(title, snippet(title))
    done = folder.command([sys.executable, title])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stderr, done.stderr
    return done.stdout


def test_plain_stable_baselines3_trains_with_the_found_reward(folder):
    printed = run(folder, "wrapped.py")
    assert re.search(r"total_timesteps +\| 2048", printed)
    components = re.search(r"^reward: (\S+) made of (\{.*\})$", printed, re.MULTILINE)
    assert components is not None and float(components[1]) == pytest.approx(sum(json.loads(components[2].replace("'", '"')).values()))
    assert "the environment's own: 1.0" in printed


def test_an_opened_run_shows_its_candidates_and_its_policy_acts(folder):
    printed = run(folder, "opened.py")
    summary = folder.summary("runs/first")
    assert f"{summary['best']} of 2 candidates" in printed
    assert all(f"\n{id_} ok " in printed for id_ in ("r0i0s00", "r0i0s01"))
    assert "def compute_reward(" in printed and re.search(r"^action: [01]$", printed, re.MULTILINE)


def test_a_run_its_best_rewards_files_and_a_copy_far_from_it_give_the_same_numbers(folder, tmp_path):
    where = folder.path / "runs" / "first"
    best, copy = where / "best_reward.py", tmp_path / "copied.py"
    copy.write_text(best.read_text())
    rewards = []
    for source in (where, best, where / "candidates" / folder.summary("runs/first")["best"]["id"] / "reward.py", copy):
        env = RewardWrapper(gymnasium.make("CartPole-v1"), source)
        env.reset(seed=4)
        rewards.append([env.step(action)[1] for action in (0, 0, 1, 1, 1)])
    assert all(others == rewards[0] for others in rewards) and len(set(rewards[0])) == 5
