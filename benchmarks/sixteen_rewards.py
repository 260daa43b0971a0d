"""Sixteen rewards of very mixed quality for a shipped task: what an iteration may hold."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from eureka.config import Config
from eureka.extraction import extract
from eureka.history import GenerateRequest, History
from eureka.job_types import DescribeJob
from eureka.registry import make
from eureka.types import ComponentSpec, EnvContext
from eureka.worker import describe
from eureka.worker.protocol import Events

BY_HAND = Path(__file__).parents[1] / "tests" / "corpus_good"
EACH = 8


def sixteen_rewards(config: Config, context: EnvContext) -> dict[str, str]:
    """Name → code: the first eight of tests/corpus_good, and the first iteration of the symbolic generator, the same each time."""
    by_hand = {file.stem: file.read_text() for file in sorted((BY_HAND / config.task.name).glob("*.py"))[:EACH]}
    generator: Any = make("generator", ComponentSpec(use="symbolic"), "generator")
    history = History(config.task, context, restart=0)
    request = GenerateRequest(history, restart=0, iteration=0, iterations=1, samples=EACH, missing=(*range(EACH),), seed=0)
    drafts = generator.eureka_generate_rewards(request=request, tools=None)
    return {**by_hand, **{f"symbolic_{draft.sample}": extract(draft.text).code for draft in drafts}}


def described(config: Config) -> EnvContext:
    """What a run would find out about its environment."""
    with tempfile.TemporaryDirectory() as folder:
        job = DescribeJob(run_dir=Path(folder), task=config.task, seed=0)
        context = describe.run(job, Path(folder), Events(Path(folder))).context
    assert context is not None
    return context
