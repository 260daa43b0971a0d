"""How the best reward and the human one go together, on transitions of the best one's own trainings."""

from __future__ import annotations

from eureka.job_types import CorrelateJob, JobResult
from eureka.run import Run
from eureka.types import Candidate


def correlate(run: Run, candidate: Candidate, dirs: tuple[str, ...]) -> None:
    """Journal their correlation over the evaluation episodes recorded in `dirs`, unless it is journalled.

    dirs: segment directories of the candidate's trainings. Nothing happens where there is none, or where the human reward is the fitness.
    """
    known = run.state.correlations.get(candidate.id)
    if not dirs or run.config.task.human_is_fitness or (known is not None and known.dirs == dirs):
        return
    job = CorrelateJob(
        run_dir=run.dir, task=run.config.task, candidate=candidate.id, code=candidate.code, dirs=dirs, isolation=run.isolation
    )

    def done(result: JobResult) -> None:
        if result.correlation is not None:
            run.record(result.correlation)

    run.must_do([job], done)
