"""Operation `correlate`: a candidate and the human reward on the same recorded transitions."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pluggy

from eureka.env import Array
from eureka.errors import ConfigError, EurekaError, RewardFailed
from eureka.final_types import Correlation
from eureka.job_types import CorrelateJob, JobResult
from eureka.statistics import reward_correlation
from eureka.transitions import load_native, load_transitions
from eureka.worker.components import array_library, worker_hooks
from eureka.worker.protocol import Events
from eureka.worker.recorded import Recorded
from eureka.worker.reward_client import RewardHost
from eureka.worker.reward_sources import candidate_source, human_source


def run(job: CorrelateJob, directory: Path, events: Events) -> JobResult:
    """Compute both, the candidate's in a confined process, on what `transitions.npz` of the job's directories holds.

    A reward that fails on them has no correlation, and the result says why. Raises EurekaError where the machine is at fault.
    """
    hooks = worker_hooks(job.task)
    found, human, why = np.empty(0), np.empty(0), ""
    try:
        found, human = _both(job, hooks, directory)
    except RewardFailed as error:
        if error.code == "resource":
            raise EurekaError(f"the correlation of {job.candidate} could not be computed: {error.message}") from None
        why = f"the reward fails on them: {error.message}"
    except ConfigError as error:
        why = f"the human reward fails on them: {error}"
    value, why = (None, why) if why else reward_correlation(found, human)
    told = Correlation(candidate=job.candidate, dirs=job.dirs, value=value, transitions=len(found), why=why)
    return JobResult(status="ok", correlation=told)


def _both(job: CorrelateJob, hooks: pluggy.PluginManager, directory: Path) -> tuple[Array, Array]:
    """Totals of candidate and human reward over all transitions, float64 (R,) each."""
    library = array_library(hooks)
    human = human_source(job.task, library)
    totals: list[tuple[Array, Array]] = []
    with closing(RewardHost(isolation=job.isolation, library=library)) as host:
        source = candidate_source(job.code, job.task, hooks, host, directory)
        for folder in job.dirs:
            recorded = _recorded(job.run_dir / folder / "transitions.npz")
            if recorded is not None:
                totals.append((source.compute(recorded)[0].ravel(), human.compute(recorded)[0].ravel()))
    first, second = zip(*totals, strict=True) if totals else ((), ())
    return np.concatenate([np.empty(0), *first]), np.concatenate([np.empty(0), *second])


def _recorded(path: Path) -> Recorded | None:
    """The rows of one file, in the form rewards are computed on: R steps of one environment. None where there is no such file.

    What is recorded there of the fitness is that of episodes, so the steps' fitness is zeros here: no reward asked for looks at it.
    """
    transitions, native = load_transitions([path]), load_native(path)
    if transitions is None or native is None:
        return None
    rows = len(transitions.step)
    variables = {name: array[:, None].astype(np.float64) for name, array in transitions.variables.items()}
    nothing, nowhere = np.zeros((rows, 1)), np.zeros((rows, 1), bool)
    return Recorded(variables, native[:, None].astype(np.float64), nothing, nothing, nowhere, nowhere)
