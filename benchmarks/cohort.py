"""One cohort trained in this process, the way a worker trains it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eureka.job_types import TrainJob
from eureka.types import Budget, ComponentSpec, Task, TrainResult, Trial
from eureka.worker import train
from eureka.worker.protocol import Events


def train_cohort(task: Task, trainer: Mapping[str, Any], trials: Sequence[Trial], budget: Budget) -> list[TrainResult]:
    """The result of every trial, in order, after one segment; checkpoints and transitions are thrown away.

    trainer: `use` and its options, as in a config. Raises RuntimeError where the machine, not a reward, was at fault.
    """
    with tempfile.TemporaryDirectory() as folder:
        job = TrainJob(
            run_dir=Path(folder),
            task=task,
            trainer=ComponentSpec.model_validate(trainer),
            trials=tuple(trials),
            budget=budget,
            isolation="best-effort",
            specs={trial.id: "" for trial in trials},
        )
        faults = train.run(job, Path(folder), Events(Path(folder))).faults
        if faults:
            raise RuntimeError(f"No result for {', '.join(faults)}: {next(iter(faults.values()))}")
        return [TrainResult.model_validate_json((Path(folder) / trial.dir / "result.json").read_bytes()) for trial in trials]
