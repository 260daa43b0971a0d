"""Lifecycle events: one frozen object each. Transient; what is kept is in the journal's records."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from eureka.types import Record


class RunStart(Record):
    """The run is about to go on. `steps_per_candidate`: environment steps each candidate trains for."""

    run_dir: Path
    task: str
    description: str
    generator: str
    designed_by: str = Field(description="Who writes the rewards, in words for a banner.")
    begins_with: str = Field("", description="What policies trainings begin with, in words for a banner; empty: all begin from scratch.")
    names: dict[str, str] = Field(
        {}, description="What the user calls the rewards, by id: nothing is searched, these are compared. Empty in a search."
    )
    iterations: int
    samples: int
    restarts: int
    steps_per_candidate: int
    own_return: bool = Field(False, description="The fitness is the environment's own return, whatever the task's description says.")
    warnings: tuple[str, ...] = Field((), description="What in the config changes nothing, though somebody may think it does; a line each.")
    confinement: str = Field("", description="What to know where confinement of generated code is not required; else empty.")
    estimate: tuple[str, ...] = Field(
        (), description="What the whole run may come to in answers, tokens, cost, steps and hours; a line each."
    )
    resumed: bool


class StageStart(Record):
    """A stage of the run begins: context, generate, repair, train, feedback, reflect, retest, final or clip.

    feedback: people are asked. Told again, `waits` being true, when the run begins to wait for them and whenever what follows has changed:
    `questions`, how many of its iteration are still to be answered, and `where` they can be (`FeedbackTools.tell`).
    """

    stage: Literal["context", "generate", "repair", "train", "feedback", "reflect", "retest", "final", "clip"]
    restart: int = 0
    iteration: int = 0
    trials: tuple[str, ...] = ()
    waits: bool = False
    questions: int = 0
    where: str = ""


class Progress(Record):
    """A trial got further. Transient: never journalled. `reward` says whose it is."""

    trial: str
    steps: int
    total: int
    fitness: float | None = Field(None, description="Of the newest checkpoint, when there is one.")
    status: Literal["running", "ok", "failed", "resource"] = "running"
    lesson: str = Field("", description="Name of the lesson it is in; empty where there are none.")


class RunEnd(Record):
    """The run ended, or was left resumably. `summary` is what `summary.json` holds."""

    run_dir: Path
    status: Literal["ended", "interrupted", "stopped", "failed"]
    summary: dict[str, Any]
    message: str = ""
