"""Every mistake in a config or task is one line with its place, what is valid, and exit code 2."""

from __future__ import annotations

from typing import Any

import pytest

from eureka.config import load_config, load_resolved, to_yaml
from eureka.errors import ConfigError


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            "search:\n  sampels: 3\n",
            'project/c.yaml:10:3: search.sampels: unknown key; did you mean "samples"? Valid: iterations, samples, restarts, retest, '
            "stop_when_solved, initial_reward, initial_as, start, start_reward, warm_start.",
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
        (
            "training: {segments: 0}\n",
            "project/c.yaml:9:12: training.segments: 0 is neither a number of equal segments, such as 2, nor grow",
        ),
        ("training: {segments: true}\n", "training.segments: true is neither"),
        ("training: {segments: []}\n", "training.segments: [] is neither"),
        ("training: {segments: [0.5, 0.25]}\n", "training.segments: [0.5, 0.25] is neither"),
        (
            "training: {segments: [0.5, 1.0]}\n",
            "0.5, 1.0] is neither a number of equal segments, such as 2, nor growing shares of the training",
        ),
        ("training: {segments: [0.25, .nan]}\n", "between 0 and 1, such as [0.25, 0.5]."),
        ("training: {segments: [a]}\n", 'training.segments: ["a"] is neither'),
        (
            "training: {steps: 20, segments: [0.5, 0.51]}\n",
            "training: segments ([0.5, 0.51]) would end at 10, 10, 20 steps, and each needs one of its own; take fewer.",
        ),
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
def test_a_wrong_setting_is_told_with_its_place(project: Any, more: str, expected: str) -> None:
    text = project.refused(more)
    assert expected in text
    assert "\n" not in text


def test_several_mistakes_are_a_line_each(project: Any) -> None:
    assert len(project.refused("search: {samples: 0, x: 1}\nseed: a\nllm: 3\n").splitlines()) == 4


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("search.samples=0", "--set search.samples=0: search.samples: 0 is not ≥ 1."),
        ("search.sampels=3", '--set search.sampels=3: search.sampels: unknown key; did you mean "samples"?'),
        ("trainer.num_envs=0", "--set trainer.num_envs=0: trainer.num_envs: 0 is not ≥ 1. See: eureka plugins show trainer:"),
        ("search", '--set "search": expected KEY.PATH=VALUE, such as search.samples=8.'),
        ("search..samples=3", "--set search..samples=3: 'search..samples' is no key path"),
        ("search.samples=[1", "--set search.samples=[1: '[1' is no YAML value"),
        ("extensions.9.limit=3", "--set extensions.9.limit=3: extensions is a list. Its items: extensions[0]; or set it as a whole"),
        ("seed.x=3", "--set seed.x=3: seed is a single value; set it as a whole"),
        ("trainer=null", "--set trainer=null: trainer: is not a component"),
        ("task=pol", '--set task=pol: task: "pol" is no shipped task'),
    ],
)
def test_a_wrong_set_is_named(project: Any, change: str, expected: str) -> None:
    assert project.refused("", change).startswith(expected)


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
def test_a_component_or_file_that_is_not_there_is_told_with_its_place(project: Any, old: str, new: str, expected: str) -> None:
    text = project.refused(replace=(old, new))
    assert expected in text
    assert "\n" not in text


def test_mistakes_in_several_components_are_all_told(project: Any) -> None:
    text = project.refused("", "trainer.num_envs=0", "executor.slots=0", "task.sim.env=3", "extensions=[nothing_like_it]")
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
        (
            'fitness: {value: "functions.py:up", fold: sum}\n',
            "",
            "project/task.yaml: task.fitness: is missing; such as fitness: {value: native}",
        ),
        ('sim: {use: "parts.py:Sim", env: Pole-v1}\n', "", "task.sim: is missing; such as sim: {use: gymnasium, env: CartPole-v1}."),
    ],
)
def test_a_mistake_in_a_task_is_told_with_its_place(project: Any, old: str, new: str, expected: str) -> None:
    (project.folder / "task.yaml").write_text(project.task.replace(old, new, 1))
    text = project.refused()
    assert expected in text
    assert "\n" not in text


def test_a_generator_that_asks_a_model_needs_one(project: Any) -> None:
    text = project.refused("", "generator=project/parts.py:Asking")
    assert 'Asking" asks a model and none is set; write llm: NAME in the config, or --set llm=NAME (its options: ' in text
    assert "replay" in text
    assert project.load("", "generator=project/parts.py:Asking", "llm=project/parts.py:Model").llm is not None


def test_an_unknown_target_suggests_names_and_files(project: Any) -> None:
    with pytest.raises(ConfigError, match=r'^"qqqq" is no file .* or task\. List them with: eureka tasks\. An environment .*: --env qqqq$'):
        load_config("qqqq")
    with pytest.raises(ConfigError, match=r'^project/cc\.yaml: no such file; did you mean "c\.yaml"\?$'):
        load_config("project/cc.yaml")


def test_a_resolved_config_is_closed_and_whole(project: Any) -> None:
    path = project.folder / "config.yaml"
    path.write_text(to_yaml(project.load()).replace("seed: 0\n", "sede: 0\n"))
    with pytest.raises(ConfigError) as error:
        load_resolved(path)
    assert "seed: is missing: All randomness derives from it." in str(error.value)
    assert 'sede: unknown key; did you mean "seed"?' in str(error.value)
