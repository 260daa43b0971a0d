"""Who pays when a training ends badly: the reward at fault alone, and nobody where the machine was."""

from __future__ import annotations

import json
import sys

answer = sys.modules["tests.core.conftest"].answer


def settings(samples: int) -> dict:
    return {"search": {"iterations": 1, "samples": samples, "retest": 0}, "final": {"seeds": 0}}


def near(scale: int, word: str = "") -> str:
    """A sound reward of its own; with a word that makes the trainer misbehave once it is this one's turn."""
    return answer(f"near = -{scale} * np.abs(x)  # {word}\n    return near, {{'near': near}}")


def cohorts(fake) -> list[str]:
    """The numbers of the samples in every training job, in the order of the jobs."""
    jobs = [json.loads(path.read_text()) for path in sorted(fake.run_dir.glob("jobs/*-train/job.json"))]
    return ["".join(trial["id"][-1] for trial in job["trials"]) for job in jobs]


def outcomes(fake) -> dict[str, tuple]:
    return {
        record["candidate"].removeprefix("r0i0"): (record["status"], (error := record["error"]) and (error["code"], error["message"]))
        for record in fake.journal("outcome")
    }


def trained(fake) -> list[str]:
    """Samples and the step they were trained to; one trained twice is there twice."""
    lines = (line.split() for line in fake.log("trained.log"))
    return sorted(f"{id_.removeprefix('r0i0')} {end}" for id_, _, end in lines)


def test_a_crash_or_a_hang_is_tried_once_more_alone_and_costs_those_that_had_not_begun_nothing(fake):
    fake.answers([[near(1), near(2, "CRASH"), near(3), near(4, "BUG"), near(5, "HANG"), near(6)]])
    done = fake.run(**settings(6), executor={"use": "local", "slots": 1, "stall_s": 2})
    assert done.returncode == 0, done.stderr
    assert outcomes(fake) == {
        "s00": ("ok", None),
        "s01": ("failed", ("crash", "the worker was ended by signal 11")),
        "s02": ("ok", None),
        "s03": ("failed", ("crash", "ValueError: shapes do not match")),
        "s04": ("failed", ("hang", "made no environment step for 2 s and was killed")),
        "s05": ("ok", None),
    }
    assert cohorts(fake) == ["012345", "1", "2345", "3", "45", "4", "5"]
    assert trained(fake) == ["s00 200", "s02 200", "s05 200"]


def test_what_the_machine_did_is_tried_twice_more_and_held_against_nobody(fake):
    fake.answers([[near(1), near(2, "KILLED"), near(3), near(4, "MEMORY"), near(5, "STARVED"), near(6)]])
    done = fake.run(**settings(6), executor={"use": "local", "slots": 1})
    assert done.returncode == 0, done.stderr
    killed = "was killed from outside, most likely because the machine ran out of memory"
    assert outcomes(fake) == {
        "s00": ("ok", None),
        "s01": ("resource", ("resource", killed)),
        "s02": ("ok", None),
        "s03": ("resource", ("resource", "out of memory")),
        "s04": ("resource", ("resource", "the reward process got too little CPU time to answer")),
        "s05": ("ok", None),
    }
    assert cohorts(fake) == ["012345", "1", "2345", "1", "3", "45", "3", "4", "4"]
    assert trained(fake) == ["s00 200", "s02 200", "s05 200"]


def test_a_crash_in_a_later_segment_costs_that_segment_of_that_candidate_alone(fake):
    fake.answers([[near(1), near(2, "CRASH LATER"), near(3)]])
    done = fake.run(**settings(3), training={"segments": 2}, executor={"use": "local", "slots": 1})
    assert done.returncode == 0, done.stderr
    crashed = next(record for record in fake.journal("outcome") if record["candidate"] == "r0i0s01")
    assert crashed["error"]["code"] == "crash" and len(crashed["dirs"]) == 2
    assert cohorts(fake) == ["012", "012", "1", "2"]
    assert trained(fake) == ["s00 100", "s00 200", "s01 100", "s02 100", "s02 200"]


def test_a_machine_that_cannot_confine_stops_the_run_in_one_line_and_no_candidate_is_blamed(fake):
    fake.answers([[near(1), near(2, "UNCONFINED"), near(3), near(4)]])
    stopped = fake.run(**settings(4), executor={"use": "local", "slots": 1})
    assert stopped.returncode == 1
    assert len(stopped.stderr.splitlines()) == 1 and "no layer holds" in stopped.stderr, stopped.stderr
    assert [record["candidate"] for record in fake.journal("outcome")] == ["r0i0s00"]
    resumed = fake.eureka("resume", fake.run_dir, "--set", "isolation=best-effort")
    assert resumed.returncode == 0, resumed.stderr
    assert set(outcomes(fake).values()) == {("ok", None)}
    assert trained(fake) == ["s00 200", "s01 200", "s02 200", "s03 200"]
