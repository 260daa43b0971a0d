"""Suites made of records, without running anything, and a package that ships two tasks for those that are run."""

from __future__ import annotations

import json

import pytest

from eureka.config import load_config, to_yaml
from eureka.final_types import Correlation, Evaluation, FinalTraining
from eureka.suite.contents import Suite
from eureka.suite.rows import row
from eureka.types import Candidate, Outcome, RunHeader, Session

GOOD, BAD, SPARSE = (0.9, 0.92, 0.92, 0.94), (0.5, 0.52, 0.52, 0.54), (0.0, 0.01, 0.01, 0.02)


class MadeSuite:
    """A folder with runs; each is what its records say."""

    def __init__(self, fake) -> None:
        self.dir, self.fake = fake.folder / "suite", fake
        self.configs = {}
        self.left_out: dict[str, str] = {}
        self.command = {"config": None, "sets": ["final.seeds=3"]}

    def waits(self, name, **task):
        """A task whose run has not begun."""
        fitness = {"fold": "mean", **task.pop("fitness", {})}
        self.configs[name] = load_config(str(self.fake.write(task={"name": name, "fitness": {"value": "x", **fitness}, **task})))

    def ran(self, name, found=GOOD, human=BAD, sparse=SPARSE, correlation=0.5, event="ended", message="", **task):
        """A run and how it was left. found: of the final trainings of its best reward, None where one failed; all None: there were none."""
        self.waits(name, **task)
        id_ = "r0i0s00"
        records = [
            RunHeader(format=1, eureka="0.1.0", task=name, seed=0, config_sha256="", time=1e9),
            Session(event="started", time=1e9),
        ]
        if found is not None:
            place = {"restart": 0, "iteration": 0, "sample": 0, "code": "", "sha256": ""}
            records += [Candidate(id=id_, **place), Outcome(candidate=id_, status="ok", fitness=0.9, mean_fitness=0.9, steps=20, dirs=())]
            table = [
                FinalTraining(reward=reward, seed=seed, **self._came_to(fresh))
                for reward, values in (("best", found), ("human", human), ("fitness", sparse))
                for seed, fresh in enumerate(values)
            ]
            records.append(Evaluation(best=id_, trainings=tuple(table)))
            why = "" if correlation is not None else "the human reward never changes"
            records.append(Correlation(candidate=id_, dirs=(), value=correlation, why=why))
        if event is not None:
            records.append(Session(event=event, time=1e9 + 60, message=message))
        folder = self.dir / name
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text(to_yaml(self.configs[name]))
        (folder / "journal.jsonl").write_text("".join(f"{record.model_dump_json(by_alias=True)}\n" for record in records))
        return folder

    @staticmethod
    def _came_to(fresh):
        return {"status": "failed"} if fresh is None else {"status": "ok", "best_checkpoint": fresh, "fresh": fresh}

    def suite(self) -> Suite:
        self.dir.mkdir(exist_ok=True)
        return self.suite_to_make()

    def suite_to_make(self) -> Suite:
        """The same where there is no folder yet."""
        return Suite(self.dir, dict(self.configs), self.left_out, self.command, 1e9)

    def rows(self):
        return [row(name, config, self.dir) for name, config in self.configs.items()]


@pytest.fixture
def made(fake, monkeypatch):
    monkeypatch.setattr("eureka.statistics._RESAMPLES", 199)  # what the intervals are is tested elsewhere; here they are to be there
    return MadeSuite(fake)


@pytest.fixture
def shipped(fake, monkeypatch):
    """A package that ships the tasks `point_one` and `point_two`, the latter where fewer is better, and `absent`, which cannot be made."""
    package = fake.folder / "shelf"
    task = fake.settings.pop("task")
    for name, changes in {"point_one": {}, "point_two": {}, "absent": {"sim": {**task["sim"], "env": "none"}}}.items():
        (package / "envs" / name).mkdir(parents=True)
        (package / "envs" / name / "task.yaml").write_text(json.dumps({**task, "name": name, **changes}))
    (package / "__init__.py").touch()
    info = fake.folder / "shelf-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shelf\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[eureka.library]\nshelf = shelf\n")
    monkeypatch.setenv("PYTHONPATH", str(fake.folder))
    monkeypatch.syspath_prepend(str(fake.folder))
    return fake
