"""docs/plugins.md, followed to the letter from an empty folder, in an installation that has never seen the clone."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytestmark = pytest.mark.slow  # an installation of its own, and a run in it

PAGE = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text()
# What the page's reader has and this test has not is a network.
OFFLINE = {"wheel": ["--no-index", "--no-build-isolation"], "install": ["--no-index", "--no-deps"]}


class Block(NamedTuple):
    language: str
    title: str | None
    text: str


BLOCKS = [Block(*found) for found in re.findall(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL)]


class Reader:
    """Writes the page's files and types its commands, in the page's order."""

    def __init__(self, folder: Any, bin_dir: str) -> None:
        self.folder = folder
        self.bin_dir = bin_dir
        self.output: dict[str, str] = {}

    def follow(self, page: list[Block]) -> None:
        for block in page:
            if block.title:
                self.folder.write(block.title, block.text)
            elif block.language == "console":
                for line in block.text.splitlines():
                    self.type(line.removeprefix("$ "))

    def type(self, line: str) -> None:
        program, *arguments = shlex.split(line)
        assert program in ("eureka", "pip"), line
        if program == "pip":
            arguments[1:1] = OFFLINE[arguments[0]]
        done = self.folder.command([os.path.join(self.bin_dir, program), *arguments])  # noqa: PTH118
        assert done.returncode == 0, f"$ {line}\n{done.stdout}{done.stderr}"
        assert done.stderr == "" or program == "pip", f"$ {line}\n{done.stderr}"
        self.output[line] = done.stdout


@pytest.fixture(scope="module")
def reader(installation, tmp_path_factory):
    reader = Reader(installation.folder(tmp_path_factory.mktemp("reader")), str(installation.bin))
    reader.follow(BLOCKS)
    yield reader
    done = reader.folder.command([str(installation.bin / "pip"), "uninstall", "--yes", "eureka-plugin-terse"])
    assert done.returncode == 0, done.stderr


def test_the_page_has_the_blocks_this_test_looks_for():
    assert [block.title for block in BLOCKS if block.title] == [
        "quick.py",
        "quick.yaml",
        "eureka-plugin-terse/pyproject.toml",
        "eureka-plugin-terse/src/eureka_terse/__init__.py",
        "terse.yaml",
        "shell.py",
        "answer.py",
        "shell.yaml",
        "letters.py",
        "letters/r0i0.txt",
        "letters.yaml",
    ]
    commands = [line for block in BLOCKS if block.language == "console" for line in block.text.splitlines()]
    assert len(commands) == 10 and all(line.startswith("$ ") for line in commands)


def test_the_selector_of_the_page_chose_the_parents(reader):
    trained = [outcome for outcome in reader.folder.journal("quick-run", "outcome") if outcome["candidate"].startswith("r0i0")]
    assert len(trained) == 2 and all(outcome["status"] == "ok" for outcome in trained)
    by_speed = sorted(trained, key=lambda outcome: (-outcome["fitness"], outcome["steps"]))
    [selection] = reader.folder.journal("quick-run", "selection")
    assert selection["parents"] == [outcome["candidate"] for outcome in by_speed]  # k is 2; core's selector takes one


def test_the_reflector_of_the_page_told_the_generator(reader):
    outcomes = {outcome["candidate"]: outcome for outcome in reader.folder.journal("terse-run", "outcome")}
    [reflection] = reader.folder.journal("terse-run", "reflection")
    parent = outcomes[reflection["parent"]]
    assert reflection["text"] == f"{parent['candidate']} reached {parent['fitness']:.2f} after {parent['steps']} steps."


def test_the_plugin_of_the_page_is_shown_with_its_option(reader):
    shown = reader.output["eureka plugins show reflector:terse"]
    assert "One line about the parent." in shown
    assert re.search(r"^digits +int ≥ 0, ≤ 6 +1 +Decimal places of the fitness\.$", shown, re.MULTILINE)
    listed = reader.folder.eureka("plugins").stdout
    assert re.search(r"^reflector +terse +eureka-plugin-terse 0\.1\.0$", listed, re.MULTILINE)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("k: 2", "kk: 2", 'quick.yaml:3:43: selector.kk: unknown key; did you mean "k"?'),
        ("eureka_select(", "eureka_selekt(", 'QuickSelector implements the unknown hook eureka_selekt; did you mean "eureka_select"?'),
        ("self, history", "self, past", "QuickSelector.eureka_select takes (past); the hook's arguments are (history)."),
    ],
)
def test_a_mistyped_option_hook_or_argument_is_reported_before_anything_runs(installation, tmp_path, old, new, message):
    folder = installation.folder(tmp_path)
    for block in BLOCKS:
        if block.title in ("quick.py", "quick.yaml"):
            folder.write(block.title, block.text.replace(old, new))
    done = folder.eureka("run", "quick.yaml", "--run-dir", "quick-run")
    assert done.returncode == 2 and message in done.stderr
    assert not (tmp_path / "quick-run").exists()


def test_the_program_of_the_page_read_the_prompt_and_its_answer_was_trained(reader):
    assert "pole_angle" in reader.output["eureka prompt shell.yaml"]
    answers = reader.folder.journal("shell-run", "completion")
    assert [answer["model"] for answer in answers] == ["cat", "cat"] and "upright" in answers[0]["text"]
    assert reader.folder.summary("shell-run")["best"]["fitness"] is not None


def test_the_letter_of_the_page_chose_the_parent(reader):
    [note] = reader.folder.journal("letters-run", "note")
    [selection] = reader.folder.journal("letters-run", "selection")
    assert "hardly trembles" in note["text"] and selection["parents"] == ["r0i0s01"]
    assert selection["scores"] == {"r0i0s00": 0.0, "r0i0s01": 1.0} and selection["scored_by"] == "how many letters name it"
