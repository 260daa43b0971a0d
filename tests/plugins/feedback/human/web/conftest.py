"""A run in which people are asked, made of records: as wicked texts as a test wants, and its page with and without a server."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
import types
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from eureka.config import load_config, to_yaml
from eureka.inbox import peek
from eureka.transitions import EvaluationTransitions, save_transitions
from eureka.types import (
    Candidate,
    CheckpointResult,
    EnvContext,
    Outcome,
    Question,
    Record,
    RunHeader,
    Session,
    TrainResult,
    Verdict,
)

CORE = Path(__file__).parents[4] / "core"
EUREKA = str(Path(sys.executable).with_name("eureka"))
HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">'\"&<b>\u202e{{ 7 * 7 }}"


def _core_tests() -> Any:
    spec = importlib.util.spec_from_file_location("eureka_human_web_core_conftest", CORE / "conftest.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


core_tests = _core_tests()


class Run:
    """The directory of a run with four trained rewards, which nobody has open.

    Of the first three there are videos of one color each; of r0i0s03 there is a reason why not.
    """

    def __init__(self, folder: Path, describe: str = "Go to zero.", code: str = "", component: str = "near", feedback: tuple = ()) -> None:
        fake = core_tests.Fake(folder)
        self.folder, self.dir = folder, fake.run_dir
        self.dir.mkdir()
        config = load_config(str(fake.write(task={"description": describe})))
        config = config.model_copy(update={"feedback": feedback})
        (self.dir / "config.yaml").write_text(to_yaml(config))
        context = EnvContext(task="point", description=describe, text="", variables=(), has_prev=(), max_episode_steps=10)
        self.append(RunHeader(format=1, eureka="0.1.0", task="point", seed=0, config_sha256="", time=1e9))
        self.append(Session(event="started", time=1e9), context)
        for sample in range(4):
            self.append(*self.candidate(sample, 0, code, component))
            if sample < 3:
                self.film(f"r0i0s{sample:02}", 60 * sample)
        (self.dir / "feedback" / "r0i0s03").mkdir()
        (self.dir / "feedback" / "r0i0s03" / "why.txt").write_text(f"r0i0s03 cannot be drawn {HOSTILE}")
        self.append(Session(event="interrupted", time=1e9 + 60))

    def candidate(self, sample: int, iteration: int, code: str = "", component: str = "near") -> list[Record]:
        """The records of one that has trained, whose evaluation episodes are on disk."""
        id_ = f"r0i{iteration}s{sample:02}"
        code = code or f"def compute_reward(x):\n    return -x, {{'near': -x}}  # {sample}\n"
        folder = f"candidates/{id_}/training/0"
        points = [
            CheckpointResult(index=k, steps=100 * k, fitness=(731.25 + sample) * k / 2, length=9, components={"total": k, component: k})
            for k in (1, 2)
        ]
        (self.dir / folder).mkdir(parents=True)
        rows = np.arange(20, dtype=np.float32)
        episode, step = np.repeat(np.int32([0, 1]), 10), np.tile(np.arange(1, 11, dtype=np.int32), 2)
        ends = {"episode_checkpoint": np.int32([1, 2]), "episode_fitness": np.float64([1, 2]), "episode_length": np.int32([10, 10])}
        variables = {"x": rows * (sample + 1), "speed": np.stack([rows, -rows], 1), "prev_x": rows}
        save_transitions(self.dir / folder / "transitions.npz", EvaluationTransitions(variables, episode, step, **ends))
        return [
            Candidate(id=id_, restart=0, iteration=iteration, sample=sample, code=code, sha256=id_),
            Verdict(candidate=id_, accepted=True, stage=None, message="", line=None),
            TrainResult(trial=id_, dir=folder, spec="", status="ok", checkpoints=tuple(points), steps=200, reached=200),
            Outcome(candidate=id_, status="ok", fitness=731.25 + sample, mean_fitness=1.0, steps=200, dirs=(folder,)),
        ]

    def film(self, candidate: str, shade: int) -> None:
        from eureka.worker.video import Video

        folder = self.dir / "feedback" / candidate
        folder.mkdir(parents=True, exist_ok=True)
        video = Video(folder / "clip.mp4", "mp4", 25)
        for _ in range(30):
            video.add(np.full((48, 64, 3), shade + 40, np.uint8))
        video.close()

    def append(self, *records: Record) -> None:
        """As a host does, which is killed now and then; see `tear`."""
        with (self.dir / "journal.jsonl").open("a") as file:
            for record in records:
                file.write(record.model_dump_json(by_alias=True) + "\n")

    def ask(self, id_: str, *candidates: str, iteration: int = 0) -> None:
        about = "words" if "words" in id_ else "preference"
        self.append(Question(id=id_, about=about, restart=0, iteration=iteration, candidates=candidates, time=1e9))

    def said(self) -> list[dict[str, Any]]:
        """What waits in the inbox, without what chance and the clock put in."""
        return [one.model_dump(exclude={"id", "time", "kind"}) for one in peek(self.dir)]

    def collect(self) -> None:
        """What a host does with the inbox."""
        self.append(*peek(self.dir))
        for path in (self.dir / "inbox").glob("*.json"):
            path.unlink()


class Browser(TestClient):
    """One person's browser, without a script: keeps cookies, fills in the forms it sees."""

    def __init__(self, app: Any, token: str, name: str = "") -> None:
        super().__init__(app, base_url="http://127.0.0.1:8123", follow_redirects=False, raise_server_exceptions=False)
        if token:
            assert self.get("/", params={"token": token}).status_code == 200
        if name:
            self.fill("/name", name=name)

    def key(self) -> str:
        """What every form holds."""
        return self.key_in(self.get("/name").text)

    @staticmethod
    def key_in(page: str) -> str:
        return re.search(r'name="key" value="(\w+)"', page)[1]

    def fill(self, path: str, headers: dict[str, str] | None = None, **fields: str):
        return self.post(path, data={"key": self.key(), **fields}, headers=headers)


