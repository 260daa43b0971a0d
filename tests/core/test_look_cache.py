"""What describing an environment gave is kept: where, for how long, and when it is not believed."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from eureka import look_cache
from eureka.config import load_mapping
from eureka.installed_code import code_stamp
from eureka.types import EnvContext, VariableInfo

PARTS = sys.modules["tests.core.conftest"].PARTS
CONTEXT = EnvContext(
    task="point",
    description="Go to zero.",
    text="",
    variables=(VariableInfo(name="x", shape=(), low=(-1.0,), mean=(0.0,), high=(1.0,), bounds=((-float("inf"),), (2.0,))),),
    has_prev=("x",),
)


class Looked:
    """Looks at a task whose parts are files, into a new folder each time; `times`: how often it had to be described."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries = folder / "cache" / "eureka" / "recordings"
        self.times = 0
        self.sim = folder / "sim.py"
        self.sim.write_text(PARTS.read_text())
        (folder / "fitness.py").write_text("def near(x):\n    return -abs(x)\n")
        self.task = {
            "name": "point",
            "description": "Go to zero.",
            "sim": {"use": f"{self.sim}:PointSim"},
            "variables": {"x": {"from": "x"}},
            "fitness": {"value": f"{folder}/fitness.py:near"},
        }

    def describe(self, config, folder, jobs, as_run) -> EnvContext:
        self.times += 1
        (folder / "context").mkdir(exist_ok=True)
        np.savez(folder / "context" / "recordings.npz", x=np.arange(256.0), prev_x=np.zeros(256))
        return CONTEXT

    def again(self, trainer: str = f"{PARTS}:HillClimber", seed: int = 0, as_run: bool = False) -> dict[str, np.ndarray]:
        """The recordings a worker would find."""
        config = load_mapping(
            {"task": self.task, "trainer": trainer, "seed": seed}, "test", self.folder, only={"sim", "trainer"} if as_run else {"sim"}
        )
        place = self.folder / f"place{len(list(self.folder.iterdir()))}"
        place.mkdir()
        assert look_cache.look_again(config, place, None, as_run) == CONTEXT
        with np.load(place / "context" / "recordings.npz", allow_pickle=False) as archive:
            return dict(archive)


@pytest.fixture
def looked(tmp_path, monkeypatch):
    looked = Looked(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(look_cache, "describe", looked.describe)
    monkeypatch.setattr(look_cache, "code_stamp", lambda: "")  # somebody may be at work on Eureka's own files
    return looked


def test_an_environment_is_described_once_and_kept_for_its_user_alone(looked):
    first, second = looked.again(), looked.again()
    assert looked.times == 1
    assert first.keys() == second.keys() and all((first[name] == second[name]).all() for name in first)
    (entry,) = looked.entries.iterdir()
    assert entry.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in entry.iterdir()) == ["context.json", "recordings.npz"]


def test_what_it_depends_on_has_it_described_anew(looked, monkeypatch):
    looked.again()
    looked.again(seed=1)
    looked.task["sim"]["env"] = "point"  # the default, written down
    looked.again()
    assert looked.times == 2
    looked.sim.write_text(looked.sim.read_text() + "\n# another\n")
    looked.again()
    assert looked.times == 3
    (looked.folder / "fitness.py").write_text("def near(x):\n    return -2 * abs(x)\n")
    looked.again()
    assert looked.times == 4
    monkeypatch.setattr(look_cache, "code_stamp", lambda: "numpy 3")
    looked.again()
    assert looked.times == 5
    looked.again()
    assert looked.times == 5


def test_what_a_run_would_also_ask_is_kept_apart_and_depends_on_the_trainer(looked):
    looked.again()
    looked.again(as_run=True)
    looked.again(as_run=True)
    assert looked.times == 2
    trainer = looked.folder / "trainer.py"
    trainer.write_text(PARTS.read_text())
    looked.again(as_run=True, trainer=f"{trainer}:HillClimber")
    assert looked.times == 3
    trainer.write_text(PARTS.read_text() + "\n# another\n")
    looked.again(as_run=True, trainer=f"{trainer}:HillClimber")
    assert looked.times == 4


def _without_x(path: Path) -> None:
    with zipfile.ZipFile(path / "recordings.npz", "w") as archive:
        archive.writestr("prev_x.npy", b"")


