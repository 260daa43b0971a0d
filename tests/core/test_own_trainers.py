"""A simulator with a worker of its own names the trainers it accepts, and their options are its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from eureka.config import load_mapping
from eureka.errors import ConfigError
from eureka.session import make_components

SIM = """
import eureka
from pydantic import Field


class Other(eureka.Component):
    class Options(eureka.Options):
        rows: int = Field(3, description="Rows.")
        params: dict = Field({}, description="Data.")


class Sim(eureka.Component):
    trainers = {"other_rl": Other}

    @eureka.hookimpl
    def eureka_worker(self, job):
        return ["true"]
"""


def config(folder: Path, trainer: object) -> object:
    (folder / "sim.py").write_text(SIM)
    task = {"name": "t", "description": "d", "sim": {"use": f"{folder / 'sim.py'}:Sim"}, "fitness": {"value": "score"}}
    return load_mapping({"task": task, "trainer": trainer}, "config", folder)


def test_its_trainers_need_no_component_and_their_options_are_filled_in(tmp_path: Path) -> None:
    loaded = config(tmp_path, {"use": "other_rl", "params": {"gamma": 0.9}})
    assert loaded.trainer.options == {"rows": 3, "params": {"gamma": 0.9}}  # type: ignore[attr-defined]
    assert "trainer" not in make_components(loaded)  # type: ignore[arg-type]


def test_another_trainer_is_refused_before_anything_is_spent(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'does not accept "population"\. Valid: other_rl'):
        config(tmp_path, "population")


def test_a_wrong_option_of_an_accepted_trainer_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"trainer\.row: unknown key"):
        config(tmp_path, {"use": "other_rl", "row": 3})
