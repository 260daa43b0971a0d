"""Runs made of records, without running anything: as many candidates, with as wicked texts, as a test wants."""

from __future__ import annotations

import base64
import html.parser
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from eureka.config import load_config
from eureka.final_types import Clip, Evaluation, FinalTraining, PlayedEpisode
from eureka.report.contents import contents
from eureka.report.page import render
from eureka.report.reading import reported
from eureka.state import State
from eureka.types import (
    Asked,
    Candidate,
    CheckpointResult,
    Completion,
    EnvContext,
    Message,
    Outcome,
    Record,
    Reflection,
    RunHeader,
    Session,
    TrainResult,
    Verdict,
)

HOSTILE = (
    "</script><img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>\n```\n</pre> & <b>bold</b>\u2028\u202e"
)
CONTEXT = EnvContext(task="point", description="", text="", variables=(), has_prev=(), max_episode_steps=10)
CODE = "import numpy as np\n\ndef compute_reward(x):\n    near = -np.abs(x)  # near\n    return near, {'near': near}\n"
GOOD, BAD = (0.9, 0.91, 0.92, 0.93, 0.94), (0.1, 0.11, 0.12, 0.13, 0.14)


class Made:
    """Records of a run, one method for each thing that happens in it."""

    def __init__(self, folder: Path, config) -> None:
        self.folder, self.config = folder, config
        self.records: list[Record] = [
            RunHeader(format=1, eureka="0.1.0", task="point", seed=0, config_sha256="", time=1e9),
            Session(event="started", time=1e9),
            CONTEXT,
        ]

    def candidate(self, iteration, sample, fitness=None, text="", code=CODE, parents=(), wrong="", error="", names=("near",)) -> str:
        """Asked for, answered and judged; trained where it has a fitness. wrong: why it is rejected. error: why its training failed."""
        place = {"restart": 0, "iteration": iteration, "sample": sample}
        id_ = f"r0i{iteration}s{sample:02}"
        message = Message(role="user", content=f"Write one.\n{text}")
        asked = {**place, "samples": (sample,), "messages": (message,), "time": 1e9}
        asked.pop("sample")
        told = {"input_tokens": 100, "output_tokens": 7, "cost_usd": 0.5, "started": 1e9, "ended": 1e9 + 1}
        self.records += [
            Asked(**asked),
            Completion(**place, text=f"Here: {text}", provider="acme", model="m-1", finish_reason="stop", **told),
            Candidate(**place, id=id_, code=code, sha256=id_, parents=parents),
            Verdict(candidate=id_, accepted=not wrong, stage="smoke" if wrong else None, message=wrong, line=4 if wrong else None),
        ]
        if error:
            self.records.append(Outcome(candidate=id_, status="failed", error={"code": "error", "message": error, "line": 5}))
        elif fitness is not None:
            folder = f"candidates/{id_}/training/0"
            self.records += [
                self.result(folder, fitness, names),
                Outcome(candidate=id_, status="ok", fitness=fitness, mean_fitness=fitness / 2, steps=20, dirs=(folder,)),
            ]
        return id_

    def result(self, folder: str, fitness: float, names=("near",)) -> TrainResult:
        points = [
            CheckpointResult(index=k, steps=10 * k, fitness=fitness * k / 2, length=9, components={"total": k, **dict.fromkeys(names, k)})
            for k in (1, 2)
        ]
        intervals = {"training_intervals": ((1e9, 1e9 + 3),), "evaluation_intervals": ((1e9 + 3, 1e9 + 4),)}
        return TrainResult(trial="t", dir=folder, spec="", status="ok", checkpoints=tuple(points), steps=20, reached=20, **intervals)

    def final(self, best, found=GOOD, human=BAD, sparse=(0.0, 0.01, 0.0, 0.01, 0.0)) -> None:
        """The final evaluation; None in place of a fitness is a failed training."""
        trainings = []
        for reward, values in (("best", found), ("human", human), ("fitness", sparse)):
            for seed, fresh in enumerate(values):
                status = "ok" if fresh is not None else "failed"
                trainings.append(FinalTraining(reward=reward, seed=seed, status=status, best_checkpoint=fresh, fresh=fresh))
                if fresh is not None:
                    self.records.append(self.result(f"final/{best if reward == 'best' else reward}/{seed}/0", fresh))
        self.records.append(Evaluation(best=best, trainings=tuple(trainings)))

    def clip(self, best, steps=0, why="") -> None:
        """One episode of so many steps, a frame each of 64 x 48 pixels; or why there is none."""
        episode = PlayedEpisode(seed=7, fitness=0.9, native=1.0, steps=steps, terminated=True)
        self.records.append(Clip(candidate=best, dir=f"final/{best}/0/0", spec="", episode=None if why else episode, why=why))
        if not why:
            from eureka.worker.video import Video

            self.folder.mkdir(exist_ok=True)
            video = Video(self.folder / "best_policy.mp4", "mp4", 25)
            for step in range(steps + 1):
                video.add(np.full((48, 64, 3), 4 * step, np.uint8))
            video.close()

    def reflection(self, iteration: int, parent: str, text: str) -> None:
        self.records.append(Reflection(restart=0, iteration=iteration, parent=parent, text=text))

    def left(self, event: str, message: str = "") -> None:
        self.records.append(Session(event=event, time=1e9 + 60, message=message))

    def run(self):
        """As a report reads it."""
        return reported(self.config, State(self.folder, self.config.task, self.records))

    def page(self) -> Page:
        return Page(self.html())

    def html(self) -> str:
        data, values = contents(self.run())
        return render("report.html", data, **values)


class Page(html.parser.HTMLParser):
    """A page as a browser without scripts has it: tags with their attributes, the text that is seen, and what is in each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self.pairs: dict[str, str] = {}
        """By the label before it."""
        self.rows: list[list[str]] = []
        """Of all tables, the cells of each."""
        self._in = self._cell = self._label = ""
        self.feed(text)
        self.data = json.loads(self.scripts[0])
        if packed := self.data.pop("packed", ""):
            self.data |= json.loads(zlib.decompress(base64.b64decode(packed)))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._in = tag
        self._cell = tag if tag in ("td", "th", "dt", "dd") else self._cell
        if tag == "script":
            self.scripts.append("")
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag == "dt":
            self._label = ""
        elif tag == "dd":
            self.pairs[self._label] = ""

    def handle_endtag(self, tag):
        self._in = "" if tag == self._in else self._in
        self._cell = "" if tag == self._cell else self._cell

    def handle_data(self, data):
        if self._in == "script":
            self.scripts[-1] += data
        elif self._in != "style":
            self.text += data
            if self._cell == "dt":
                self._label += data
            elif self._cell == "dd":
                self.pairs[self._label] += data
            elif self._cell:
                self.rows[-1][-1] += data

    def find(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.tags if name == tag)


@pytest.fixture
def made(fake, monkeypatch):
    monkeypatch.setattr("eureka.statistics._RESAMPLES", 199)  # what the intervals are is tested elsewhere; here they are to be there
    return Made(fake.run_dir, load_config(str(fake.write(task={"fitness": {"value": "x", "fold": "mean"}}))))
