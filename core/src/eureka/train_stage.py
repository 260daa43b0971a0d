"""The training stage: trainings cut into segments, segments into cohorts, and what becomes of cohorts that crash."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from eureka.events import Progress
from eureka.files import write_atomically
from eureka.job_types import MeasureJob, TrainJob
from eureka.jobs import Finished
from eureka.lessons import segment_ends
from eureka.run import Run, failure
from eureka.spending import reached
from eureka.step_budget import steps_in_words, steps_left, steps_needed
from eureka.training_plan import Training, part_of, segment_budget, spec_hash
from eureka.types import TrainResult, Trial, TrialError
from eureka.unmeasured import Trained

_RESOURCE_RETRIES = 2


def train(
    run: Run,
    trainings: Sequence[Training],
    done: Callable[[Training], None],
    keep: Callable[[int, list[str]], Sequence[str]] | None = None,
) -> str:
    """Train all that the caps cover, segment by segment, journalling each result as it is there; says which cap others wait for.

    What is journalled already, or lies finished on disk from a host that died, is not trained again. What a segment left for the next
    one (`state`, which may hold a whole replay buffer) is gone once nothing goes on from it.
    done: called for each training that ends in the last segment or fails, as soon as its result is journalled, or is not kept.
    keep: asked after every segment but the last which of the trainings still going train on; only once all have come that far, since
        who is kept must not depend on a cap.
    """
    cap = ""
    going = list(trainings)
    segments = len(segment_ends(run.config))
    by_id = {training.id: training for training in trainings}

    def on_result(result: TrainResult, segment: int) -> None:
        if result.status != "ok" or segment == segments - 1:
            done(by_id[result.trial])

    for segment in range(segments):
        trained, short = covered(run, going, whole=keep is None, segment=segment)
        cap = short or cap
        _train_segment(run, segment, trained, on_result)
        results = {t.id: run.state.results[f"{t.dir}/{segment}"] for t in trained}
        going = [t for t in trained if results[t.id].status == "ok"]
        if keep is not None and going and segment < segments - 1 and not cap:
            kept = keep(segment, [t.id for t in going])
            for stopped in (t for t in going if t.id not in kept):
                done(stopped)
            going = [t for t in going if t.id in kept]
        for t in trained:
            for number in (segment - 1, segment) if t not in going else (segment - 1,):
                shutil.rmtree(run.dir / t.dir / str(number) / "state", ignore_errors=True)
        if keep is not None and cap:
            break
    return cap


def covered(run: Run, trainings: Sequence[Training], whole: bool, segment: int = 0) -> tuple[list[Training], str]:
    """Those of the trainings that the caps on steps and hours let begin a segment, and the cap that the others wait for, in words.

    whole: with all of their further segments, else with this one. What needs the fewest steps more comes first: what had begun.
    """
    segments = range(segment, len(segment_ends(run.config)) if whole else segment + 1)
    needs = {t.id: steps_needed(run.config, run.state, segments, t.dir) for t in trainings}
    hours, left, fit = reached(run.config, run.state).get("hours", ""), steps_left(run.config, run.state), set[str]()
    for id_, need in sorted(needs.items(), key=lambda item: item[1]):
        if not need or (need <= left and not hours):
            left -= need
            fit.add(id_)
    waiting = [id_ for id_ in needs if id_ not in fit]
    more = f"{len(waiting)} more training{'s are' if len(waiting) > 1 else ' is'} not covered"
    words = f"{hours or steps_in_words(run.config, run.state)}; {more}" if waiting else ""
    return [t for t in trainings if t.id in fit], words


def _train_segment(run: Run, segment: int, trainings: Sequence[Training], on_result: Callable[[TrainResult, int], None]) -> None:
    assert run.state.context is not None
    budget = segment_budget(run.config, run.state.context, segment)
    parts = {training.id: part_of(run.config, run.state.results, training, segment) for training in trainings}
    trials = [part.trial for part in parts.values()]
    specs = {id_: spec_hash(run.config, part.trial, budget, part.task) for id_, part in parts.items()}
    reported: set[str] = set()

    def have(trial: Trial) -> bool:
        if not _have(run, trial, specs[trial.id]):
            return False
        if trial.id not in reported:
            reported.add(trial.id)
            on_result(run.state.results[trial.dir], segment)
        return True

    missing = [trial for trial in trials if not have(trial)]
    faults: Counter[str] = Counter()

    def trained(trial: Trial) -> bool:
        return Trained.of(run.dir / trial.dir, specs[trial.id]) is not None

    def measure(cohort: Sequence[Trial], alone: bool = False) -> MeasureJob:
        part = parts[cohort[0].id]
        return MeasureJob(
            run_dir=run.dir,
            task=part.task,
            lesson=part.lesson,
            trainer=run.config.trainer,
            trials=tuple(trial.model_copy(update={"code": ""}) for trial in cohort),
            budget=budget,
            specs={trial.id: specs[trial.id] for trial in cohort},
            keep_all=run.config.keep.checkpoints == "all",
            alone=alone,
        )

    def job(cohort: Sequence[Trial]) -> TrainJob | MeasureJob:
        # Fewer at once may not help where it is the jobs beside it that take the memory.
        alone = any(faults[trial.id] == _RESOURCE_RETRIES or (faults[trial.id] > 0 and len(cohort) == 1) for trial in cohort)
        if all(map(trained, cohort)):
            return measure(cohort, alone)
        for trial in cohort:  # without a result it cannot be told how far an earlier attempt got; see also `_after_fault`
            shutil.rmtree(run.dir / trial.dir, ignore_errors=True)
        part = parts[cohort[0].id]  # of the others, too: a cohort has one environment
        return TrainJob(
            run_dir=run.dir,
            task=part.task,
            lesson=part.lesson,
            trainer=run.config.trainer,
            trials=tuple(cohort),
            budget=budget,
            isolation=run.isolation,
            specs={trial.id: specs[trial.id] for trial in cohort},
            keep_all=run.config.keep.checkpoints == "all",
            alone=alone,
        )

    def on_event(event: dict[str, Any]) -> None:
        trial = by_id.get(event["trial"])
        if trial is None or event["event"] != "progress":
            return
        place = parts[trial.id].place
        known = {"fitness": event.get("fitness"), "status": event["status"], "lesson": place.lesson.name if place is not None else ""}
        run.notify("eureka_on_progress", event=Progress(trial=trial.id, steps=event["steps"], total=budget.total, **known))
        if event["status"] != "running":
            have(trial)

    def on_end(finished: Finished) -> list[TrainJob | MeasureJob]:
        left = [by_id[trial.id] for trial in finished.job.trials if not have(trial)]
        to_measure = [trial for trial in left if finished.job.op == "train" and trained(trial)]
        next_jobs: list[TrainJob | MeasureJob] = [measure(to_measure)] if to_measure else []
        if left := [trial for trial in left if trial not in to_measure]:
            run.check_disk()
            next_jobs += [job(cohort) for cohort in _after_fault(run, finished, left, faults)]
            for trial in left:
                have(trial)  # those that were given up
        return next_jobs

    by_id = {trial.id: trial for trial in trials}
    alike: dict[tuple[str, bool], list[Trial]] = {}  # those trained already are by a host that died before they were measured
    for trial in missing:
        alike.setdefault((parts[trial.id].lesson, trained(trial)), []).append(trial)
    run.jobs.run([job(cohort) for together in alike.values() for cohort in _split(together, run.jobs.slots)], on_event, on_end)


def _split(trials: Sequence[Trial], cohorts: int) -> list[Sequence[Trial]]:
    """Deal trials into at most `cohorts` lists of nearly equal length."""
    return [part for part in (trials[k::cohorts] for k in range(cohorts)) if part]


def _have(run: Run, trial: Trial, spec: str) -> bool:
    """Whether the trial's result is journalled; a finished one found on disk is journalled now (harvested)."""
    known = run.state.results.get(trial.dir)
    if known is not None and known.spec == spec:
        return True
    path = run.dir / trial.dir / "result.json"
    if not path.exists():
        return False
    result = TrainResult.model_validate_json(path.read_bytes())
    if result.spec != spec:
        return False
    run.record(result)
    return True


