"""What a user writes becomes a whole config, or one line per mistake with its place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from eureka.config import Config, apply_changes, config_sha256, load_config, load_mapping, load_resolved, to_yaml
from eureka.errors import ConfigError

PARTS = """
from pydantic import Field
import eureka

class Sim(eureka.Component):
    class Options(eureka.Options):
        env: str = Field(description="Environment id.")
        kwargs: dict[str, object] = Field({}, description="More.")
        scene: eureka.ConfigPath | None = Field(None, description="A file.")

    @eureka.hookimpl
    def eureka_make_env(self, request): ...

    @eureka.hookimpl
    def eureka_extract_context(self, request): ...

class Trainer(eureka.Component):
    class Options(eureka.Options):
        num_envs: int = Field(8, ge=1, description="Rows.")
        rate: float = Field(3e-4, gt=0, description="Step size.")
        device: str | int = Field("cpu", description="Where.")
        warm: eureka.ConfigPath | None = Field(None, description="A file to start from.")
        also: eureka.ConfigPath | None = Field(None, description="Another.")

    @eureka.hookimpl
    def eureka_train(self, job, tools): ...

    @eureka.hookimpl
    def eureka_load_policy(self, request): ...

class OtherTrainer(Trainer):
    class Options(eureka.Options):
        depth: int = Field(2, description="Layers.")

class Generator(eureka.Component):
    @eureka.hookimpl
    def eureka_generate_rewards(self, request, tools): ...

class Asking(Generator):
    needs_llm = True

class Model(eureka.Component):
    class Options(eureka.Options):
        model: str = Field("small", description="Which.")
        source: str | None = Field(None, alias="from", description="Where from.")

    @eureka.hookimpl
    def eureka_complete(self, request): ...

class Pruner(eureka.Component):
    @eureka.hookimpl
    def eureka_prune(self, rung): ...

class Executor(eureka.Component):
    class Options(eureka.Options):
        slots: int = Field(2, ge=1, description="Workers at once.")

    @eureka.hookimpl
    def eureka_submit(self, request): ...

class Watcher(eureka.Component):
    class Options(eureka.Options):
        limit: float = Field(float("inf"), description="A bound.")

    @eureka.hookimpl
    def eureka_on_run_end(self, event): ...
"""

TASK = """\
name: pole
description: Keep it up.
sim: {use: "parts.py:Sim", env: Pole-v1}
variables:
  angle: {from: "obs[0]"}
  lean: {from: "functions.py:lean", meaning: how far}
fitness: {value: "functions.py:up", fold: sum}
human: human.py
"""

CONFIG = """\
task: task.yaml
generator: parts.py:Generator
trainer: parts.py:Trainer
pruner: parts.py:Pruner
selector: {use: best}
reflector: none
executor: parts.py:Executor
extensions: [parts.py:Watcher]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a task, components and a config that names them; the current directory is another."""
    made = tmp_path / "project"
    made.mkdir()
    for name, text in {"parts.py": PARTS, "task.yaml": TASK, "c.yaml": CONFIG, "functions.py": "", "human.py": ""}.items():
        (made / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return made


def load(folder: Path, more: str = "", *sets: str, replace: tuple[str, str] = ("", "")) -> Config:
    """The folder's config with lines added (or replaced), and --set."""
    (folder / "c.yaml").write_text(CONFIG.replace(*replace) + more)
    return load_config("project/c.yaml", sets)


def refused(folder: Path, more: str = "", *sets: str, replace: tuple[str, str] = ("", "")) -> str:
    """What is said of it."""
    with pytest.raises(ConfigError) as error:
        load(folder, more, *sets, replace=replace)
    assert error.value.exit_code == 2
    return str(error.value)


def test_what_a_config_leaves_out_is_filled_in(folder: Path) -> None:
    config = load(folder)
    assert (config.seed, config.search.iterations, config.search.samples, config.training.steps) == (0, 5, 16, 50000)
    assert config.budget.cost_usd is None
    assert config.llm is None
    assert config.trainer.options == {"num_envs": 8, "rate": 3e-4, "device": "cpu", "warm": None, "also": None}
    assert config.task.sim.options == {"env": "Pole-v1", "kwargs": {}, "scene": None}
    assert config.selector.options["k"] == 1


