"""What a run that goes on may change of its config."""

from __future__ import annotations

from typing import Any

import pytest

from eureka.config import apply_changes
from eureka.errors import ConfigError


def test_a_run_that_goes_on_may_change_some_settings(project: Any) -> None:
    config = project.load()
    changed, changes = apply_changes(
        config,
        [
            "search.iterations=8",
            "training.fewer_envs=false",
            "final.clip=false",
            "budget.cost_usd=2.5",
            "executor.slots=4",
            "llm=project/parts.py:Model",
            "budget.hours=null",
        ],
    )
    model = {"use": f"{project.folder}/parts.py:Model", "model": "small", "from": None}
    assert changes == [
        ("search.iterations", 5, 8),
        ("training.fewer_envs", True, False),
        ("final.clip", True, False),
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
def test_a_run_that_goes_on_keeps_everything_else(project: Any, change: str) -> None:
    with pytest.raises(ConfigError) as error:
        apply_changes(project.load(), [change])
    key = change.partition("=")[0]
    assert str(error.value) == (
        f"--set {change}: {key} cannot change once a run has begun. May change: search.iterations, search.stop_when_solved, "
        "training.fewer_envs, final.clip, budget.*, executor.*, llm.*, isolation. Or start a new run."
    )


def test_a_wrong_change_is_told_like_any_other(project: Any) -> None:
    config = project.load("", "generator=project/parts.py:Asking", "llm=project/parts.py:Model")
    for change, expected in {
        "search.iterations=0": "--set search.iterations=0: search.iterations: 0 is not ≥ 1.",
        "executor.slts=3": '--set executor.slts=3: executor.slts: unknown key; did you mean "slots"? Valid: slots.',
        "llm=null": "asks a model and none is set",
    }.items():
        with pytest.raises(ConfigError) as error:
            apply_changes(config, [change])
        assert expected in str(error.value)
