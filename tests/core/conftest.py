"""A run with the fake parts: a config in a folder of its own, and the real command line on it."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eureka.process import ProcessId, adopt_orphans, descendants

PARTS = Path(__file__).parent / "fakes" / "parts.py"
NVML = Path(__file__).parent / "fakes" / "nvml"
EUREKA = str(Path(sys.executable).with_name("eureka"))


def answer(body: str, arguments: str = "x, action") -> str:
    """What a model would write."""
    return f"Here it is.\n```python\nimport numpy as np\n\ndef compute_reward({arguments}):\n    {body}\n```\n"


NEAR = answer("near = -np.abs(x)\n    return near, {'near': near}")
SMALL = answer("near, small = -(x**2), -0.01 * action[:, 0] ** 2\n    return near + small, {'near': near, 'small': small}")
FAR = answer("far = np.abs(x)\n    return far, {'far': far}")
RAISES = answer("near = x / nothing\n    return near, {'near': near}")
PROSE = "I would rather not."


class Fake:
    """A folder with a config, its answers and the logs the fake parts write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        adopt_orphans()
        self.before = set(_eureka_processes())
        self.config = folder / "point.yaml"
        self.run_dir = folder / "run"
        self.answers([[NEAR, SMALL, PROSE], [SMALL, FAR, NEAR]])
        self.settings = {
            "task": {
                "name": "point",
                "description": "Go to zero.",
                "sim": {"use": f"{PARTS}:PointSim"},
                "variables": {"x": {"from": "x", "meaning": "position"}, "action": {"from": "action"}},
                "fitness": {"value": "native", "fold": "mean"},
            },
            "generator": {"use": "llm", "repairs": 0},
            "llm": {"use": f"{PARTS}:RecitingLLM", "answers": str(folder / "answers.json"), "log": str(folder / "sales.log")},
            "trainer": {"use": f"{PARTS}:HillClimber", "log": str(folder / "trained.log")},
            "search": {"iterations": 2, "samples": 3, "retest": 1},
            "training": {"steps": 200},
            "final": {"seeds": 1, "episodes": 3, "clip": False},  # the point cannot be drawn; `drawn.py` can
            "extensions": ["progress"],  # a report costs half a second, more than many of these runs
        }

    def answers(self, rounds: list[list[str]]) -> None:
        (self.folder / "answers.json").write_text(json.dumps(rounds))

    def write(self, **changes) -> Path:
        """The config file; a mapping in `changes` is laid over the setting of that name."""
        for key, value in changes.items():
            self.settings[key] = {**self.settings[key], **value} if isinstance(value, dict) and key in self.settings else value
        self.config.write_text(json.dumps(self.settings))  # JSON is YAML
        return self.config

    def eureka(self, *arguments, script: str = EUREKA, timeout: float = 120, **kwargs) -> subprocess.CompletedProcess[str]:
        kwargs.setdefault("env", {"XDG_CACHE_HOME": str(self.folder / "cache"), **os.environ})
        return subprocess.run(
            [*script.split("\0"), *map(str, arguments)], capture_output=True, text=True, timeout=timeout, cwd=self.folder, **kwargs
        )

    def run(self, *arguments, **changes) -> subprocess.CompletedProcess[str]:
        """`eureka run` on the config with these changes."""
        return self.eureka("run", self.write(**changes), "--run-dir", self.run_dir, *arguments)

    def journal(self, kind: str | None = None, run_dir: Path | None = None) -> list[dict]:
        lines = ((run_dir or self.run_dir) / "journal.jsonl").read_text().splitlines()
        return [record for record in map(json.loads, lines) if kind in (None, record["kind"])]

    def summary(self, run_dir: Path | None = None) -> dict:
        """Without what a clock says."""
        content = json.loads(((run_dir or self.run_dir) / "summary.json").read_text())
        content.pop("seconds")
        return content

    def log(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    def processes(self) -> list[str]:
        """Command lines of living processes this folder's runs started: orphans, zygotes, reward processes and daemons among them.

        Whoever descends from this test process and whose parent has ended is its child (`fake` has it adopt orphans), so none
        is missed and none of another test run's is counted.
        """
        return [command for process, command in _eureka_processes().items() if process not in self.before]

    def wait_until_gone(self, seconds: float = 5.0) -> list[str]:
        until = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < until:
            time.sleep(0.02)
        return left


def _eureka_processes() -> dict[ProcessId, str]:
    """The command line of every living descendant of this process that is one of Eureka's."""
    found = {}
    for process in descendants(os.getpid()):
        with contextlib.suppress(OSError):
            command = Path(f"/proc/{process.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            if process.start and "eureka" in command:
                found[process] = command
    return found


@pytest.fixture
def fake(tmp_path):
    return Fake(tmp_path)


class Person:
    """Eureka on a terminal, and somebody who types there."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.seen = b""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ["TERM"] = "xterm-256color"
            os.execv(EUREKA, [EUREKA, *arguments])

    def sees(self, text: str, seconds: float = 60.0) -> str:
        """Everything up to a text; what follows is still to be seen."""
        until = time.monotonic() + seconds
        while text.encode() not in self.seen:
            assert time.monotonic() < until, self.seen.decode()
            try:
                self.seen += os.read(self._fd, 4096)
            except OSError:
                raise AssertionError(f"the terminal is gone: {self.seen.decode()}") from None
        before, found, self.seen = self.seen.partition(text.encode())
        return (before + found).decode()

    def types(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def leaves(self) -> int:
        try:
            while piece := os.read(self._fd, 4096):
                self.seen += piece
        except OSError:
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Gpus:
    """GPUs that are made up, for this process and for those with `environ`: `set` says anew what there is, as in `fakes/nvml/pynvml.py`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "gpus.json"
        self.environ = {"FAKE_GPUS": str(self._file), "PYTHONPATH": str(NVML)}

    def set(self, *gpus: dict) -> None:
        self._file.write_text(json.dumps([{"name": "H100", "used": 0, **gpu} for gpu in gpus]))

    def fail(self, message: str) -> None:
        self._file.write_text(json.dumps(message))


@pytest.fixture
def gpus(tmp_path, monkeypatch):
    made = Gpus(tmp_path)
    monkeypatch.setenv("FAKE_GPUS", made.environ["FAKE_GPUS"])
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.syspath_prepend(NVML)
    monkeypatch.delitem(sys.modules, "pynvml", raising=False)
    yield made
    sys.modules.pop("pynvml", None)  # the one that is made up must not stay for other tests
