"""Files among the arguments of an environment, such as a robot's XML."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eureka.config import load_mapping
from eureka.errors import ConfigError
from eureka_gymnasium import GymnasiumSim


@pytest.fixture
def xml(tmp_path) -> Path:
    """Gymnasium's hopper with a longer shin."""
    mujoco = pytest.importorskip("gymnasium.envs.mujoco", reason="needs gymnasium[mujoco]")
    text = (Path(mujoco.__file__).parent / "assets" / "hopper.xml").read_text()
    assert text.count('gear="200.0"') == 3
    path = tmp_path / "my_hopper.xml"
    path.write_text(text.replace('gear="200.0"', 'gear="100.0"'))
    return path


def options(folder: Path, kwargs: dict, *sets: str) -> dict:
    config = {
        "task": {
            "name": "hop",
            "description": "Hop forward.",
            "sim": {"use": "gymnasium", "env": "Hopper-v5", "kwargs": kwargs},
            "variables": {"height": {"from": "obs[0]"}},
            "fitness": {"value": "native"},
        },
        "generator": "symbolic",
    }
    return load_mapping(config, "a config", folder, sets).task.sim.options


def resolved(kwargs: dict, folder: Path | None) -> dict:
    return GymnasiumSim.Options.model_validate({"env": "A-v0", "kwargs": kwargs}, context={"base_dir": folder}).kwargs


def test_an_environment_runs_with_a_users_own_robot(make, xml):
    found = options(xml.parent, {"xml_file": "./my_hopper.xml", "healthy_z_range": [0.2, 2.0]})
    assert found["kwargs"] == {"xml_file": str(xml), "healthy_z_range": [0.2, 2.0]}
    sources = {"gears": "env.model.actuator_gear[0]", "x": "env.data.qpos[0]"}
    mine, theirs = make(n=2, sources=sources, **found), make("Hopper-v5", 2, sources)
    assert mine.reset([0, 1]).values["gears"][0, 0] == 100.0 and theirs.reset([0, 1]).values["gears"][0, 0] == 200.0
    action = np.ones((2, 3))
    for _ in range(5):
        ours, other = mine.step(action), theirs.step(action)
    assert (ours.values["x"] != other.values["x"]).all()
    mine.close()
    theirs.close()


def test_a_file_stays_beside_its_task_when_another_option_is_set_on_the_command_line(tmp_path, monkeypatch):
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "robot.xml").write_text("")
    (tmp_path / "other.xml").write_text("")
    monkeypatch.chdir(tmp_path)
    found = options(tmp_path / "task", {"xml_file": "./robot.xml"}, "task.sim.max_episode_steps=9", "task.sim.kwargs.more=./other.xml")
    assert found["kwargs"] == {"xml_file": str(tmp_path / "task" / "robot.xml"), "more": str(tmp_path / "other.xml")}


def test_files_are_found_in_nested_arguments_above_the_config_and_in_the_home_folder(tmp_path, monkeypatch):
    (tmp_path / "config").mkdir()
    (tmp_path / "arm.xml").write_text("")
    monkeypatch.setenv("HOME", str(tmp_path))
    kwargs = {"parts": [{"file": "../arm.xml"}, "~/arm.xml"], "assets": "../config/", "word": "arm.xml", "rate": 0.5, "off": None}
    expected = {**kwargs, "parts": [{"file": str(tmp_path / "arm.xml")}, str(tmp_path / "arm.xml")], "assets": str(tmp_path / "config")}
    assert resolved(kwargs, tmp_path / "config") == expected


def test_arguments_that_were_made_absolute_are_taken_as_they_are_where_no_config_is_at_hand(tmp_path):
    kwargs = {"xml_file": str(tmp_path / "gone.xml"), "frame_skip": 4}
    assert resolved(kwargs, None) == kwargs


def test_a_file_that_is_not_there_is_an_error_of_the_config(tmp_path):
    with pytest.raises(ConfigError, match=r"^a config: task\.sim\.kwargs: \./my_hoper\.xml: no such file beside the config"):
        options(tmp_path, {"xml_file": "./my_hoper.xml"})


def test_files_among_a_wrappers_arguments_are_found_too(tmp_path):
    (tmp_path / "terrain.npy").write_text("")
    entry = {"use": "my_wrappers:Terrain", "heights": "./terrain.npy"}
    found = GymnasiumSim.Options.model_validate({"env": "A-v0", "wrappers": [entry]}, context={"base_dir": tmp_path})
    assert found.wrappers == ({**entry, "heights": str(tmp_path / "terrain.npy")},)
