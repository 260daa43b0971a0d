"""Files and classes that a component's options name: absolute once the config is resolved, and told when they are not there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from eureka.config import load_resolved, to_yaml
from eureka.errors import ConfigError
from eureka.user_files import check_unchanged, hashes

PARTS = """
from pathlib import Path
from typing import Annotated, Any
from pydantic import AfterValidator
from eureka.component import ClassPath


def beside(value, info):
    base = (info.context or {}).get("base_dir")
    is_file = lambda v: str(v).startswith("./") and Path(base or "", v).exists()
    found = {k: str(Path(base or "", v).resolve()) if is_file(v) else v for k, v in value.items()}
    if base is None and any(str(v).startswith("./") for v in found.values()):
        raise ValueError("no such file beside the config")
    return found


class Robot(Sim):
    class Options(eureka.Options):
        env: ClassPath = Field("Pole-v1", description="Environment.")
        wrappers: tuple[ClassPath, ...] = Field((), description="Around it.")
        kwargs: Annotated[dict[str, Any], AfterValidator(beside)] = Field({}, description="Arguments.")
        context: eureka.ConfigPath | None = Field(None, description="A text.")
        scene: eureka.ConfigPath | None = Field(None, description="A file.")


class Policies(Trainer):
    class Options(eureka.Options):
        policy: ClassPath = Field("Mlp", description="Network.")
        more: dict[str, Any] = Field({}, description="Arguments.")
"""
HERE = ("robot.xml", "classes.py", "wrap.py", "notes.txt", "scene.usd")


@pytest.fixture
def robot(project: Any) -> Any:
    """The project with a simulator and a trainer that are given files."""
    for name in HERE:
        (project.folder / name).write_text(name)
    (project.folder / "robot.py").write_text((project.folder / "parts.py").read_text() + PARTS)
    return project


def write(robot: Any, sim: str) -> None:
    """Give the simulator in task.yaml these options."""
    (robot.folder / "task.yaml").write_text(robot.task.replace('"parts.py:Sim", env: Pole-v1', f'"robot.py:Robot", {sim}'))


def load(robot: Any, sim: str, *sets: str) -> Any:
    """The config with these options of the simulator."""
    write(robot, sim)
    return robot.load("", *sets)


def test_classes_in_files_beside_a_config_become_absolute(robot: Any) -> None:
    sim = load(robot, "env: classes.py:Pole, wrappers: ['wrap.py:A', 'gymnasium.wrappers:B', wrap.py:C]").task.sim
    assert sim.options["env"] == f"{robot.folder}/classes.py:Pole"
    assert sim.options["wrappers"] == [f"{robot.folder}/wrap.py:A", "gymnasium.wrappers:B", f"{robot.folder}/wrap.py:C"]
    assert load(robot, "env: my.module:Pole-v1").task.sim.options["env"] == "my.module:Pole-v1"


def test_a_class_named_on_the_command_line_is_relative_to_the_current_directory(robot: Any) -> None:
    Path("here.py").touch()
    sim = load(robot, "wrappers: [wrap.py:A]", "task.sim.env=here.py:Pole").task.sim
    assert (sim.options["env"], sim.options["wrappers"]) == (str(Path("here.py:Pole").absolute()), [f"{robot.folder}/wrap.py:A"])


@pytest.mark.parametrize(
    ("sim", "sets", "expected"),
    [
        ("env: class.py:Pole", [], 'project/task.yaml:3:30: task.sim.env: project/class.py: no such file; did you mean "classes.py"?'),
        ("wrappers: [wrap.py:A, warp.py:B]", [], 'task.sim.wrappers[1]: project/warp.py: no such file; did you mean "wrap.py"?'),
        ("env: x", ["task.sim.env=classes.py:P"], "--set task.sim.env=classes.py:P: task.sim.env: classes.py: no such file."),
        ("kwargs: {xml: ./robo.xml}", [], "project/task.yaml:3:30: task.sim.kwargs: no such file beside the config."),
        ("context: note.txt", [], 'task.sim.context: project/note.txt: no such file; did you mean "notes.txt"?'),
    ],
)
def test_a_file_that_is_not_there_is_told_with_its_place(robot: Any, sim: str, sets: list[str], expected: str) -> None:
    write(robot, sim)
    text = robot.refused("", *sets)
    assert expected in text
    assert "\n" not in text


def test_an_argument_in_a_file_and_one_from_set_are_each_relative_to_their_own_folder(robot: Any) -> None:
    Path("mine.xml").touch()
    kwargs = load(robot, "kwargs: {xml: ./robot.xml, n: 3}", "task.sim.kwargs.other=./mine.xml").task.sim.options["kwargs"]
    assert kwargs == {"xml": f"{robot.folder}/robot.xml", "n": 3, "other": str(Path("mine.xml").absolute())}


def test_a_resolved_config_holds_the_absolute_names(robot: Any) -> None:
    config = load(robot, "env: classes.py:Pole, kwargs: {xml: ./robot.xml}")
    path = robot.folder / "config.yaml"
    path.write_text(to_yaml(config))
    assert load_resolved(path).task.sim.options["kwargs"] == {"xml": f"{robot.folder}/robot.xml"}


def test_a_run_remembers_every_file_its_numbers_depend_on(robot: Any) -> None:
    options = "env: classes.py:Pole, wrappers: [wrap.py:A], kwargs: {xml: ./robot.xml, name: robot}, scene: scene.usd, context: notes.txt"
    absolute = f"{robot.folder}/parts.py:Features"
    trainer = f'trainer={{use: "{robot.folder}/robot.py:Policies", policy: "{robot.folder}/functions.py:Net", more: {{f: ["{absolute}"]}}}}'
    found = hashes(load(robot, options, trainer))
    names = sorted(Path(path).name for path in found)
    assert names == ["classes.py", "functions.py", "human.py", "parts.py", "robot.py", "robot.xml", "scene.usd", "wrap.py"]


@pytest.mark.parametrize("name", ["classes.py", "robot.xml", "human.py"])
def test_a_run_goes_on_only_with_the_files_it_began_with(robot: Any, name: str) -> None:
    config = load(robot, "env: classes.py:Pole, kwargs: {xml: ./robot.xml}, context: notes.txt")
    then = hashes(config)
    (robot.folder / "notes.txt").write_text("other")
    check_unchanged(then, config)
    (robot.folder / name).write_text("other")
    with pytest.raises(ConfigError, match=f"/{re.escape(name)}: changed since the run began"):
        check_unchanged(then, config)
    (robot.folder / name).unlink()
    with pytest.raises(ConfigError, match=f"/{re.escape(name)}: gone since the run began"):
        check_unchanged(then, config)