def test_file_names_become_absolute(folder: Path) -> None:
    (folder / "weights").touch()
    config = load(folder, replace=("trainer: parts.py:Trainer", "trainer: {use: parts.py:Trainer, warm: weights}"))
    assert config.trainer.use == f"{folder}/parts.py:Trainer"
    assert config.trainer.options["warm"] == f"{folder}/weights"
    assert config.extensions[0].use == f"{folder}/parts.py:Watcher"
    assert config.task.sim.use == f"{folder}/parts.py:Sim"
    assert config.task.variables["lean"].source == f"{folder}/functions.py:lean"
    assert config.task.variables["angle"].source == "obs[0]"
    assert config.task.fitness.value == f"{folder}/functions.py:up"
    assert config.task.human == f"{folder}/human.py"


def test_a_file_named_on_the_command_line_is_relative_to_the_current_directory(folder: Path) -> None:
    Path("here.bin").touch()
    (folder / "there.bin").touch()
    with_also = ("trainer: parts.py:Trainer", "trainer: {use: parts.py:Trainer, also: there.bin}")
    config = load(folder, "", "trainer.warm=here.bin", "pruner=project/parts.py:Pruner", replace=with_also)
    assert config.trainer.options["warm"] == str(Path("here.bin").absolute())
    assert config.trainer.options["also"] == f"{folder}/there.bin"
    assert config.pruner.use == f"{folder}/parts.py:Pruner"


def test_a_tasks_files_are_relative_to_the_task(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub/task.yaml").write_text(
        TASK.replace("parts.py", "../parts.py").replace("functions.py", "../functions.py").replace("human.py", "../human.py")
    )
    config = load(folder, replace=("task.yaml", "sub/task.yaml"))
    assert config.task.sim.use == f"{folder}/parts.py:Sim"
    assert config.task.human == f"{folder}/human.py"


def test_a_task_may_stand_in_the_config(folder: Path) -> None:
    inline = "task:\n" + "".join(f"  {line}\n" for line in TASK.splitlines())
    assert load(folder, replace=("task: task.yaml\n", inline)).task == load(folder).task


def test_a_config_that_is_no_file_is_loaded_as_one(folder: Path) -> None:
    from eureka.yaml_source import parse_yaml

    assert load_mapping(parse_yaml(CONFIG, "x").data, "--env", folder) == load(folder)


def test_mappings_merge_key_by_key(folder: Path) -> None:
    config = load(folder, "search: {samples: 3}\nbudget:\n  tokens: 1e6\n")
    assert (config.search.samples, config.search.iterations) == (3, 5)
    assert (config.budget.tokens, config.budget.hours) == (1_000_000, None)


def test_set_is_applied_last_and_in_order(folder: Path) -> None:
    config = load(
        folder, "search: {samples: 3}\n", "search.samples=4", "search.samples=5", "trainer.num_envs=2", "llm=parts.py:Model", "llm=null"
    )
    assert config.search.samples == 5
    assert config.trainer.options["num_envs"] == 2
    assert config.llm is None


def test_options_stay_with_the_component_they_were_written_for(folder: Path) -> None:
    written = ("trainer: parts.py:Trainer", "trainer: {use: parts.py:Trainer, num_envs: 3}")
    other = f"{folder}/parts.py:OtherTrainer"
    for change in (f"trainer={other}", f"trainer.use={other}", f'trainer={{use: "{other}"}}'):
        assert load(folder, "", change, replace=written).trainer.options == {"depth": 2}
    assert load(folder, "", "trainer.rate=1e-3", replace=written).trainer.options["num_envs"] == 3


def test_options_without_use_go_to_the_component_of_the_defaults(folder: Path) -> None:
    assert load(folder, replace=("selector: {use: best}", "selector: {k: 3}")).selector.options["k"] == 3


