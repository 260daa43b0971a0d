"""What the check makes of a machine that cannot try a candidate."""

from __future__ import annotations

import types

import numpy as np
import pytest

from eureka.errors import EurekaError, RewardFailed
from eureka.hookspecs import Injection
from eureka.worker import check
from eureka.worker.describe import RECORDINGS
from eureka.worker.protocol import Events

RESOURCE = RewardFailed("resource", "the reward process got too little CPU time to answer")
RAISED = RewardFailed("error", "NameError: name 'nothing' is not defined", 3)


@pytest.fixture
def verdicts(monkeypatch, tmp_path):
    """Checks one candidate whose successive trials fail as given, None being success; returns its verdicts."""

    def verdicts(*failures):
        trials = iter(failures)

        class Host:
            def start(self, code, function, arguments):
                failure = next(trials)
                if failure is not None:
                    raise failure
                return types.SimpleNamespace(call=lambda variables: None, close=lambda: None)

            def close(self):
                assert next(trials, "none left") == "none left"

        hook = types.SimpleNamespace(eureka_inject_reward=lambda request: Injection(code=request.code, arguments=("x",)))
        monkeypatch.setattr(check, "RewardHost", Host)
        monkeypatch.setattr(check, "worker_hooks", lambda *args: types.SimpleNamespace(hook=hook))
        (tmp_path / RECORDINGS).parent.mkdir()
        np.savez(tmp_path / RECORDINGS, x=np.zeros(3))
        candidate = types.SimpleNamespace(id="r0i0s00", code="pass")
        job = types.SimpleNamespace(task=None, run_dir=tmp_path, candidates=(candidate,), arguments=("x",))
        return check.run(job, tmp_path, Events(tmp_path)).verdicts

    return verdicts


def test_a_machine_that_fails_once_is_asked_again(verdicts):
    assert verdicts(RESOURCE, None)[0].accepted


def test_what_the_candidate_does_at_the_second_trial_counts(verdicts):
    (verdict,) = verdicts(RESOURCE, RAISED)
    assert (verdict.accepted, verdict.code, verdict.line) == (False, "error", 3)


def test_a_machine_that_fails_twice_gives_no_verdict(verdicts):
    with pytest.raises(EurekaError, match=r"candidate r0i0s00 could not be tried, twice: .*too little CPU time.*resume"):
        verdicts(RESOURCE, RESOURCE)


def test_a_candidates_own_failure_is_not_tried_again(verdicts):
    assert verdicts(RAISED)[0].code == "error"
