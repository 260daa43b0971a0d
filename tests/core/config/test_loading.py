"""What a user writes becomes a whole config."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from eureka.config import Config, config_sha256, load_mapping, load_resolved, to_yaml
from eureka.config_models import Caps, EvaluationSettings, Final, Keep, Search, Training


def test_what_a_config_leaves_out_is_filled_in(project: Any) -> None:
    config = project.load()
    assert (config.seed, config.search.iterations, config.search.samples, config.training.steps) == (0, 5, 16, 50000)
    assert config.budget.cost_usd is None
    assert config.llm is None
    assert config.trainer.options == {"num_envs": 8, "rate": 3e-4, "device": "cpu", "warm": None, "also": None}
    assert config.task.sim.options == {"env": "Pole-v1", "kwargs": {}, "scene": None}
    assert config.selector.options["k"] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is nothing to require")
def test_generated_code_must_be_confined_unless_no_model_writes_it_or_the_config_says_otherwise(project: Any) -> None:
    assert project.load().isolation == "require"
    assert load_mapping({"task": "cartpole"}, "cartpole", Path.cwd()).isolation == "best-effort"  # symbolic
    assert load_mapping({"task": "cartpole", "isolation": "require"}, "cartpole", Path.cwd()).isolation == "require"
    assert project.load("", "isolation=none").isolation == "none"


def test_file_names_become_absolute(project: Any) -> None:
    (project.folder / "weights").touch()
    config = project.load(replace=("trainer: parts.py:Trainer", "trainer: {use: parts.py:Trainer, warm: weights}"))
    assert config.trainer.use == f"{project.folder}/parts.py:Trainer"
    assert config.trainer.options["warm"] == f"{project.folder}/weights"
    assert config.extensions[0].use == f"{project.folder}/parts.py:Watcher"
    assert config.task.sim.use == f"{project.folder}/parts.py:Sim"
    assert config.task.variables["lean"].source == f"{project.folder}/functions.py:lean"
    assert config.task.variables["angle"].source == "obs[0]"
    assert config.task.fitness.value == f"{project.folder}/functions.py:up"
    assert config.task.human == f"{project.folder}/human.py"


def test_a_file_named_on_the_command_line_is_relative_to_the_current_directory(project: Any) -> None:
    Path("here.bin").touch()
    (project.folder / "there.bin").touch()
    with_also = ("trainer: parts.py:Trainer", "trainer: {use: parts.py:Trainer, also: there.bin}")
    config = project.load("", "trainer.warm=here.bin", "pruner=project/parts.py:Pruner", replace=with_also)
    assert config.trainer.options["warm"] == str(Path("here.bin").absolute())
    assert config.trainer.options["also"] == f"{project.folder}/there.bin"
    assert config.pruner.use == f"{project.folder}/parts.py:Pruner"


def test_a_tasks_files_are_relative_to_the_task(project: Any) -> None:
    (project.folder / "sub").mkdir()
    (project.folder / "sub/task.yaml").write_text(
        project.task.replace("parts.py", "../parts.py").replace("functions.py", "../functions.py").replace("human.py", "../human.py")
    )
    config = project.load(replace=("task.yaml", "sub/task.yaml"))
    assert config.task.sim.use == f"{project.folder}/parts.py:Sim"
    assert config.task.human == f"{project.folder}/human.py"


def test_a_task_may_stand_in_the_config(project: Any) -> None:
    inline = "task:\n" + "".join(f"  {line}\n" for line in project.task.splitlines())
    assert project.load(replace=("task: task.yaml\n", inline)).task == project.load().task


def test_a_config_that_is_no_file_is_loaded_as_one(project: Any) -> None:
    from eureka.yaml_source import parse_yaml

    assert load_mapping(parse_yaml(project.config, "x").data, "--env", project.folder) == project.load()


def test_mappings_merge_key_by_key(project: Any) -> None:
    config = project.load("search: {samples: 3}\nbudget:\n  tokens: 1e6\n")
    assert (config.search.samples, config.search.iterations) == (3, 5)
    assert (config.budget.tokens, config.budget.hours) == (1_000_000, None)


def test_set_is_applied_last_and_in_order(project: Any) -> None:
    sets = ["search.samples=4", "search.samples=5", "trainer.num_envs=2", "llm=parts.py:Model", "llm=null"]
    config = project.load("search: {samples: 3}\n", *sets)
    assert config.search.samples == 5
    assert config.trainer.options["num_envs"] == 2
    assert config.llm is None


def test_options_stay_with_the_component_they_were_written_for(project: Any) -> None:
    written = ("trainer: parts.py:Trainer", "trainer: {use: parts.py:Trainer, num_envs: 3}")
    other = f"{project.folder}/parts.py:OtherTrainer"
    for change in (f"trainer={other}", f"trainer.use={other}", f'trainer={{use: "{other}"}}'):
        assert project.load("", change, replace=written).trainer.options == {"depth": 2}
    assert project.load("", "trainer.rate=1e-3", replace=written).trainer.options["num_envs"] == 3


def test_options_without_use_go_to_the_component_of_the_defaults(project: Any) -> None:
    assert project.load(replace=("selector: {use: best}", "selector: {k: 3}")).selector.options["k"] == 3


def test_set_reaches_into_the_task(project: Any) -> None:
    config = project.load("", "task.sim.kwargs.gravity=9.8", "task.fitness.solved=10", 'task.description=Keep: it "up"')
    assert config.task.sim.options["kwargs"] == {"gravity": 9.8}
    assert config.task.fitness.solved == 10
    assert config.task.description == 'Keep: it "up"'
    (project.folder / "other.yaml").write_text(project.task.replace("pole", "other"))
    assert project.load("", "task=project/other.yaml").task.name == "other"


def test_a_resolved_config_is_read_back_the_same(project: Any) -> None:
    config = project.load("llm: {use: parts.py:Model, from: there}\nfeedback: []\n", "budget.hours=1.5", "trainer.rate=1e-5")
    path = project.folder / "config.yaml"
    path.write_text(to_yaml(config))
    assert load_resolved(path) == config
    assert to_yaml(load_resolved(path)) == to_yaml(config)
    assert config.llm is not None
    assert config.llm.options == {"model": "small", "from": "there"}


def test_a_resolved_config_gives_the_same_components_again(project: Any) -> None:
    from eureka.registry import make

    config = project.load()
    again = make("extensions", config.extensions[0], "extensions[0]")
    assert again.options.limit == float("inf")
    assert make("trainer", config.trainer).options.model_dump(mode="json") == config.trainer.options


def test_the_hash_tells_configs_apart(project: Any) -> None:
    assert config_sha256(project.load()) == config_sha256(project.load())
    assert config_sha256(project.load()) != config_sha256(project.load("", "seed=1"))


def test_every_setting_is_described_and_only_the_file_holds_defaults() -> None:
    sections: list[Any] = [Search, Training, EvaluationSettings, Final, Keep, Caps]
    for model in (Config, *sections):
        for name, field in model.model_fields.items():
            assert field.is_required(), name
            assert field.description or field.annotation in sections, name


def test_loading_imports_neither_torch_nor_a_simulator(project: Any) -> None:
    code = (
        "import sys; from eureka.config import load_config; load_config('project/c.yaml'); print({'torch', 'gymnasium'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