def test_set_reaches_into_the_task(folder: Path) -> None:
    config = load(folder, "", "task.sim.kwargs.gravity=9.8", "task.fitness.solved=10", 'task.description=Keep: it "up"')
    assert config.task.sim.options["kwargs"] == {"gravity": 9.8}
    assert config.task.fitness.solved == 10
    assert config.task.description == 'Keep: it "up"'
    (folder / "other.yaml").write_text(TASK.replace("pole", "other"))
    assert load(folder, "", "task=project/other.yaml").task.name == "other"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            "search:\n  sampels: 3\n",
            'project/c.yaml:10:3: search.sampels: unknown key; did you mean "samples"? Valid: iterations, samples, restarts, retest.',
        ),
        ("serch: {}\n", 'project/c.yaml:9:1: serch: unknown key; did you mean "search"? Valid: task, seed,'),
        ("search: {samples: 0}\n", "project/c.yaml:9:10: search.samples: 0 is not ≥ 1."),
        ("search: {samples: true}\n", "search.samples: true is not a whole number."),
        ('search: {samples: "8"}\n', 'search.samples: "8" is not a whole number.'),
        ("search: {samples: 2.5}\n", "search.samples: 2.5 is not a whole number."),
        ("search: {samples: null}\n", "search.samples: null is not a whole number."),
        ("search: 3\n", "project/c.yaml:9:1: search: 3 is not a mapping (key: value)."),
        ("seed: -1\n", "seed: -1 is not ≥ 0."),
        ("seed: yes\n", 'seed: "yes" is not a whole number.'),
        ("training: {checkpoints: 101}\n", "training.checkpoints: 101 is not ≤ 100."),
        ("training: {steps: 3, segments: 4}\n", "training: segments (4) is more than steps (3)."),
        ("evaluation: {share: 0}\n", "evaluation.share: 0 is not > 0"),
        ("evaluation: {share: a lot}\n", 'evaluation.share: "a lot" is not a number.'),
        ("evaluation: {min_episodes: 30}\n", "evaluation: min_episodes (30) is more than max_episodes (20)."),
        ("budget: {hours: .inf}\n", "budget.hours: Infinity is not a finite number."),
        ("feedback: human\n", 'feedback: "human" is not a list.'),
        ("feedback: [3]\n", "project/c.yaml:9:12: feedback[0]: is not a component; give its name, or a mapping with `use`."),
        ("llm: {model: big}\n", "project/c.yaml:9:1: llm: has no `use`; name the component."),
        ("llm: {use: 3}\n", "llm: has no `use`"),
        ("description: x\nfitness: {}\nsim: x\n", "project/c.yaml:11:1: this is a task, not a config"),
    ],
)
def test_a_wrong_setting_is_told_with_its_place(folder: Path, more: str, expected: str) -> None:
    text = refused(folder, more)
    assert expected in text
    assert "\n" not in text


def test_several_mistakes_are_a_line_each(folder: Path) -> None:
    assert len(refused(folder, "search: {samples: 0, x: 1}\nseed: a\nllm: 3\n").splitlines()) == 4


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("search.samples=0", "--set search.samples=0: search.samples: 0 is not ≥ 1."),
        ("search.sampels=3", '--set search.sampels=3: search.sampels: unknown key; did you mean "samples"?'),
        ("trainer.num_envs=0", "--set trainer.num_envs=0: trainer.num_envs: 0 is not ≥ 1. See: eureka plugins show trainer:"),
        ("search", '--set "search": expected KEY.PATH=VALUE, such as search.samples=8.'),
        ("search..samples=3", "--set search..samples=3: 'search..samples' is no key path"),
        ("search.samples=[1", "--set search.samples=[1: '[1' is no YAML value"),
        ("extensions.0.limit=3", "--set extensions.0.limit=3: extensions is a list; set it as a whole: --set 'extensions=…'."),
        ("seed.x=3", "--set seed.x=3: seed is a single value; set it as a whole"),
        ("trainer=null", "--set trainer=null: trainer: is not a component"),
        ("task=pol", '--set task=pol: task: "pol" is no shipped task'),
    ],
)
def test_a_wrong_set_is_named(folder: Path, change: str, expected: str) -> None:
    assert refused(folder, "", change).startswith(expected)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "parts.py:Trainer",
            "parts.py:Trianer",
            'project/c.yaml:3:1: trainer: "project/parts.py:Trianer" has no class Trianer; did you mean "Trainer"?',
        ),
        ("parts.py:Trainer", "part.py:Trainer", 'project/c.yaml:3:1: trainer: project/part.py: no such file; did you mean "parts.py"?'),
        (
            "parts.py:Trainer",
            "{use: parts.py:Trainer, num_env: 3}",
            'project/c.yaml:3:34: trainer.num_env: unknown key; did you mean "num_envs"?',
        ),
        ("parts.py:Trainer", "{use: parts.py:Trainer, warm: no.bin}", "project/c.yaml:3:34: trainer.warm: project/no.bin: no such file."),
        ("parts.py:Trainer", "{use: parts.py:Trainer, device: [1]}", "trainer.device: [1] is not text and [1] is not a whole number."),
        ("parts.py:Trainer", "parts.py:Pruner", "project/c.yaml:3:1: trainer: Pruner implements eureka_prune; a trainer must implement"),
        ("use: best", "use: bst", 'project/c.yaml:5:12: selector: "bst" is not a selector; did you mean "best"?'),
        (
            "[parts.py:Watcher]",
            "[parts.py:Watcher, {use: parts.py:Watcher, limt: 1}]",
            'extensions[1].limt: unknown key; did you mean "limit"?',
        ),
        ("task: task.yaml", "task: tsk.yaml", 'project/c.yaml:1:1: task: project/tsk.yaml: no such file; did you mean "task.yaml"?'),
        ("task: task.yaml\n", "", "task: is missing: A shipped task's name, the path of a task.yaml, or the task itself."),
        ("task: task.yaml", "task: 3", "project/c.yaml:1:1: task: 3 is not a mapping (key: value)."),
    ],
)
def test_a_component_or_file_that_is_not_there_is_told_with_its_place(folder: Path, old: str, new: str, expected: str) -> None:
    text = refused(folder, replace=(old, new))
    assert expected in text
    assert "\n" not in text


