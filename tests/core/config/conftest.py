"""A folder with a task, components and a config that names them, to be loaded with one thing or another changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from eureka.config import Config, load_config
from eureka.errors import ConfigError

PARTS = """
from pydantic import Field
import eureka

class Sim(eureka.Component):
    class Options(eureka.Options):
        env: str = Field(description="Environment id.")
        kwargs: dict[str, object] = Field({}, description="More.")
        scene: eureka.ConfigPath | None = Field(None, description="A file.")

    @eureka.hookimpl
    def eureka_make_env(self, request): ...

    @eureka.hookimpl
    def eureka_extract_context(self, request): ...

class Trainer(eureka.Component):
    class Options(eureka.Options):
        num_envs: int = Field(8, ge=1, description="Rows.")
        rate: float = Field(3e-4, gt=0, description="Step size.")
        device: str | int = Field("cpu", description="Where.")
        warm: eureka.ConfigPath | None = Field(None, description="A file to start from.")
        also: eureka.ConfigPath | None = Field(None, description="Another.")

    @eureka.hookimpl
    def eureka_train(self, job, tools): ...

    @eureka.hookimpl
    def eureka_load_policy(self, request): ...

class OtherTrainer(Trainer):
    class Options(eureka.Options):
        depth: int = Field(2, description="Layers.")

class Generator(eureka.Component):
    @eureka.hookimpl
    def eureka_generate_rewards(self, request, tools): ...

class Asking(Generator):
    needs_llm = True

class Model(eureka.Component):
    class Options(eureka.Options):
        model: str = Field("small", description="Which.")
        source: str | None = Field(None, alias="from", description="Where from.")

    @eureka.hookimpl
    def eureka_complete(self, request): ...

class Pruner(eureka.Component):
    keeps_all = True

    @eureka.hookimpl
    def eureka_prune(self, rung): ...

class Executor(eureka.Component):
    class Options(eureka.Options):
        slots: int = Field(2, ge=1, description="Workers at once.")

    @eureka.hookimpl
    def eureka_submit(self, request): ...

class Watcher(eureka.Component):
    class Options(eureka.Options):
        limit: float = Field(float("inf"), description="A bound.")

    @eureka.hookimpl
    def eureka_on_run_end(self, event): ...
"""

TASK = """\
name: pole
description: Keep it up.
sim: {use: "parts.py:Sim", env: Pole-v1}
variables:
  angle: {from: "obs[0]"}
  lean: {from: "functions.py:lean", meaning: how far}
fitness: {value: "functions.py:up", fold: sum}
human: human.py
"""

CONFIG = """\
task: task.yaml
generator: parts.py:Generator
trainer: parts.py:Trainer
pruner: parts.py:Pruner
selector: {use: best}
reflector: none
executor: parts.py:Executor
extensions: [parts.py:Watcher]
"""


@dataclass(frozen=True)
class Project:
    """`folder` holds c.yaml, task.yaml, parts.py, functions.py and human.py; the current directory is the one above it."""

    folder: Path
    config: str = CONFIG
    task: str = TASK

    def load(self, more: str = "", *sets: str, replace: tuple[str, str] = ("", "")) -> Config:
        """The config with lines added or a part replaced, and --set."""
        (self.folder / "c.yaml").write_text(self.config.replace(*replace) + more)
        return load_config("project/c.yaml", sets)

    def refused(self, more: str = "", *sets: str, replace: tuple[str, str] = ("", "")) -> str:
        """What is said of it instead."""
        with pytest.raises(ConfigError) as error:
            self.load(more, *sets, replace=replace)
        assert error.value.exit_code == 2
        return str(error.value)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    folder = tmp_path / "project"
    folder.mkdir()
    for name, text in {"parts.py": PARTS, "task.yaml": TASK, "c.yaml": CONFIG, "functions.py": "", "human.py": ""}.items():
        (folder / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return Project(folder)
