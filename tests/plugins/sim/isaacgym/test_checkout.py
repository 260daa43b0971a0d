"""Where a user's checkout keeps its tasks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eureka_isaacgym.isaac_worker.checkout import find_task, package_of
from eureka_isaacgym.isaac_worker.faults import Usage

from .conftest import TREE


def test_a_task_is_found_from_the_root_of_either_kind_of_checkout_and_from_the_package(tmp_path: Path) -> None:
    shutil.copytree(TREE, tmp_path / "release" / "isaacgymenvs")
    for root in (TREE, TREE / "isaacgymenvs", tmp_path / "release"):
        assert Path(find_task(str(root), "Cartpole").module).name == "cartpole.py"


def test_a_folder_that_is_no_checkout_is_told_with_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(Usage, match=r"sim.envs_path: .* holds no isaacgymenvs package.*Give the root"):
        package_of(str(tmp_path))


def test_an_unknown_task_is_told_with_the_one_that_is_near() -> None:
    with pytest.raises(Usage, match=r'"Cartpol" is no task .* Did you mean "Cartpole"'):
        find_task(str(TREE), "Cartpol")


def test_what_the_release_wrote_for_a_candidate_is_no_task(tmp_path: Path) -> None:
    shutil.copytree(TREE, tmp_path / "tree")
    tasks = tmp_path / "tree" / "isaacgymenvs" / "tasks"
    shutil.move(tasks / "cartpole.py", tasks / "cartpolegpt.py")
    with pytest.raises(Usage, match="There are: Ant"):
        find_task(str(tmp_path / "tree"), "Cartpole")


def test_a_task_without_settings_is_told_with_the_missing_file(tmp_path: Path) -> None:
    shutil.copytree(TREE, tmp_path / "tree")
    (tmp_path / "tree" / "isaacgymenvs" / "cfg" / "train" / "AntPPO.yaml").unlink()
    with pytest.raises(Usage, match=r"sim.task: Ant has no settings, .*AntPPO.yaml is missing"):
        find_task(str(tmp_path / "tree"), "Ant")