def test_mistakes_in_several_components_are_all_told(folder: Path) -> None:
    text = refused(folder, "", "trainer.num_envs=0", "executor.slots=0", "task.sim.env=3", "extensions=[nothing_like_it]")
    assert [line.split(":")[1] for line in text.splitlines()] == [" task.sim.env", " trainer.num_envs", " executor.slots", " extensions[0]"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  angle:", "  class:", 'task.yaml:5:3: task.variables.class: "class" is no Python name'),
        ("  angle:", "  pole angle:", '"pole angle" is no Python name'),
        ("  angle:", "  prev_angle:", "a name must not begin with prev_ or _"),
        ("  angle:", "  _angle:", "a name must not begin with prev_ or _"),
        ("  angle:", "  terminated:", '"terminated" is reserved, as are native, length'),
        ("  angle:", "  length:", '"length" is reserved'),
        ('"obs[0]"', "native", 'project/task.yaml:5:11: task.variables.angle.from: "native" is for fitness only'),
        (
            "functions.py:lean",
            "function.py:lean",
            'task.variables.lean.from: project/function.py: no such file; did you mean "functions.py"?',
        ),
        ("functions.py:up", "nowhere.py:up", "project/task.yaml:7:11: task.fitness.value: project/nowhere.py: no such file"),
        ("human: human.py", "human: humn.py", 'project/task.yaml:8:1: task.human: project/humn.py: no such file; did you mean "human.py"?'),
        ("fold: sum", "fold: summ", 'task.fitness.fold: "summ" is not "sum", "mean", "last", "max" or "any"; did you mean "sum"?'),
        ("meaning:", "meanning:", 'task.variables.lean.meanning: unknown key; did you mean "meaning"? Valid: from, meaning, unit, goal.'),
        ("env: Pole-v1", "env: 3", "project/task.yaml:3:28: task.sim.env: 3 is not text. See: eureka plugins show sim:"),
        (", env: Pole-v1", "", "task.sim.env: is missing: Environment id."),
        ("description: Keep it up.\n", "", "task.description: is missing: What the agent should do, in a sentence."),
    ],
)
def test_a_mistake_in_a_task_is_told_with_its_place(folder: Path, old: str, new: str, expected: str) -> None:
    (folder / "task.yaml").write_text(TASK.replace(old, new, 1))
    text = refused(folder)
    assert expected in text
    assert "\n" not in text


def test_a_generator_that_asks_a_model_needs_one(folder: Path) -> None:
    text = refused(folder, "", "generator=project/parts.py:Asking")
    assert 'Asking" asks a model and none is set; write llm: NAME in the config, or --set llm=NAME. Installed: ' in text
    assert "replay" in text
    assert load(folder, "", "generator=project/parts.py:Asking", "llm=project/parts.py:Model").llm is not None


