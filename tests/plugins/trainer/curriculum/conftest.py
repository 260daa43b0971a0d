"""Runs of the fake point, whose episodes begin ever farther from 0, lesson by lesson."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest


def _core_tests() -> Any:
    file = Path(__file__).parents[3] / "core" / "conftest.py"
    spec = importlib.util.spec_from_file_location("eureka_curriculum_core_conftest", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_core = _core_tests()
Fake, PARTS = _core.Fake, _core.PARTS

NEAR_FIRST = {
    "use": "curriculum",
    "inner": {"use": f"{PARTS}:HillClimber"},
    "lessons": [
        {"name": "near", "task": {"sim": {"start": 0.1}}, "steps": 60, "until": {"fitness": -0.05}},
        {"name": "half", "task": {"sim": {"start": 0.5}}, "steps": 60},
        {"name": "all"},
    ],
}
SHORT = {"search": {"iterations": 1, "samples": 3, "retest": 1}, "extensions": ["progress", "report"]}


@pytest.fixture
def lessons() -> dict:
    """A config's `trainer`, to be changed at will."""
    return {**NEAR_FIRST, "lessons": [dict(lesson) for lesson in NEAR_FIRST["lessons"]]}


@pytest.fixture
def answer():
    """Writes a model's answer around the lines of a reward."""
    return _core.answer


@pytest.fixture
def fake(tmp_path):
    run = Fake(tmp_path)
    run.settings.pop("trainer")
    return run


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """A search of one iteration and its final evaluation, through three lessons; and what it printed."""
    run = Fake(tmp_path_factory.mktemp("lessons"))
    run.settings.pop("trainer")
    done = run.run(trainer=NEAR_FIRST, **SHORT)
    assert done.returncode == 0, done.stdout + done.stderr
    return run, done.stdout
