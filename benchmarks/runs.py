"""Whole runs of `eureka run` with canned answers, as processes; no pruning, no retest, no final evaluation, no clip."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from canned import write_answers
from one_core import ONE_THREAD
from ppo import trainer

STEPS, CHECKPOINTS = 24_576, 10
EPISODES = 2  # what `evaluation.share: 0.2` comes to where an episode may take 500 steps or more


class Run(NamedTuple):
    """A run that has just been started, and its directory."""

    process: subprocess.Popen[bytes]
    dir: Path

    def finished(self, candidates: int) -> dict[str, Any]:
        """Its `summary.json`, once it has ended. Raises RuntimeError unless it trained so many candidates."""
        code = self.process.wait()
        summary: dict[str, Any] = json.loads((self.dir / "summary.json").read_text()) if code == 0 else {}
        counts = summary.get("candidates", {})
        if counts.get("accepted") != candidates or counts["failed"]:
            raise RuntimeError(f"eureka run: exit code {code}, {counts}; expected {candidates} candidates and that all train.")
        return summary


@contextmanager
def eureka_run(
    task: str, iterations: int, samples: int, settings: dict[str, Any], cores: int, steps: int = STEPS, checkpoints: int = CHECKPOINTS
) -> Iterator[Run]:
    """`eureka run` on so many cores, which trains iterations × samples programs of the task and does nothing else."""
    config = {
        "task": task,
        "generator": "llm",
        "trainer": trainer(settings),
        "pruner": "none",
        "search": {"iterations": iterations, "samples": samples, "retest": 0},
        "training": {"steps": steps, "checkpoints": checkpoints},
        "evaluation": {"min_episodes": EPISODES, "max_episodes": EPISODES},
        "final": {"seeds": 0, "clip": False},
    }
    with tempfile.TemporaryDirectory() as folder:
        answers, directory, written = Path(folder, "answers"), Path(folder, "run"), Path(folder, "config.yaml")
        answers.mkdir()
        write_answers(task, samples, answers)
        written.write_text(json.dumps({**config, "llm": {"use": "replay", "from": str(answers)}}))  # JSON is YAML
        process = start([eureka_command(), "run", str(written), "--run-dir", str(directory), "--quiet"], cores)
        try:
            yield Run(process, directory)
        finally:
            process.terminate()
            process.wait()


def eureka_command() -> str:
    """The `eureka` beside this Python."""
    return str(Path(sys.executable).with_name("eureka"))


def start(command: Sequence[str], cores: int) -> subprocess.Popen[bytes]:
    """Start a command that may use the first `cores` of this process's cores, a thread in each process."""
    use = set(sorted(os.sched_getaffinity(0))[:cores])
    env = {**os.environ, **ONE_THREAD}
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, use))