def test_an_unknown_target_suggests_names_and_files(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r'^"qqqq" is no file and no shipped config or task\. List them with: eureka tasks$'):
        load_config("qqqq")
    with pytest.raises(ConfigError, match=r'^project/cc\.yaml: no such file; did you mean "c\.yaml"\?$'):
        load_config("project/cc.yaml")


def test_a_resolved_config_is_read_back_the_same(folder: Path) -> None:
    config = load(folder, "llm: {use: parts.py:Model, from: there}\nfeedback: []\n", "budget.hours=1.5", "trainer.rate=1e-5")
    path = folder / "config.yaml"
    path.write_text(to_yaml(config))
    assert load_resolved(path) == config
    assert to_yaml(load_resolved(path)) == to_yaml(config)
    assert config.llm is not None
    assert config.llm.options == {"model": "small", "from": "there"}


def test_a_resolved_config_is_closed_and_whole(folder: Path) -> None:
    path = folder / "config.yaml"
    path.write_text(to_yaml(load(folder)).replace("seed: 0\n", "sede: 0\n"))
    with pytest.raises(ConfigError) as error:
        load_resolved(path)
    assert "seed: is missing: All randomness derives from it." in str(error.value)
    assert 'sede: unknown key; did you mean "seed"?' in str(error.value)


def test_a_resolved_config_gives_the_same_components_again(folder: Path) -> None:
    from eureka.registry import make

    config = load(folder)
    again = make("extensions", config.extensions[0], "extensions[0]")
    assert again.options.limit == float("inf")
    assert make("trainer", config.trainer).options.model_dump(mode="json") == config.trainer.options


def test_the_hash_tells_configs_apart(folder: Path) -> None:
    assert config_sha256(load(folder)) == config_sha256(load(folder))
    assert config_sha256(load(folder)) != config_sha256(load(folder, "", "seed=1"))


def test_a_run_that_goes_on_may_change_some_settings(folder: Path) -> None:
    config = load(folder)
    changed, changes = apply_changes(
        config, ["search.iterations=8", "budget.cost_usd=2.5", "executor.slots=4", "llm=project/parts.py:Model", "budget.hours=null"]
    )
    model = {"use": f"{folder}/parts.py:Model", "model": "small", "from": None}
    assert changes == [
        ("search.iterations", 5, 8),
        ("budget.cost_usd", None, 2.5),
        ("executor.slots", 2, 4),
        ("llm", None, model),
    ]
    assert changed.search.iterations == 8
    assert changed.trainer == config.trainer
    assert apply_changes(changed, ["llm.model=big"])[1] == [("llm.model", "small", "big")]
    assert apply_changes(config, []) == (config, [])


@pytest.mark.parametrize(
    "change", ["training.steps=9", "search.samples=2", "seed=1", "task.name=x", "budgetary=3", "search={iterations: 3}"]
)
def test_a_run_that_goes_on_keeps_everything_else(folder: Path, change: str) -> None:
    with pytest.raises(ConfigError) as error:
        apply_changes(load(folder), [change])
    key = change.partition("=")[0]
    assert str(error.value) == (
        f"--set {change}: {key} cannot change once a run has begun. May change: search.iterations, budget.*, executor.*, llm.*. "
        "Or start a new run."
    )


def test_a_wrong_change_is_told_like_any_other(folder: Path) -> None:
    config = load(folder, "", "generator=project/parts.py:Asking", "llm=project/parts.py:Model")
    for change, expected in {
        "search.iterations=0": "--set search.iterations=0: search.iterations: 0 is not ≥ 1.",
        "executor.slts=3": '--set executor.slts=3: executor.slts: unknown key; did you mean "slots"? Valid: slots.',
        "llm=null": "asks a model and none is set",
    }.items():
        with pytest.raises(ConfigError) as error:
            apply_changes(config, [change])
        assert expected in str(error.value)


def test_every_setting_is_described_and_only_the_file_holds_defaults() -> None:
    sections = [Config, *(f.annotation for f in Config.model_fields.values() if f.annotation.__module__ == "eureka.config_models")]
    assert len(sections) == 6
    for section in sections:
        for name, field in section.model_fields.items():
            assert field.is_required(), name
            assert field.description or field.annotation in sections, name


def test_loading_imports_neither_torch_nor_a_simulator(folder: Path) -> None:
    code = (
        "import sys; from eureka.config import load_config; load_config('project/c.yaml'); print({'torch', 'gymnasium'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
