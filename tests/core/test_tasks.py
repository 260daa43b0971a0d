"""Shipped tasks and configs are found by name, without importing the package that holds them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eureka.errors import ConfigError
from eureka.tasks import find_config, find_task, list_configs, list_tasks, not_installed


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Install a package with tasks and configs."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(package: str, tasks: tuple[str, ...] = (), configs: tuple[str, ...] = ()) -> Path:
        folder = tmp_path / package
        folder.mkdir()
        (folder / "__init__.py").write_text("raise RuntimeError('imported')")
        for name in tasks:
            (folder / "envs" / name).mkdir(parents=True)
            (folder / "envs" / name / "task.yaml").write_text(f"name: {name}")
        for name in configs:
            (folder / "configs").mkdir(exist_ok=True)
            (folder / "configs" / f"{name}.yaml").write_text("task: x")
        info = tmp_path / f"{package}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[eureka.library]\n{package} = {package}\n")
        return folder

    return install


def test_tasks_and_configs_are_found_without_importing_their_package(library: Callable[..., Path]) -> None:
    folder = library("shelf_a", tasks=("zeppelin", "airship"), configs=("fast",))
    assert list_tasks()["zeppelin"] == folder / "envs/zeppelin/task.yaml"
    assert list(list_tasks()) == sorted(list_tasks())
    assert find_task("airship") == folder / "envs/airship/task.yaml"
    assert find_config("fast") == folder / "configs/fast.yaml" == list_configs()["fast"]
    assert "shelf_a" not in sys.modules


def test_an_unknown_name_suggests_the_closest_and_the_command(library: Callable[..., Path]) -> None:
    library("shelf_b", tasks=("zeppelin",), configs=("overnight",))
    with pytest.raises(ConfigError) as error:
        find_task("zepelin")
    assert str(error.value) == '"zepelin" is no shipped task; did you mean "zeppelin"? List them with: eureka tasks'
    assert error.value.exit_code == 2
    with pytest.raises(ConfigError, match=r'^"qqqq" is no shipped config\. List them with: eureka tasks$'):
        find_config("qqqq")


def test_a_task_lacks_what_its_folder_says_it_needs_where_that_is_not_there_and_nothing_is_imported(library: Callable[..., Path]) -> None:
    folder = library("shelf_e", tasks=("zeppelin", "airship", "kite"))
    (folder / "envs/needs.yaml").write_text(
        "no_such_gas: {install: pip install gas, tasks: [zeppelin]}\nshelf_e: {install: pip install shelf, tasks: [airship]}\n"
    )
    missing = not_installed()
    assert missing["zeppelin"] == "pip install gas" and not {"airship", "kite"} & set(missing)
    assert "shelf_e" not in sys.modules


def test_a_name_that_two_packages_ship_is_an_error_naming_both(library: Callable[..., Path]) -> None:
    first, second = library("shelf_c", tasks=("zeppelin",)), library("shelf_d", tasks=("zeppelin",))
    with pytest.raises(ConfigError) as error:
        find_task("zeppelin")
    assert str(first) in str(error.value)
    assert str(second) in str(error.value)