@pytest.mark.parametrize(
    "damage",
    [
        lambda entry: (entry / "recordings.npz").unlink(),
        lambda entry: (entry / "recordings.npz").write_bytes((entry / "recordings.npz").read_bytes()[:-100]),
        lambda entry: (entry / "recordings.npz").write_bytes(
            (entry / "recordings.npz").read_bytes().replace(b"\0\0\x20\x40", b"\0\0\x20\x41")
        ),
        _without_x,
        lambda entry: (entry / "context.json").write_text("{}"),
        lambda entry: (entry / "context.json").write_bytes(b"\xff"),
    ],
    ids=["gone", "cut", "changed", "incomplete", "other", "no text"],
)
def test_what_is_damaged_is_made_anew(looked, damage):
    first = looked.again()
    (entry,) = looked.entries.iterdir()
    damage(entry)
    assert (looked.again()["x"] == first["x"]).all() and looked.times == 2
    looked.again()
    assert looked.times == 2


def test_only_what_was_used_last_is_kept(looked):
    looked.again()
    (used,) = looked.entries.iterdir()
    for number in range(30):
        (looked.entries / f"{number:032}").mkdir()
        os.utime(looked.entries / f"{number:032}", (number, number))
    os.utime(used, (1, 1))
    looked.again()
    looked.again(seed=1)
    assert looked.times == 2 and used.exists()
    left = {path.name for path in looked.entries.iterdir()}
    assert len(left) == 20 and f"{11:032}" not in left and f"{12:032}" in left


@pytest.mark.parametrize(("name", "value"), [("XDG_CACHE_HOME", "FILE/cache"), ("XDG_CACHE_HOME", "/proc/nowhere")])
def test_where_nothing_can_be_kept_it_is_described_every_time(looked, monkeypatch, name, value):
    monkeypatch.setenv(name, value.replace("FILE", str(looked.sim)))
    looked.again()
    looked.again()
    assert looked.times == 2


def test_what_it_depends_on_must_all_be_known(looked, monkeypatch):
    monkeypatch.setattr(look_cache, "code_stamp", lambda: None)
    looked.again()
    looked.again()
    assert looked.times == 2 and not looked.entries.exists()


def test_a_trainer_that_is_not_installed_is_none_of_its_business(looked):
    looked.again(trainer="nobody")
    looked.again(trainer="nobody")
    assert looked.times == 1


def test_a_cache_without_an_absolute_place_is_in_the_home(looked, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", str(looked.folder / "home"))
    looked.again()
    assert len(list((looked.folder / "home" / ".cache" / "eureka" / "recordings").iterdir())) == 1


def test_code_that_is_imported_from_its_sources_is_watched_and_that_of_an_installed_package_known_by_its_metadata(tmp_path, monkeypatch):
    sources, project, packages = tmp_path / "sources", tmp_path / "project", tmp_path / "packages"
    for folder in (sources / "deep", sources / ".hidden", sources / "venv", project, packages / "mine-1.dist-info"):
        folder.mkdir(parents=True)
    (sources / "venv" / "pyvenv.cfg").touch()
    monkeypatch.setattr(sys, "path", [str(packages), str(tmp_path / "nowhere")])
    monkeypatch.setenv("PYTHONPATH", f"{sources}{os.pathsep}{tmp_path / 'nowhere'}")
    stamps = [code_stamp()]
    assert code_stamp() == stamps[0]

    (packages / "mine-1.dist-info" / "direct_url.json").write_text(f'{{"url": "{project.as_uri()}", "dir_info": {{"editable": true}}}}')
    for file in (sources / "deep" / "env.py", project / "env.py", packages / "other-2.dist-info"):
        file.touch()
        stamps.append(code_stamp())
    (project / "env.py").write_text("changed")
    stamps.append(code_stamp())
    os.utime(packages / "other-2.dist-info", (1, 1))  # the same version installed again
    stamps.append(code_stamp())
    assert None not in stamps and len(set(stamps)) == len(stamps)

    for file in (sources / ".hidden" / "a.py", sources / "venv" / "a.py", sources / "notes.txt"):
        file.touch()
    assert code_stamp() == stamps[-1]
    monkeypatch.setattr("eureka.installed_code._MOST_FILES", 1)
    assert code_stamp() is None


def test_a_look_without_recordings_leaves_nothing(looked, monkeypatch):
    monkeypatch.setattr(look_cache, "describe", lambda config, folder, jobs, as_run: CONTEXT)
    with pytest.raises(FileNotFoundError):
        looked.again()  # which looks for them
    assert not looked.entries.exists()
