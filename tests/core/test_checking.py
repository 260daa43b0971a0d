"""The host's end of a check: what becomes of candidates whose worker ends, hangs or has nothing to do."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from eureka.checking import Checker
from eureka.errors import RunStopped
from eureka.job_types import JobResult
from eureka.types import Candidate, Verdict


class Workers:
    """Stands for `Jobs`: the workers do, one after the other, what `deeds` says: how many candidates each answers before it ends.

    None: all it is ever given.
    """

    def __init__(self, folder, *deeds, result=None):
        self.folder, self.deeds, self.result = folder, list(deeds), result
        self.started, self.waited = [], []

    def start(self, job):
        folder = self.folder / str(len(self.started))
        folder.mkdir()
        worker = SimpleNamespace(dir=folder, left=self.deeds.pop(0), progressed=0.0, answered=0, handle=SimpleNamespace(kill=lambda: None))
        self.started.append(worker)
        return worker

    def poll(self, worker, seconds, others=()):
        given = (worker.dir / "candidates.jsonl").read_text().splitlines()
        with (worker.dir / "verdicts.jsonl").open("a") as file:
            for line in given[worker.answered :]:
                if worker.left == 0:
                    file.write('{"candidate": "half a li')
                    return SimpleNamespace(result=self.result)
                file.write(Verdict(candidate=Candidate.model_validate_json(line).id, accepted=True).model_dump_json() + "\n")
                worker.answered += 1
                worker.left = worker.left and worker.left - 1
        return None

    def wait(self, worker):
        self.waited.append(worker)


def candidate(sample):
    return Candidate(id=f"r0i0s{sample:02}", restart=0, iteration=0, sample=sample, code="", sha256="")


def checked(workers, count):
    with Checker(workers, None, lambda ended: RunStopped("it died")) as checker:
        for sample in range(count):
            checker.submit(candidate(sample))
        return [verdict.candidate[-1] for verdict in (*checker.ready(), *checker.rest())]


def test_a_worker_that_dies_is_replaced_and_no_verdict_is_lost_or_given_twice(tmp_path):
    workers = Workers(tmp_path, 2, None)
    assert checked(workers, 4) == ["0", "1", "2", "3"]
    assert (workers.started[1].dir / "candidates.jsonl").read_text().count("\n") == 3  # the two that were owed, and `end`
    assert workers.waited == [workers.started[1]]


def test_a_candidate_whose_worker_dies_twice_stops_the_run(tmp_path):
    workers = Workers(tmp_path, 1, 0)
    with pytest.raises(RunStopped, match="it died"):
        checked(workers, 3)


def test_what_the_user_must_mend_is_told_at_once(tmp_path):
    workers = Workers(tmp_path, 0, result=JobResult(status="error", error="usage", message="no motor"))
    with pytest.raises(RunStopped):
        checked(workers, 1)
    assert len(workers.started) == 1


def test_without_a_candidate_no_worker_is_started(tmp_path):
    workers = Workers(tmp_path)
    assert checked(workers, 0) == [] and workers.started == []


def test_whoever_waits_for_a_worker_that_cannot_confine_is_told_before_a_candidate_is_there():
    cannot = SimpleNamespace(result=JobResult(status="error", error="usage", message="no layer holds"))

    class Refusing:
        def start(self, job):
            return SimpleNamespace(dir=Path("/nowhere"), handle=SimpleNamespace(kill=lambda: None))

        def poll(self, worker, seconds, others=()):
            return cannot

        def wait(self, worker):
            pass

    with pytest.raises(RunStopped, match="no layer holds"), Checker(Refusing(), None, lambda e: RunStopped(e.result.message)) as checker:
        checker.wait_until_ready()
