"""What a found reward needs of the user's files goes with the run: it can be moved, and the reward taken out of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import gymnasium
import pytest

from eureka.config import Config, load_mapping, to_yaml
from eureka.errors import ConfigError
from eureka.state import State
from eureka.summary import write_summary
from eureka.task_files import copy_task_files, with_copies
from eureka.types import Candidate, Outcome, RunHeader
from eureka_gymnasium import RewardWrapper

CODE = "def compute_reward(lean, room):\n    return lean + 10.0 * room, {'lean': lean, 'room': room}\n"


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A folder with a task whose variables two files of one name compute."""
    folder = tmp_path / "theirs"
    for name, variable, argument in (("a", "lean", "angle"), ("b", "room", "position")):
        (folder / name).mkdir(parents=True)
        (folder / name / "f.py").write_text(f"def {variable}({argument}):\n    return abs({argument})\n")
    return folder


def config_in(folder: Path) -> Config:
    variables = {"position": "obs[0]", "angle": "obs[2]", "lean": "a/f.py:lean", "room": "b/f.py:room"}
    task = {
        "name": "mine",
        "description": "Stay up.",
        "sim": {"use": "gymnasium", "env": "CartPole-v1"},
        "variables": {name: {"from": source} for name, source in variables.items()},
        "fitness": {"value": "length", "fold": "last"},
    }
    return load_mapping({"task": task, "generator": "symbolic"}, "mine.yaml", folder)


def finished_run(config: Config, run_dir: Path) -> None:
    """One that has trained one reward, without its training."""
    (run_dir / "candidates" / "r0i0s00").mkdir(parents=True)
    (run_dir / "candidates" / "r0i0s00" / "reward.py").write_text(CODE)
    (run_dir / "config.yaml").write_text(to_yaml(config))
    copy_task_files(config.task, run_dir)
    records = (
        RunHeader(format=1, eureka="0.1.0", task="mine", seed=0, config_sha256="", time=1e9),
        Candidate(id="r0i0s00", restart=0, iteration=0, sample=0, code=CODE, sha256="0"),
        Outcome(candidate="r0i0s00", status="ok", fitness=0.5, mean_fitness=0.5, steps=20, dirs=()),
    )
    (run_dir / "journal.jsonl").write_text("".join(f"{record.model_dump_json(by_alias=True)}\n" for record in records))
    write_summary(State(run_dir, config.task, list(records)))


def first_components(source: Path) -> dict[str, float]:
    env = RewardWrapper(gymnasium.make("CartPole-v1"), source)
    env.reset(seed=0)
    observation, *_, info = env.step(1)
    assert info["reward_components"] == pytest.approx({"lean": abs(observation[2]), "room": abs(observation[0])})
    return info["reward_components"]


def test_a_run_that_was_moved_and_a_reward_taken_out_of_it_need_none_of_the_users_files(theirs: Path, tmp_path: Path) -> None:
    finished_run(config_in(theirs), tmp_path / "run")
    before = first_components(tmp_path / "run")
    shutil.rmtree(theirs)
    moved = (tmp_path / "run").rename(tmp_path / "moved")
    alone = tmp_path / "alone"
    shutil.copytree(moved / "task_files", alone / "task_files")
    shutil.copy(moved / "best_reward.py", alone)
    for source in (moved, moved / "best_reward.py", moved / "candidates/r0i0s00/reward.py", alone / "best_reward.py"):
        assert first_components(source) == before
    assert str(tmp_path) not in (alone / "best_reward.py").read_text()
    shutil.rmtree(alone / "task_files")
    with pytest.raises(ConfigError, match=r"variables\.lean.*alone/task_files/f\.py:lean: .*no such file"):
        RewardWrapper(gymnasium.make("CartPole-v1"), alone / "best_reward.py")


def test_a_run_without_copies_reads_the_users_files_as_before(theirs: Path, tmp_path: Path) -> None:
    config = config_in(theirs)
    finished_run(config, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "task_files")
    assert with_copies(config.task, tmp_path / "run") == config.task
    assert first_components(tmp_path / "run")


def test_a_file_that_is_not_there_is_left_to_who_loads_it(theirs: Path, tmp_path: Path) -> None:
    config = config_in(theirs)
    (theirs / "b/f.py").unlink()
    copy_task_files(config.task, tmp_path)
    sources = {name: v.source for name, v in with_copies(config.task, tmp_path, seen_from=tmp_path).variables.items()}
    assert (sources["lean"], sources["room"]) == ("task_files/f.py:lean", f"{theirs}/b/f.py:room")