@pytest.fixture
def made(tmp_path):
    return Run(tmp_path)


@pytest.fixture
def page(made):
    """Opens the page of the run, as somebody."""
    from eureka_human.web.app import App
    from eureka_human.web.gate import LOOPBACK
    from eureka_human.web.key import key_of

    key = key_of(made.dir)
    app = App(made.dir, key).asgi(LOOPBACK)
    return lambda name="", token=key.token: Browser(app, token, name)


@pytest.fixture(autouse=True)
def pairs(monkeypatch):
    """In the place of the choice of pairs, which has tests of its own: the first that this person has not compared."""

    def informative_pairs(history, count, seed, author):
        compared = [{one.left, one.right} for one in history.preferences if one.author == author]
        every = combinations(sorted(entry.id for entry in history.trained()), 2)
        return [pair for pair in every if {*pair} not in compared][:count]

    module = types.ModuleType("eureka_human.pairs")
    module.informative_pairs = informative_pairs
    monkeypatch.setitem(sys.modules, "eureka_human.pairs", module)


class Served:
    """`eureka feedback DIR` as a process."""

    def __init__(self, run: Run, *options: str) -> None:
        self._out = run.folder / "served.txt"
        with self._out.open("wb") as out:
            command = [EUREKA, "feedback", str(run.dir), *options]
            self.process = subprocess.Popen(command, stdout=out, stderr=out, cwd=run.folder, start_new_session=True)
        until = time.monotonic() + 60
        while not (found := re.search(r"http://\S+token=\S+", self.output())) and time.monotonic() < until:
            assert self.process.poll() is None, self.output()
            time.sleep(0.05)
        self.link = found[0]
        self.base = self.link.partition("/?")[0]

    def output(self) -> str:
        return self._out.read_text()

    def end(self, number: int = signal.SIGINT) -> int:
        os.kill(self.process.pid, number)
        return self.process.wait(30)


@pytest.fixture
def serve(made):
    """Starts the server; it is ended with the test."""
    started = []

    def start(*options: str) -> Served:
        started.append(Served(made, *options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.end(signal.SIGKILL)
