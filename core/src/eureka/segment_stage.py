"""One segment of many trainings: dealt into cohorts, a job each, and what becomes of cohorts that crash."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from eureka.events import Progress
from eureka.fewer_envs import DIVISORS, trainer_with
from eureka.files import write_atomically
from eureka.job_types import MeasureJob, TrainJob
from eureka.jobs import Finished
from eureka.run import Run, failure
from eureka.training_plan import Part, Training, part_of, segment_budget, spec_hash
from eureka.types import TrainResult, Trial, TrialError
from eureka.unmeasured import Trained, has_begun

_RESOURCE_RETRIES = 2


class Segment:
    """The trials of one segment, on their way to a journalled result. on_result: called with each, once."""

    def __init__(self, run: Run, number: int, trainings: Sequence[Training], on_result: Callable[[TrainResult, int], None]) -> None:
        assert run.state.context is not None
        self._run = run
        self._number = number
        self._on_result = on_result
        self._budget = segment_budget(run.config, run.state.context, number)
        self._parts = {training.id: part_of(run.config, run.state.results, training, number) for training in trainings}
        self._trials = {id_: part.trial for id_, part in self._parts.items()}
        self._specs = {id_: self._specs_of(part) for id_, part in self._parts.items()}
        self._divided = {id_: self._trained_with(trial) or next(iter(self._specs[id_])) for id_, trial in self._trials.items()}
        """By what each trial's environments are divided now."""
        self._faults: Counter[str] = Counter()
        self._reported: set[str] = set()

    def train(self) -> None:
        """Bring every trial to its result."""
        missing = [trial for trial in self._trials.values() if not self._have(trial)]
        cohorts = [cohort for alike in self._alike(missing) for cohort in _split(alike, self._run.jobs.slots)]
        self._run.jobs.run([self._job(cohort) for cohort in cohorts], self._on_event, self._on_end)

    def _specs_of(self, part: Part) -> dict[int, str]:
        """What the environments may be divided by → the spec the trial's result has then; the first is how it begins.

        A segment goes on with the number of the one before, whose saved rows are as many.
        """
        start, config = part.trial.start, self._run.config
        divisors = (1, *DIVISORS) if start is None else (self._run.state.results[start].num_envs_divided,)
        return {divisor: spec_hash(config, part.trial, self._budget, part.task, divisor) for divisor in divisors}

    def _spec(self, trial: Trial) -> str:
        return self._specs[trial.id][self._divided[trial.id]]

    def _alike(self, trials: Iterable[Trial]) -> list[list[Trial]]:
        """Those that one job can train: in the same lesson, with as many environments, and none or all of them only to be measured."""
        groups: dict[Hashable, list[Trial]] = {}
        for trial in trials:
            groups.setdefault((self._parts[trial.id].lesson, self._divided[trial.id], self._is_trained(trial)), []).append(trial)
        return list(groups.values())

    def _is_trained(self, trial: Trial) -> bool:
        """Whether it has only to be measured."""
        return Trained.of(self._run.dir / trial.dir, self._spec(trial)) is not None

    def _trained_with(self, trial: Trial) -> int | None:
        """By what the environments were divided in what a run that was killed left to be measured; None where there is nothing."""
        return next((k for k, spec in self._specs[trial.id].items() if Trained.of(self._run.dir / trial.dir, spec) is not None), None)

    def _job(self, cohort: Sequence[Trial]) -> TrainJob | MeasureJob:
        run, part, faults = self._run, self._parts[cohort[0].id], self._faults
        given: dict[str, Any] = {
            "run_dir": run.dir,
            "task": part.task,
            "lesson": part.lesson,
            "trainer": trainer_with(run.config, self._divided[cohort[0].id]) or run.config.trainer,
            "budget": self._budget,
            "specs": {trial.id: self._spec(trial) for trial in cohort},
            "keep_all": run.config.keep.checkpoints == "all",
            # Fewer at once may not help where it is the jobs beside it that take the memory.
            "alone": any(faults[trial.id] >= _RESOURCE_RETRIES or (faults[trial.id] > 0 and len(cohort) == 1) for trial in cohort),
        }
        if all(map(self._is_trained, cohort)):
            return MeasureJob(trials=tuple(trial.model_copy(update={"code": ""}) for trial in cohort), **given)
        for trial in cohort:  # without a result it cannot be told how far an earlier attempt got; see also `_after_fault`
            shutil.rmtree(run.dir / trial.dir, ignore_errors=True)
        return TrainJob(trials=tuple(cohort), isolation=run.isolation, **given)

    def _on_event(self, event: dict[str, Any]) -> None:
        trial = self._trials.get(event["trial"])
        if trial is None or event["event"] != "progress":
            return
        place = self._parts[trial.id].place
        known = {"fitness": event.get("fitness"), "status": event["status"], "lesson": place.lesson.name if place is not None else ""}
        self._run.notify("eureka_on_progress", event=Progress(trial=trial.id, steps=event["steps"], total=self._budget.total, **known))
        if event["status"] != "running":
            self._have(trial)

    def _on_end(self, finished: Finished) -> list[TrainJob | MeasureJob]:
        left = [trial for one in finished.job.trials if not self._have(trial := self._trials[one.id])]
        to_measure = [trial for trial in left if finished.job.op == "train" and self._is_trained(trial)]
        for trial in to_measure:
            del self._faults[trial.id]  # those of training: what measures has tries of its own
        cohorts: list[Sequence[Trial]] = [to_measure] if to_measure else []
        if left := [trial for trial in left if trial not in to_measure]:
            self._run.check_disk()
            cohorts += self._after_fault(finished, left)
            for trial in left:
                self._have(trial)  # those that were given up
        return [self._job(cohort) for cohort in cohorts]

    def _have(self, trial: Trial) -> bool:
        """Whether the trial's result is journalled; a finished one found on disk is journalled now (harvested)."""
        known, specs = self._run.state.results.get(trial.dir), self._specs[trial.id]
        if known is None or known.spec not in specs.values():
            path = self._run.dir / trial.dir / "result.json"
            if not path.exists():
                return False
            known = TrainResult.model_validate_json(path.read_bytes())
            divisor = next((divisor for divisor, spec in specs.items() if spec == known.spec), None)
            if divisor is None:
                return False
            known = known.model_copy(update={"num_envs_divided": divisor})
            self._run.record(known)
        if trial.id not in self._reported:
            self._reported.add(trial.id)
            self._on_result(known, self._number)
        return True

    def _after_fault(self, finished: Finished, left: list[Trial]) -> list[Sequence[Trial]]:
        """Cohorts to run again after a worker ended without the results of `left`; what is given up is journalled.

        Only those that had begun are suspects. The others go on together.
        Out of memory, or a reward process the machine did not serve, is the machine's fault: tried again in halves, then each for itself,
        and never held against a reward. The last try, and any of a single trial, has a GPU to itself. What runs out of memory even so,
        in its first segment, is tried with fewer environments then: whether it is, no trial that was trained beside it decides.
        A crash or a hang is the fault of one of the trials: each is tried alone, and alone it has failed.
        """
        result = finished.result
        if result is not None and result.error == "usage":
            raise failure(finished)
        memory = finished.cause == "memory" or (result is not None and result.error == "memory")
        cause, message = (finished.cause or "crash", finished.message) if result is None else ("crash", result.message)
        suspects = [trial for trial in left if has_begun(self._run.dir / trial.dir)] or left
        others = [trial for trial in left if trial not in suspects]
        if memory or (result is not None and result.status == "ok"):
            self._faults.update(trial.id for trial in suspects)
            again = [trial for trial in suspects if self._faults[trial.id] <= _RESOURCE_RETRIES]
            alone: list[Sequence[Trial]] = [[trial] for trial in again if self._faults[trial.id] == _RESOURCE_RETRIES]
            cohorts = [*alone, *_split([trial for trial in again if self._faults[trial.id] < _RESOURCE_RETRIES], 2)]
            for trial in (trial for trial in suspects if trial not in again):
                # Measuring takes as much however many were trained with.
                if memory and finished.job.op == "train" and self._take_fewer(trial):
                    cohorts.append([trial])
                else:
                    self._give_up(trial, "resource", "resource", result.faults.get(trial.id, message) if result is not None else message)
        elif len(finished.job.trials) > 1:
            cohorts = [[trial] for trial in suspects]
        else:
            self._give_up(left[0], "failed", cause, message)
            cohorts = []
        return [*cohorts, *_split(others, 1)]

    def _take_fewer(self, trial: Trial) -> bool:
        """Divide the trial's environments by more; False where that is not wanted, or the trainer cannot."""
        config, divided = self._run.config, self._divided[trial.id]
        further = (divisor for divisor in self._specs[trial.id] if divisor > divided and trainer_with(config, divisor) is not None)
        fewer = next(further, None) if config.training.fewer_envs else None
        if fewer is not None:
            self._divided[trial.id] = fewer
        return fewer is not None

    def _give_up(self, trial: Trial, status: Any, code: str, why: str) -> None:
        divided = self._divided[trial.id]
        why += f", with 1/{divided} of the environments too" if status == "resource" and divided > 1 else ""
        lesson, error = self._parts[trial.id].lesson, TrialError(code=code, message=why)
        result = TrainResult(trial=trial.id, dir=trial.dir, spec=self._spec(trial), lesson=lesson, status=status, error=error)
        folder = self._run.dir / trial.dir
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "result.json", result.model_dump_json())
        self._run.record(result)


def _split(trials: Sequence[Trial], cohorts: int) -> list[Sequence[Trial]]:
    """Deal trials into at most `cohorts` lists of nearly equal length."""
    return [part for part in (trials[k::cohorts] for k in range(cohorts)) if part]
