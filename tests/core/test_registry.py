"""From names to components, and every way that can fail: each one line, each exit code 2."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eureka.errors import ConfigError
from eureka.registry import list_components, make, resolve
from eureka.types import ComponentSpec

SELECTOR = '''
from pydantic import Field
import eureka

class First(eureka.Component):
    """Choose the first."""

    class Options(eureka.Options):
        k: int = Field(1, ge=1, description="How many.")
        path: eureka.ConfigPath | None = Field(None, description="A file.")

    @eureka.hookimpl
    def eureka_select(self, history):
        return ("r0i0s00",)

class Plain:
    pass
'''


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a dist's metadata, and modules, on the import path."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def installed(dist: str, version: str, group: str, entry: str, **modules: str) -> None:
        info = site / f"{dist.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{entry}\n")
        for name, text in modules.items():
            (site / f"{name}.py").write_text(text)

    return installed


def message(call: Callable[[], object]) -> str:
    """What a ConfigError says: one line, exit code 2."""
    with pytest.raises(ConfigError) as error:
        call()
    assert error.value.exit_code == 2
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_built_ins_are_listed_with_their_dist() -> None:
    listed = {(c.kind, c.name): c for c in list_components()}
    assert listed["selector", "best"].dist == "eureka-core"
    assert listed["selector", "best"].value == "eureka.builtin.best:BestSelector"


def test_listing_imports_no_plugin(install: Callable[..., None]) -> None:
    install("eureka-plugin-x", "1.0", "eureka.trainer", "x = broken_x:X", broken_x="raise RuntimeError")
    assert ("trainer", "x", "eureka-plugin-x", "1.0", "broken_x:X") in list_components()
    assert "broken_x" not in sys.modules


def test_a_name_resolves_to_its_class() -> None:
    assert resolve("selector", "best").__name__ == "BestSelector"
    assert resolve("selector", "eureka.builtin.best:BestSelector") is resolve("selector", "best")


def test_an_unknown_name_suggests_the_closest() -> None:
    text = message(lambda: resolve("selector", "bst"))
    assert text.startswith('selector: "bst" is not a selector; did you mean "best"? Installed: best')
    assert text.endswith("pip install eureka-plugin-NAME")  # never the misspelt name


def test_an_unknown_name_far_from_all_names_the_plugin_to_install() -> None:
    text = message(lambda: resolve("pruner", "hyperband"))
    assert text.startswith('pruner: "hyperband" is not a pruner. Installed: none')
    assert text.endswith("Others come with their plugin: pip install eureka-plugin-hyperband")


def test_a_kind_nobody_fills_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [component for component in list_components() if component.kind != "feedback"]
    monkeypatch.setattr("eureka.registry.list_components", lambda: left)
    assert "Installed: none. Others come with" in message(lambda: resolve("feedback", "zzz"))


def test_a_missing_dependency_names_module_dist_and_pip_line(install: Callable[..., None]) -> None:
    install("eureka-plugin-needy", "2.1", "eureka.llm", "needy = needy_mod:Needy", needy_mod="import no_such_sdk.api\n")
    assert message(lambda: resolve("llm", "needy")) == (
        'llm: "needy" of eureka-plugin-needy 2.1 needs the module no_such_sdk, which is missing: '
        "pip install eureka-plugin-needy (or only: pip install no_such_sdk)"
    )


def test_a_dependency_that_lost_a_name_is_told_with_its_place(install: Callable[..., None]) -> None:
    install("eureka-plugin-old", "1", "eureka.llm", "old = old_mod:Old", old_mod="\nfrom json import no_such_name\n")
    text = message(lambda: resolve("llm", "old"))
    assert 'llm: "old" of eureka-plugin-old 1 cannot be loaded: ' in text
    assert "old_mod.py:2: ImportError: cannot import name 'no_such_name'" in text
    assert text.endswith("Try: pip install --upgrade eureka-plugin-old")


def test_a_plugin_that_breaks_on_import_is_told_in_one_line(install: Callable[..., None]) -> None:
    install("eureka-plugin-bad", "1", "eureka.llm", "bad = bad_mod:Bad", bad_mod="x = 1\nraise ValueError('two\\nlines')\n")
    assert "bad_mod.py:2: ValueError: two lines." in message(lambda: resolve("llm", "bad"))


def test_two_dists_with_one_name_are_both_named(install: Callable[..., None]) -> None:
    install("one-dist", "1.0", "eureka.llm", "twice = m:A")
    install("two-dist", "2.0", "eureka.llm", "twice = m:B")
    assert message(lambda: resolve("llm", "twice")) == (
        'llm: "twice" comes from one-dist 1.0 and two-dist 2.0; uninstall one: pip uninstall two-dist'
    )


def test_a_class_is_found_in_a_file_beside_the_config_and_loaded_once(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(SELECTOR)
    cls = resolve("selector", "mine.py:First", tmp_path)
    assert cls is resolve("selector", str(tmp_path / "mine.py:First"))


def test_a_missing_file_suggests_its_neighbour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(SELECTOR)
    assert message(lambda: resolve("selector", "min.py:First")) == 'selector: min.py: no such file; did you mean "mine.py"?'


def test_a_missing_class_lists_those_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(SELECTOR)
    assert message(lambda: resolve("selector", "mine.py:Frist")) == (
        'selector: "mine.py:Frist" has no class Frist; did you mean "First"? Classes there: First, Plain.'
    )
    assert message(lambda: resolve("selector", "mine.py")) == (
        'selector: "mine.py" names no class; write FILE.py:Class. Classes there: First, Plain.'
    )


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import eureka\n\n1 / 0\n", "mine.py:3: ZeroDivisionError: division by zero"),
        ("class A(:\n", "mine.py:1: SyntaxError: invalid syntax"),
        ("import json\njson.loads('{')\n", "mine.py:2: JSONDecodeError"),
        ("import sys\nsys.exit(3)\n", "mine.py:2: SystemExit: 3"),
        ("import no_such_module_at_all\n", "mine.py:1: ModuleNotFoundError: No module named 'no_such_module_at_all'"),
    ],
)
def test_an_error_in_a_users_file_names_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, problem: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(source)
    assert f'"mine.py:A" cannot be loaded: {problem}' in message(lambda: resolve("selector", "mine.py:A"))


def test_a_class_that_is_no_component_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(SELECTOR)
    assert 'mine.py:Plain" is not a subclass of eureka.Component, as a selector must be.' in message(
        lambda: resolve("selector", "mine.py:Plain", tmp_path)
    )


def test_an_unknown_module_and_an_unknown_kind_are_told() -> None:
    assert "there is no module no_such; give FILE.py:Class" in message(lambda: resolve("llm", "no_such.deep:A"))
    assert message(lambda: resolve("trianer", "x")).startswith('"trianer" is no kind of component; did you mean "trainer"? Valid: sim,')


def test_options_are_checked_and_paths_resolved_beside_the_config(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(SELECTOR)
    spec = ComponentSpec(use="mine.py:First", options={"k": 2, "path": "a.txt"})
    component = make("selector", spec, "selector", tmp_path)
    assert component.options.k == 2
    assert component.options.path == tmp_path / "a.txt"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"k": 0}, "selector.k: 0 is not ≥ 1."),
        ({"k": "many"}, 'selector.k: "many" is not a whole number.'),
        ({"k": None}, "selector.k: null is not a whole number."),
        ({"elitsm": True}, 'selector.elitsm: unknown key; did you mean "elitism"? Valid: k, elitism.'),
    ],
)
def test_a_wrong_option_says_where_what_is_valid_and_what_to_do(options: dict[str, object], expected: str) -> None:
    text = message(lambda: make("selector", ComponentSpec(use="best", options=options), "selector"))
    assert text == f"{expected} See: eureka plugins show selector:best"


def test_several_wrong_options_are_a_line_each() -> None:
    with pytest.raises(ConfigError) as error:
        make("selector", ComponentSpec(use="best", options={"k": 0, "x": 1}), "selector")
    assert [line.split(":")[0] for line in str(error.value).splitlines()] == ["selector.k", "selector.x"]


def test_a_component_that_cannot_be_made_is_told_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(
        "import eureka\nclass A(eureka.Component):\n    def __init__(self, options):\n        raise OSError('no')\n"
    )
    text = message(lambda: make("selector", ComponentSpec(use="mine.py:A"), "selector", tmp_path))
    assert text == 'selector: "mine.py:A" cannot be made: mine.py:4: OSError: no.'


def test_the_registry_imports_neither_pydantic_nor_numpy() -> None:
    code = (
        "import sys; from eureka.registry import list_components; list_components(); "
        "print({'pydantic', 'numpy', 'pluggy'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
