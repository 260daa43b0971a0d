"""`eureka env describe`, and `eureka run` and `check` on an environment instead of a config."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from eureka.cli import main
from eureka.cli.target import Target
from eureka.config import load_config
from eureka.errors import ConfigError

SIM = f"{Path(__file__).parent / 'fakes' / 'line.py'}:LineSim"
EUREKA = sys.modules["tests.core.conftest"].EUREKA


@pytest.fixture
def line(fake, tmp_path, monkeypatch):
    """The fake's folder, with a folder for temporary files beside it that must be empty in the end."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    yield fake
    assert fake.wait_until_gone() == []
    assert [p for p in (tmp_path / "temporary").iterdir() if p.name != "started"] == []


def describe(line, *arguments: str) -> subprocess.CompletedProcess[str]:
    return line.eureka("env", "describe", *arguments)


def test_what_is_printed_is_the_first_message_of_a_run_to_the_letter(line):
    line.settings["task"] = {
        "name": "line_v1",
        "description": "Reach a high return in Line-v1.",
        "sim": {"use": SIM, "env": "Line-v1"},
        "fitness": {"value": "native", "fold": "sum"},
    }
    assert line.run(search={"iterations": 1, "samples": 1, "retest": 0}, training={"steps": 20}, final={"seeds": 0}).returncode == 0
    message = line.journal("asked")[0]["messages"][1]["content"]
    assert "| `x` |" in message and "A line." in message and "KEY" not in message
    assert describe(line, str(line.config)).stdout == message + "\n"
    assert describe(line, "Line-v1", "--sim", SIM).stdout == message + "\n"
    assert describe(line, str(line.run_dir / "config.yaml")).stdout == message + "\n"


def test_a_config_with_prompts_of_its_own_shows_those(line):
    (line.folder / "prompts").mkdir()
    (line.folder / "prompts" / "task.md").write_text("Only this: {{description}}")
    line.settings["generator"] = {"use": "llm", "prompts": "prompts"}
    assert describe(line, str(line.write())).stdout == "Only this: Go to zero.\n"


def test_what_a_person_should_know_is_on_standard_error_and_not_in_what_a_model_reads(line):
    done = describe(line, "Line-v1", "--sim", SIM)
    assert done.stderr.splitlines() == [
        "Left out: prev_shaping (env.prev_shaping): only reward code: uses it",
        "To have one all the same, write the task down with --yaml, where it is a comment, and run that.",
    ]
    assert "prev_shaping" not in done.stdout


def test_everything_is_there_as_json(line):
    context = json.loads(describe(line, "Line-v1", "--sim", SIM, "--json", "--set", "task.sim.limit=9").stdout)
    assert [v["name"] for v in context["variables"]] == ["x", "action", "terminated"]
    assert context["derived"]["x"]["from"] == "x"
    assert context["dropped"] == [{"name": "prev_shaping", "source": "env.prev_shaping", "reason": "only reward code: uses it"}]
    assert " 9" in context["text"]


def test_the_task_written_as_yaml_is_the_same_task_again(line, monkeypatch):
    sets = ("--set", "task.sim.kwargs={mass: 2}")
    written = describe(line, "Line-v1", "--sim", SIM, "--yaml", *sets)
    (line.folder / "task.yaml").write_text(written.stdout)
    assert "limit" not in written.stdout  # a default
    assert written.stderr == ""  # what was left out is in it
    derived, declared = (
        json.loads(describe(line, *target, "--json").stdout) for target in (("Line-v1", "--sim", SIM, *sets), ("task.yaml",))
    )
    same = ("description", "text", "variables", "has_prev", "fold", "goal", "task")
    assert {key: derived[key] for key in same} == {key: declared[key] for key in same}
    assert (declared["derived"], declared["dropped"]) == ({}, [])
    monkeypatch.chdir(line.folder)
    assert load_config(str(line.write(task="task.yaml"))).task == load_config("cartpole", ["task=task.yaml"]).task


def test_a_simulator_that_crashes_is_told_with_the_end_of_its_output(line):
    done = describe(line, "Broken-v1", "--sim", SIM)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: the environment could not be described: RuntimeError: the motor is off\n")
    assert "line.py" in done.stderr and len(done.stderr.splitlines()) < 12


def test_an_environment_that_is_not_there_is_one_line(line):
    done = describe(line, "Lin-v1", "--sim", SIM)
    assert (done.returncode, done.stderr) == (2, "Error: sim.env: 'Lin-v1' is unknown; valid: Line-v1.\n")


@pytest.mark.slow
def test_a_gymnasium_environment_reads_the_same_once_its_task_is_written_down(line):
    (line.folder / "task.yaml").write_text(describe(line, "CartPole-v1", "--yaml").stdout)
    shown = describe(line, "CartPole-v1")
    assert shown.returncode == 0 and "| `pole_angle` |" in shown.stdout
    assert describe(line, "task.yaml").stdout == shown.stdout