def _after_fault(run: Run, finished: Finished, left: list[Trial], faults: Counter[str]) -> list[Sequence[Trial]]:
    """Cohorts to run again after a worker ended without the results of `left`; what is given up is journalled.

    Only those that had begun are suspects; they alone have a directory. The others go on together.
    Out of memory, or a reward process the machine did not serve, is the machine's fault: tried again in halves, at most
    twice, and never held against a reward. The last try, and any of a single trial, has a GPU to itself.
    A crash or a hang is the fault of one of the trials: each is tried alone, and alone it has failed.
    """
    result = finished.result
    if result is not None and result.error == "usage":
        raise failure(finished)
    memory = finished.cause == "memory" or (result is not None and (result.error == "memory" or result.status == "ok"))
    cause, message = (finished.cause or "crash", finished.message) if result is None else ("crash", result.message)
    suspects = [trial for trial in left if (run.dir / trial.dir).exists()] or left
    others = [trial for trial in left if trial not in suspects]
    if memory:
        faults.update(trial.id for trial in suspects)
        again = [trial for trial in suspects if faults[trial.id] <= _RESOURCE_RETRIES]
        for trial in suspects:
            if trial not in again:
                why = result.faults.get(trial.id, message) if result is not None else message
                _give_up(run, finished.job, trial, "resource", TrialError(code="resource", message=why))
        cohorts = _split(again, 2)
    elif len(finished.job.trials) > 1:
        cohorts = [[trial] for trial in suspects]
    else:
        _give_up(run, finished.job, left[0], "failed", TrialError(code=cause, message=message))
        cohorts = []
    return [*cohorts, *_split(others, 1)]


def _give_up(run: Run, job: TrainJob | MeasureJob, trial: Trial, status: Any, error: TrialError) -> None:
    result = TrainResult(trial=trial.id, dir=trial.dir, spec=job.specs[trial.id], lesson=job.lesson, status=status, error=error)
    folder = run.dir / trial.dir
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "result.json", result.model_dump_json())
    run.record(result)
