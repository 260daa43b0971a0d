"""Histories that are made up, and runs with core's fake parts in which people are asked."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from eureka.history import History
from eureka.types import Preference

CORE = Path(__file__).parents[3] / "core"


def _core_tests(path: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"eureka_human_core_{path.replace('/', '_')}", CORE / path / "conftest.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


core_tests = _core_tests(".")
made_up = _core_tests("builtin")


class Make(made_up.Make):
    """Entries as core's tests make them, and what people said of them."""

    def __init__(self) -> None:
        self.said = 0

    def prefer(self, left: int | str, right: int | str, choice: str = "left", author: str = "ann", question: str = "") -> Preference:
        """The later one was said later. A number is a sample of the first iteration."""
        self.said += 1
        named = {side: f"r0i0s{of:02}" if isinstance(of, int) else of for side, of in (("left", left), ("right", right))}
        return Preference(id=f"p{self.said}", author=author, choice=choice, question=question, time=self.said, **named)

    def iteration(self, *fitness: float, said: tuple[Preference, ...] = (), **fields: Any) -> History:
        """One iteration: a program for each fitness."""
        entries = [self.entry(f"r0i0s{sample:02}", value) for sample, value in enumerate(fitness)]
        return self.grown(entries, said, **fields)

    def grown(self, entries: list, said: tuple[Preference, ...] = (), **fields: Any) -> History:
        return History(self.task(), self.context(), 0, tuple(entries), preferences=said, **fields)


@pytest.fixture
def make():
    return Make()


class Fake(core_tests.Fake):
    """A run of two iterations, three rewards each, in which people are asked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.answers([[core_tests.NEAR, core_tests.SMALL, core_tests.FAR]])
        self.settings |= {"search": {"iterations": 2, "samples": 3, "retest": 0}, "selector": "human"}
        self.settings["final"] |= {"seeds": 0}

    def asks(self, **options: Any) -> None:
        self.settings["feedback"] = [{"use": "human", **options}]

    def scripted(self, *answers: dict, **options: Any) -> None:
        """What the people of a study say."""
        (self.folder / "people.yaml").write_text(json.dumps({"answers": answers}))  # JSON is YAML
        self.asks(via="file", answers="people.yaml", **options)

    def draws(self) -> None:
        """Its policies can be filmed."""
        drawn = CORE / "fakes" / "drawn.py"
        self.settings["task"]["sim"] = {"use": f"{drawn}:DrawnSim"}

    def person(self, *arguments: str) -> Any:
        """Eureka on a terminal, and somebody who types there."""
        return core_tests.Person(self.folder, *arguments)

    def last_prompt(self, iteration: int = 1) -> str:
        asked = next(record for record in self.journal("asked") if record["iteration"] == iteration)
        return asked["messages"][-1]["content"]


@pytest.fixture
def fake(tmp_path):
    return Fake(tmp_path)
