"""Components are held to their hooks; each breach is one line, exit code 2."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eureka.component import Component, hookimpl
from eureka.contracts import build_manager
from eureka.errors import ConfigError
from eureka.events import RunEnd
from eureka.hookspecs import Rung
from eureka.kinds import KINDS


def message(call: Callable[[], object]) -> str:
    """What a ConfigError says: one line, exit code 2."""
    with pytest.raises(ConfigError) as error:
        call()
    assert error.value.exit_code == 2
    assert "\n" not in str(error.value)
    return str(error.value)


def test_every_kind_has_hooks_that_exist() -> None:
    from eureka import hookspecs

    assert list(KINDS) == ["sim", "generator", "llm", "trainer", "pruner", "selector", "reflector", "feedback", "executor", "extensions"]
    assert all(hasattr(hookspecs, hook) for kind in KINDS.values() for hooks in kind.required for hook in hooks)


class Pruner(Component):
    @hookimpl
    def eureka_prune(self, rung: Rung) -> tuple[str, ...]:
        return ("a",)


class Watcher(Component):
    @hookimpl
    def eureka_on_run_end(self, event: RunEnd) -> None:
        pass


class Misspelt(Component):
    @hookimpl
    def eureka_prun(self, rung: Rung) -> tuple[str, ...]:
        return ()


class WrongArguments(Component):
    @hookimpl
    def eureka_prune(self, rung: Rung, results: object) -> tuple[str, ...]:
        return ()


class Unmarked(Component):
    def eureka_prune(self, rung: Rung) -> tuple[str, ...]:
        return ()


class HalfTrainer(Component):
    @hookimpl
    def eureka_train(self, job: object, tools: object) -> bool:
        return True


class NotAWrapper(Component):
    @hookimpl(wrapper=True)
    def eureka_prune(self, rung: Rung) -> tuple[str, ...]:
        return ()


def test_a_manager_holds_exactly_its_components_by_path() -> None:
    pruner = Pruner(None)
    manager = build_manager({"pruner": pruner, "extensions[0]": Watcher(None), "extensions[1]": Watcher(None)})
    assert [name for name, _ in manager.list_name_plugin()] == ["pruner", "extensions[0]", "extensions[1]"]
    assert manager.get_plugin("pruner") is pruner
    assert manager.hook.eureka_prune(rung=None) == ("a",)


def test_a_misspelt_hook_suggests_the_right_one() -> None:
    text = message(lambda: build_manager({"pruner": Misspelt(None)}))
    assert text.startswith('pruner: Misspelt implements the unknown hook eureka_prun; did you mean "eureka_prune"?')


def test_a_hook_with_other_arguments_names_the_right_ones() -> None:
    text = message(lambda: build_manager({"pruner": WrongArguments(None)}))
    assert text == "pruner: WrongArguments.eureka_prune takes (rung, results); the hook's arguments are (rung)."


def test_a_hook_without_its_mark_is_told() -> None:
    text = message(lambda: build_manager({"pruner": Unmarked(None)}))
    assert text == "pruner: Unmarked.eureka_prune is not marked as a hook; put @eureka.hookimpl above it."


def test_what_pluggy_refuses_is_told_in_one_line() -> None:
    assert message(lambda: build_manager({"pruner": NotAWrapper(None)})).startswith("pruner: ")


@pytest.mark.parametrize(
    ("path", "component", "expected"),
    [
        ("trainer", Pruner, "Pruner implements eureka_prune; a trainer must implement eureka_train and eureka_load_policy."),
        ("trainer", HalfTrainer, "HalfTrainer implements eureka_train; a trainer must implement eureka_train and eureka_load_policy."),
        ("task.sim", Component, "no hook; a sim must implement eureka_make_env and eureka_extract_context or eureka_worker."),
        ("feedback[0]", Pruner, "a feedback component must implement eureka_collect_feedback."),
        ("extensions[2]", Pruner, "an extension must implement eureka_on_run_start or eureka_on_stage or"),
    ],
)
def test_a_component_without_its_kinds_hooks_is_refused(path: str, component: type[Component], expected: str) -> None:
    text = message(lambda: build_manager({path: component(None)}))
    assert text.startswith(f"{path}: ")
    assert expected in text


def test_a_path_that_names_no_kind_requires_no_hook() -> None:
    assert build_manager({"inject": Watcher(None)}).has_plugin("inject")