def test_a_slip_in_the_name_of_a_task_is_guessed_at_once_no_environment_has_that_name(line):
    done = describe(line, "cartpol")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: sim.env: ") and done.stderr.endswith('Or did you mean the task "cartpole"?\n')


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing_behind(line, tmp_path, number):
    command = [EUREKA, "env", "describe", "Endless-v1", "--sim", SIM]
    process = subprocess.Popen(command, cwd=line.folder, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "temporary" / "started").exists():
        time.sleep(0.02)
    assert line.processes() != []
    os.kill(process.pid, number)
    assert process.communicate(timeout=20)[1] == "Interrupted.\n"
    assert process.returncode == 130


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run"], "Give a CONFIG (a YAML file, or a name that `eureka tasks` lists) or an environment, such as --env Pendulum-v1."),
        (["check", "cartpole", "--env", "CartPole-v1"], "CONFIG and --env exclude each other; give one."),
        (["check", "cartpole", "--model", "gpt"], '--model "gpt" is not PROVIDER:NAME, such as openai:gpt-4.1.'),
        (["check", "cartpole", "--model", ":gpt"], '--model ":gpt" is not PROVIDER:NAME'),
        (["env", "describe", "cartpole", "--json", "--yaml"], "--json and --yaml exclude each other; give one."),
        (["env", "describe", "no.yaml"], "no.yaml: no such file"),
        (["check", "cartpole", "--model", "nobody:x"], '--model nobody:x: llm: "nobody" is not an llm. Installed: '),
        (["check", "cartpole", "--model", "nobody:x"], "pip install eureka-plugin-nobody"),
        (["check", "cartpole", "--model", "replay:x"], "--model replay:x: llm.model: unknown key"),
        (["check", "--env", "no.py:Pole"], "--env no.py:Pole: task.sim.env: no.py: no such file"),
        (["check", "Pole-v7"], "An environment is given as: --env Pole-v7"),
    ],
)
def test_bad_usage_is_told_with_what_is_valid(arguments, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert expected in done.stderr


def test_without_the_gymnasium_plugin_its_pip_line_is_named(monkeypatch):
    monkeypatch.setattr("eureka.registry.list_components", lambda: [])
    done = CliRunner().invoke(main, ["env", "describe", "CartPole-v1"])
    assert done.exit_code == 2
    assert "pip install eureka-plugin-gymnasium" in done.stderr


def load(**options):
    return Target(**{"config": None, "env": None, "describe": None, "model": None, "sets": (), **options}).load()


@pytest.fixture
def teller(tmp_path, monkeypatch):
    """An installed provider of models."""
    (tmp_path / "eureka_teller.py").write_text(
        "import eureka\n\nclass Teller(eureka.Component):\n"
        "    class Options(eureka.Options):\n        model: str\n        warmth: float = 1.0\n\n"
        "    @eureka.hookimpl\n    def eureka_complete(self, request): ...\n"
    )
    info = tmp_path / "eureka_teller-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: eureka_teller\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[eureka.llm]\nteller = eureka_teller:Teller\n")
    monkeypatch.syspath_prepend(str(tmp_path))


def test_an_environment_and_a_sentence_are_a_config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    task = load(env="Pendulum-v1", describe="Swing: up!").task
    assert (task.name, task.description, task.human) == ("pendulum_v1", "Swing: up!", "native")
    assert (task.sim.use, task.sim.options["env"], task.variables) == ("gymnasium", "Pendulum-v1", {})
    assert (task.fitness.value, task.fitness.fold) == ("native", "sum")
    assert load(env="ALE/Pong-v5").task.name == "ale_pong_v5"
    assert load(env="ALE/Pong-v5").task.description == "Reach a high return in ALE/Pong-v5."


def test_a_class_in_a_file_is_an_environment_beside_the_current_directory(tmp_path, monkeypatch):
    (tmp_path / "poles.py").touch()
    monkeypatch.chdir(tmp_path)
    task = load(env="poles.py:MyPole").task
    assert (task.name, task.sim.options["env"]) == ("mypole", f"{tmp_path}/poles.py:MyPole")


def test_an_environment_alone_gets_updates_that_fit_a_tenth_of_the_budget():
    config = load(env="Pendulum-v1")
    options = config.trainer.options
    assert options["n_steps"] * options["num_envs"] <= config.training.steps / 10
    assert load(env="Pendulum-v1", sets=("trainer.n_steps=512",)).trainer.options["n_steps"] == 512
    assert load(env="Pendulum-v1", sets=("trainer.gamma=0.9",)).trainer.options["n_steps"] == options["n_steps"]


def test_another_trainer_is_not_given_the_settings_meant_for_this_one():
    for name in ("trainer", "trainer.use"):
        sets = (f"{name}=sb3", "trainer.algorithm=SAC")
        trainer = load(env="Pendulum-v1", sets=sets).trainer
        assert (trainer.use, trainer.options["algorithm"], trainer.options["normalize_rewards"]) == ("sb3", "SAC", False)


def test_a_model_is_the_llm_of_the_generator_of_that_name_below_what_set_says(teller):
    for target in ({"env": "CartPole-v1"}, {"config": "cartpole"}):
        config = load(**target, model="teller:big:7b", sets=("llm.warmth=0.5",))
        assert config.generator.use == "llm"
        assert (config.llm.use, config.llm.options) == ("teller", {"model": "big:7b", "warmth": 0.5})
    with pytest.raises(ConfigError, match=r"^--set llm\.warmht=1: llm\.warmht: unknown key"):
        load(env="CartPole-v1", model="teller:big", sets=("llm.warmht=1",))


def test_a_sentence_takes_the_place_of_a_tasks_description():
    assert load(config="cartpole", describe="Fall.").task.description == "Fall."
    assert load(config="cartpole", describe="Fall.", sets=("task.description=Stand.",)).task.description == "Stand."


def test_check_says_what_the_fitness_of_an_environment_alone_is():
    done = CliRunner().invoke(main, ["check", "--env", "CartPole-v1"])
    assert done.exit_code == 0, done.output
    assert "--env CartPole-v1: a valid config for task cartpole_v1" in done.output
    assert "the environment's own return" in done.output and "eureka env describe CartPole-v1 --yaml > task.yaml" in done.output
    done = CliRunner().invoke(main, ["check", "--env", "CartPole-v1", "--set", "task.fitness.value=length"])
    assert "own return" not in done.output
