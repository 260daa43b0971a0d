"""What a training leaves whose rewards ran in its own process: policies for another worker to measure, and what is known without that.

It lies in `unmeasured/` of the trial's directory, the only part of it that such a training may write to: `trained.json`, written last, a
checkpoint `<k>/` for each one saved, and `state/` for the next segment.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from eureka.files import sync_tree, write_atomically
from eureka.types import Record, TrialError

FOLDER = "unmeasured"
_NAME = "trained.json"
_BEGUN = "begun"


def begin(trial: Path) -> Path:
    """Make the folder in a trial's directory. It may be there: where a worker is confined to it, all of its trials' are made at once."""
    folder = trial / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _BEGUN).touch()
    return folder


def has_begun(trial: Path) -> bool:
    """Whether the training that a directory is for had come to its turn when its worker ended."""
    return trial.exists() and (not (trial / FOLDER).exists() or (trial / FOLDER / _BEGUN).exists())


class SavedCheckpoint(Record):
    """Checkpoint k, at `steps`: as `CheckpointResult`, without what is measured."""

    index: int = Field(ge=1)
    steps: int
    components: dict[str, float] = Field({})


class Trained(Record):
    """As `TrainResult`, without what is measured. Written by a process that ran a candidate's code: nobody's word on fitness."""

    spec: str
    status: Literal["ok", "failed"]
    saved: tuple[SavedCheckpoint, ...] = ()
    steps: int = 0
    reached: int = 0
    error: TrialError | None = None
    isolation: str = ""
    remark: str = ""
    training_intervals: tuple[tuple[float, float], ...] = ()

    @classmethod
    def of(cls, trial: Path, spec: str) -> Trained | None:
        """What lies in a trial's directory, if it is of this `spec` (see `TrainResult`)."""
        try:
            trained = cls.model_validate_json((trial / FOLDER / _NAME).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        return trained if trained.spec == spec else None

    def leave(self, folder: Path) -> None:
        """Write it into a trial's FOLDER, once all else there is on disk."""
        sync_tree(folder)
        write_atomically(folder / _NAME, self.model_dump_json())
