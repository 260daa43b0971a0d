"""`eureka prompt`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eureka.builtin.prompts import NAMES
from eureka.conversation import as_text
from eureka.tokens import about
from eureka.types import Message

SIM = f"{Path(__file__).parent / 'fakes' / 'line.py'}:LineSim"
KEY = "sk-planted-0a1b2c3d4e5f6g7h"
GENERATORS = f"""
import eureka
from eureka.generator_types import Draft
from eureka.types import Message

class Asking(eureka.Component):
    @eureka.hookimpl
    def eureka_generate_rewards(self, request, tools):
        try:
            questions = {{s: (Message(role="user", content=f"{{request.history.task.name}} {{s}}"),) for s in request.missing}}
            return [Draft(sample=answer.sample, text=answer.text) for answer in tools.ask_each(questions)]
        except Exception:
            raise RuntimeError("no answers came")

class Silent(eureka.Component):
    @eureka.hookimpl
    def eureka_generate_rewards(self, request, tools):
        return (Draft(sample=sample, text="I know already.") for sample in request.missing)

class Broken(eureka.Component):
    @eureka.hookimpl
    def eureka_generate_rewards(self, request, tools):
        raise RuntimeError("the login {KEY} is bad")
"""


@pytest.fixture
def point(fake):
    (fake.folder / "generators.py").write_text(GENERATORS)
    fake.settings["llm"] = None  # none is needed
    return fake


def messages(printed: str) -> tuple[Message, ...]:
    return tuple(Message.model_validate(message) for message in json.loads(printed)["messages"])


def test_it_prints_what_a_run_asks_first_to_the_letter_with_its_tokens(fake):
    assert fake.run(search={"iterations": 1, "samples": 1, "retest": 0}, training={"steps": 20}, final={"seeds": 0}).returncode == 0
    asked = tuple(Message.model_validate(message) for message in fake.journal("asked")[0]["messages"])
    done = fake.eureka("prompt", fake.config, "--json")
    assert done.returncode == 0, done.stderr
    assert messages(done.stdout) == asked
    assert json.loads(done.stdout)["tokens"] == about(asked)
    assert fake.eureka("prompt", fake.config).stdout == f"{as_text(asked)}\nabout {about(asked):,} tokens\n"


def test_a_shipped_task_needs_neither_an_llm_nor_a_key(fake):
    done = fake.eureka("prompt", "cartpole", "--set", "generator=llm")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("===== system =====\n\nYou design reward functions")
    assert "\n===== user =====\n\n# The task\n\nKeep the pole upright" in done.stdout
    assert "| `pole_angle` | (B,) | rad |" in done.stdout


def test_an_environment_with_a_sentence_and_a_model_nobody_has_is_shown_too(fake):
    arguments = (
        "--env",
        "Line-v1",
        "--describe",
        "Go home.",
        "--model",
        "nobody:m",
        "--set",
        f"task.sim.use={SIM}",
        "--set",
        "task.sim.env=Line-v1",
    )
    done = fake.eureka("prompt", *arguments)
    assert done.returncode == 0, done.stderr
    assert "# The task\n\nGo home.\n" in done.stdout and "| `x` |" in done.stdout


def test_any_generator_that_asks_is_shown(point):
    done = point.eureka("prompt", point.write(generator={"use": "generators.py:Asking", "repairs": 0}), "--json")
    assert done.returncode == 2 and "generator.repairs: unknown key" in done.stderr
    point.settings["generator"] = "generators.py:Asking"
    done = point.eureka("prompt", point.write(), "--json")
    assert done.returncode == 0, done.stderr
    assert messages(done.stdout) == (Message(role="user", content="point 0"),)


@pytest.mark.parametrize(("generator", "name"), [("generators.py:Silent", "generators.py:Silent"), ("symbolic", "symbolic")])
def test_where_the_generator_asks_no_model_the_prompt_is_that_of_llm_and_says_so(point, generator, name):
    point.settings["generator"] = "llm"
    asked = point.eureka("prompt", point.write())
    point.settings["generator"] = generator
    done = point.eureka("prompt", point.write())
    assert done.returncode == 0 and done.stdout == asked.stdout and "compute_reward" in done.stdout
    assert f"{name}, asks no model; this is what `generator: llm` asks." in done.stderr and asked.stderr == ""


def test_where_a_given_reward_is_the_first_iteration_it_says_that_a_model_is_asked_after_it(point):
    point.settings["generator"] = "llm"
    done = point.eureka("prompt", point.write(search={"initial_reward": "mine.py"}))
    assert done.returncode == 0 and "compute_reward" in done.stdout
    assert done.stderr == (
        "Note: mine.py as the first iteration: a model is first asked in the second, and also reads that reward and what came of it.\n"
    )


def test_a_generator_that_breaks_shows_where_without_the_key_in_its_words(point, monkeypatch):
    monkeypatch.setenv("SOME_KEY", KEY)
    point.settings["generator"] = "generators.py:Broken"
    done = point.eureka("prompt", point.write())
    assert done.returncode == 1
    assert done.stderr.endswith("RuntimeError: the login [KEY] is bad\n") and "in eureka_generate_rewards" in done.stderr


def test_a_key_in_a_prompt_is_not_printed_and_an_error_as_in_a_run(point, monkeypatch):
    monkeypatch.setenv("SOME_KEY", KEY)
    (point.folder / "mine").mkdir()
    (point.folder / "mine" / "notes.md").write_text("{{list}}")
    (point.folder / "mine" / "system.md").write_text(f"You are terse.\nYou are {KEY}.")
    path = point.write(generator={"prompts": "mine"})
    for options in ([], ["--json"]):
        done = point.eureka("prompt", path, *options)
        assert done.returncode == 1 and "You are [KEY]." in done.stdout
        assert "line 2 of the system message holds the value of the environment variable SOME_KEY" in done.stderr
        assert KEY[3:] not in done.stdout + done.stderr


def test_our_texts_are_written_to_begin_ones_own_with(point):
    done = point.eureka("prompt", "--templates", "mine")
    assert done.returncode == 0, done.stderr
    assert "generator: {use: llm, prompts: mine}" in done.stdout
    assert sorted(path.name for path in (point.folder / "mine").iterdir()) == sorted(f"{name}.md" for name in NAMES)
    ours = point.eureka("prompt", point.write()).stdout
    (point.folder / "mine" / "repair.md").unlink()
    path = point.write(generator={"use": "llm", "prompts": "mine"})
    assert point.eureka("prompt", path).stdout == ours
    system = point.folder / "mine" / "system.md"
    system.write_text(system.read_text().replace("You design", "You are paid to design"))
    assert point.eureka("prompt", path).stdout.startswith("===== system =====\n\nYou are paid to design")


def test_a_folder_with_something_in_it_is_left_alone(fake):
    (fake.folder / "mine").mkdir()
    assert fake.eureka("prompt", "--templates", "mine").returncode == 0  # an empty one will do
    before = {path: path.read_bytes() for path in (fake.folder / "mine").iterdir()}
    again = fake.eureka("prompt", "--templates", "mine")
    assert again.returncode == 2 and "--templates mine: exists already" in again.stderr
    assert {path: path.read_bytes() for path in (fake.folder / "mine").iterdir()} == before
    assert fake.eureka("prompt", "--templates", "mine/task.md/below").returncode == 2
    done = fake.eureka("prompt", "cartpole", "--templates", "other")
    assert done.returncode == 2 and "give it alone" in done.stderr and not (fake.folder / "other").exists()
