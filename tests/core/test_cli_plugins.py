"""The command line's frame, `eureka plugins` and `eureka tasks`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from eureka.cli import COMMANDS, main
from eureka.errors import RunFailed

PART = '''
from pathlib import Path
from typing import Literal
from pydantic import Field
import eureka

class Part(eureka.Component):
    """Do a thing.

    At length, with [bold]brackets[/bold].
    """

    class Options(eureka.Options):
        model: str = Field(description="Which [red]one[/red].")
        many: int | None = Field(None, ge=1, description="How many.")
        share: float = Field(0.5, gt=0, le=1, description="A part.")
        way: Literal["up", "down"] = Field("up", description="Which way.")
        where: eureka.ConfigPath = Field(Path("x"), alias="from", description="A file.")
        names: tuple[str, ...] = Field(("a",), description="Several.")
        more: dict[str, int] = Field({}, description="Others.")
        on: bool = Field(True, description="Or off.")

    @eureka.hookimpl
    def eureka_complete(self, request): ...
'''


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", "from eureka.cli import main; main()", *arguments], capture_output=True, text=True)


@pytest.fixture
def broken_command() -> Iterator[None]:
    """A command that fails as a run may."""

    @click.command()
    def fail() -> None:
        raise RunFailed("nothing trained [x]")

    sys.modules["eureka_test_command"] = module = type(sys)("eureka_test_command")
    module.fail = fail  # type: ignore[attr-defined]
    COMMANDS["fail"] = ("eureka_test_command:fail", "Fail.")
    yield
    del COMMANDS["fail"], sys.modules["eureka_test_command"]


def test_help_lists_every_command_run_first() -> None:
    text = invoke("--help").output
    listed = [line.split()[0] for line in text[text.index("Commands:") :].splitlines()[1:] if line.strip()]
    assert listed == list(COMMANDS)
    assert listed[0] == "run"


def test_every_command_exists_and_begins_its_help_alike() -> None:
    for name in COMMANDS:
        result = invoke(name, "--help")
        assert result.exit_code == 0, name


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["plugins"], ["plugins", "--json"]])
def test_help_and_listing_import_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from eureka.cli import main; main(sys.argv[1:], standalone_mode=False); "
        "heavy = {'pydantic', 'numpy', 'jinja2', 'plotly', 'pygments', 'torch', 'rich', 'numba', 'eureka_population', 'eureka_gymnasium'}; "
        "print(heavy & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert done.stderr == "set()\n"


def test_an_expected_error_is_one_line_on_stderr_with_its_exit_code(broken_command: None) -> None:
    result = invoke("fail")
    assert (result.exit_code, result.stderr, result.stdout) == (1, "Error: nothing trained [x]\n", "")
    done = run("plugins", "show", "selector:bst")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith('Error: selector: "bst" is not a selector; did you mean "best"? Installed: best')
    assert "Traceback" not in done.stderr


def test_bad_usage_exits_with_2() -> None:
    assert invoke("no-such-command").exit_code == 2
    assert invoke("plugins", "--no-such-option").exit_code == 2


def test_plugins_lists_kind_name_and_dist() -> None:
    result = invoke("plugins")
    assert result.exit_code == 0
    assert ["selector", "best", "eureka-core", "0.1.0"] in [line.split() for line in result.output.splitlines()]
    listed = json.loads(invoke("plugins", "--json").output)
    assert {
        "kind": "selector",
        "name": "best",
        "dist": "eureka-core",
        "version": "0.1.0",
        "value": "eureka.builtin.best:BestSelector",
    } in listed


def test_show_says_what_a_component_does_takes_and_answers(tmp_path: Path) -> None:
    (tmp_path / "part.py").write_text(PART)
    result = invoke("plugins", "show", f"llm:{tmp_path}/part.py:Part")
    assert result.exit_code == 0, result.output
    text = result.output
    assert "Do a thing.\n\nAt length, with [bold]brackets[/bold].\n" in text
    assert "runs in the host" in text
    assert "Hooks: eureka_complete\n" in text
    rows = {line.split("  ")[0]: [cell.strip() for cell in line.split("  ") if cell.strip()] for line in text.splitlines()}
    assert rows["model"] == ["model", "text", "required", "Which [red]one[/red]."]
    assert rows["many"] == ["many", "int ≥ 1 or null", "null", "How many."]
    assert rows["share"] == ["share", "number > 0, ≤ 1", "0.5", "A part."]
    assert rows["way"] == ["way", "up or down", "up", "Which way."]
    assert rows["from"] == ["from", "path", "x", "A file."]
    assert rows["names"] == ["names", "list of text", '["a"]', "Several."]
    assert rows["more"] == ["more", "mapping", "{}", "Others."]
    assert rows["on"] == ["on", "true or false", "true", "Or off."]
    assert text.rstrip().endswith(f'llm: {{use: "{tmp_path}/part.py:Part", model: …}}')


def test_show_gives_an_example_for_each_form_of_kind() -> None:
    assert invoke("plugins", "show", "pruner:none").output.rstrip().endswith("In a config:\n  pruner: none")
    assert "It takes no options." in invoke("plugins", "show", "pruner:none").output
    assert "In a config:\n  selector: {use: best, k: 1}" in invoke("plugins", "show", "selector:best").output
    assert "In a config:\n  extensions: [" in invoke("plugins", "show", "extensions:progress").output


def test_show_of_what_is_no_component_says_what_is_valid() -> None:
    for argument, expected in {
        "best": 'Error: "best" is not KIND:NAME, such as trainer:population. List them with: eureka plugins',
        "selector:": 'Error: "selector:" is not KIND:NAME',
        "slector:best": 'Error: "slector" is no kind of component; did you mean "selector"?',
    }.items():
        result = invoke("plugins", "show", argument)
        assert result.exit_code == 2
        assert result.stderr.startswith(expected)


LONG = "and " * 30 + "on"


def test_tasks_lists_what_comes_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "shelf_cli"
    (folder / "envs/zeppelin").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError")
    (folder / "envs/zeppelin/task.yaml").write_text(
        f"name: zeppelin\ndescription: Float [high] {LONG}.\nsim: {{use: gymnasium, env: Zep-v1}}\n"
    )
    (folder / "envs/needs.yaml").write_text("no_such_gas:\n  install: pip install 'gas[light]'\n  tasks: [zeppelin]\n")
    info = tmp_path / "shelf_cli-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shelf_cli\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[eureka.library]\nshelf = shelf_cli\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    lines = invoke("tasks").output.splitlines()
    row = next(line for line in lines if line.startswith("zeppelin"))
    assert row.split()[:3] == ["zeppelin", "Float", "[high]"]
    assert max(map(len, lines)) <= 80
    below = lines[lines.index(row) + 1]  # a long description goes on below its beginning
    assert below.index("and") == row.index("Float")
    [end] = [at for at, line in enumerate(lines) if line.endswith("Zep-v1)")]
    assert [line.strip() for line in lines[end + 1 : end + 3]] == ["Not installed here. It comes with:", "pip install 'gas[light]'"]
    found = {entry["name"]: entry for entry in json.loads(invoke("tasks", "--json").output)}
    assert found["zeppelin"] == {
        "name": "zeppelin",
        "description": f"Float [high] {LONG}.",
        "simulator": "gymnasium",
        "environment": "Zep-v1",
        "file": str(folder / "envs/zeppelin/task.yaml"),
        "install": "pip install 'gas[light]'",
    }
