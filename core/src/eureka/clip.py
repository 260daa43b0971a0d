"""The clip: a short video of the best policy, which a run leaves for its report."""

from __future__ import annotations

from pathlib import Path

from eureka.choice import best
from eureka.final_types import Clip
from eureka.job_types import RenderJob
from eureka.jobs import Finished
from eureka.policy_dirs import policy_dir
from eureka.run import Run
from eureka.seeds import derive_seed
from eureka.spending import reached

CLIP = "best_policy.mp4"
"""Its name in the run's directory."""
HEIGHT, SECONDS = 480, 10.0
"""At most: so it takes a few hundred kilobytes of a page."""


def make_clip(run: Run) -> None:
    """Have the best policy's first fresh episode filmed, and journal what came of it, unless it is there already.

    A run is none the worse without: why there is none is in the record. It costs nothing of `budget`, but does not begin once its hours
    are over; where nothing could be drawn, the next resume tries again.
    """
    program = best(run.state)
    folder = policy_dir(run.state, program.candidate.id) if program is not None else None
    if program is None or folder is None or not run.config.final.clip or "hours" in reached(run.config, run.state):
        return
    path, known, spec = run.dir / CLIP, run.state.clip, run.state.results[folder].spec
    if known is not None and (known.dir, known.spec, known.why) == (folder, spec, "") and path.exists():
        return
    path.unlink(missing_ok=True)
    run.stage("clip")
    part = path.with_name(f".{CLIP}.part")
    job = RenderJob(
        run_dir=run.dir,
        task=run.config.task,
        trainer=run.config.trainer,
        checkpoint=f"{folder}/checkpoint",
        seeds=(derive_seed("fresh", run.config.seed, 0),),
        video=part,
        height=HEIGHT,
        seconds=SECONDS,
    )
    try:
        clip = _clip(run.jobs.run([job])[0], part, Clip(candidate=program.candidate.id, dir=folder, spec=spec))
        if not clip.why:
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    if clip != known:
        run.record(clip)


def _clip(finished: Finished, part: Path, clip: Clip) -> Clip:
    """The record of a job that ended."""
    result = finished.result
    if result is None:
        return clip.model_copy(update={"why": finished.message})
    if result.status != "ok" or not part.exists():
        return clip.model_copy(update={"why": result.message or "the worker left no video"})
    return clip.model_copy(update={"episode": result.played[0], "cut": result.cut})
