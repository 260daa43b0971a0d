"""A training for which there is no memory is tried with fewer environments at last: another training, and told as one."""

from __future__ import annotations

import json
import sys

import pytest
from tests.core.test_faults import cohorts, near, settings, trained

PARTS = sys.modules["tests.core.conftest"].PARTS
ONE_SLOT = {"use": "local", "slots": 1}
HALF, QUARTER = (f"trained with 1/{divisor} of the environments: out of memory with all" for divisor in (2, 4))


@pytest.fixture
def small(fake):
    """The fake run with a trainer that may be given fewer rows: 4, 2 or 1."""
    fake.settings["trainer"]["use"] = f"{PARTS}:ShrinkingClimber"
    return fake


def told(fake) -> list[tuple]:
    return [(record["candidate"][-1], record["status"], record["remark"]) for record in sorted(fake.journal("outcome"), key=str)]


def rows(fake) -> list[int]:
    return [json.loads(path.read_text())["trainer"]["options"]["rows"] for path in sorted(fake.run_dir.glob("jobs/*-train/job.json"))]


def test_after_the_tries_there_are_a_half_is_tried_and_then_a_quarter_and_it_is_told_beside_the_candidate(small):
    small.answers([[near(1), near(2, "ROOM FOR 3"), near(3, "ROOM FOR 1"), near(4, "MEMORY"), near(5)]])
    done = small.run(**settings(5), executor=ONE_SLOT, extensions=["progress", "report"])
    assert done.returncode == 0, done.stderr
    assert told(small) == [("0", "ok", ""), ("1", "ok", HALF), ("2", "ok", QUARTER), ("3", "resource", ""), ("4", "ok", "")]
    assert cohorts(small) == ["01234", "1", "234", "1", "2", "34", "1", "2", "3", "4", "2", "3", "2", "3", "3"]
    assert [count for cohort, count in zip(cohorts(small), rows(small), strict=True) if cohort == "3"] == [4, 4, 2, 1]
    assert "r0i0s01 trained: fitness" in done.stdout and f"; {HALF}" in done.stdout
    assert small.summary()["candidates"]["fewer_envs"] == 2
    assert "r0i0s03 given up, the machine's fault: out of memory, with 1/4 of the environments too" in done.stdout
    assert HALF in (small.run_dir / "report.md").read_text() and HALF in (small.run_dir / "report.html").read_text()
    divided = {result["trial"][-1]: result["num_envs_divided"] for result in small.journal("result")}
    assert divided == {"0": 1, "1": 2, "2": 4, "3": 1, "4": 1}


def test_it_is_another_training_whose_later_segments_go_on_with_as_many(small):
    small.answers([[near(1, "ROOM FOR 3"), near(2)]])
    done = small.run(**settings(2), training={"segments": 2}, executor=ONE_SLOT)
    assert done.returncode == 0, done.stderr
    assert trained(small) == ["s00 100", "s00 200", "s01 100", "s01 200"]
    results = {result["dir"]: result for result in small.journal("result")}
    assert [results[f"candidates/r0i0s00/training/{segment}"]["num_envs_divided"] for segment in (0, 1)] == [2, 2]
    assert sorted(rows(small)[-2:]) == [2, 4]  # the second segment begins with as many as the first ended with


def test_what_runs_out_in_a_later_segment_alone_is_given_up_since_its_saved_rows_are_as_many(small):
    small.answers([[near(1, "ROOM FOR 3 LATER")]])
    done = small.run(**settings(1), training={"segments": 2}, executor=ONE_SLOT)
    assert done.returncode == 1, done.stdout
    assert told(small) == [("0", "resource", "")] and rows(small) == [4] * 4


def test_a_resume_harvests_it_and_asks_for_it_no_more(small):
    small.answers([[near(1, "ROOM FOR 3"), near(2)]])
    assert small.run(**settings(2), executor=ONE_SLOT).returncode == 0
    journal = small.run_dir / "journal.jsonl"
    kept = [line for line in journal.read_text().splitlines() if json.loads(line)["kind"] not in ("result", "outcome")]
    journal.write_text("\n".join(kept) + "\n")  # a host that died after the worker had written its results
    count = len(rows(small))
    resumed = small.eureka("resume", small.run_dir)
    assert resumed.returncode == 0, resumed.stderr
    assert len(rows(small)) == count and told(small) == [("0", "ok", HALF), ("1", "ok", "")]


def test_who_wants_equal_trainings_alone_loses_it_instead(small):
    small.answers([[near(1, "ROOM FOR 3"), near(2)]])
    done = small.run(**settings(2), training={"fewer_envs": False}, executor=ONE_SLOT)
    assert done.returncode == 0, done.stderr
    assert told(small) == [("0", "resource", ""), ("1", "ok", "")]


def test_a_final_training_with_fewer_says_so_in_its_row_and_is_not_kept_for_other_runs(small):
    small.answers([[near(1, "ROOM FOR 3")]])
    done = small.run(search={"iterations": 1, "samples": 1, "retest": 0}, final={"seeds": 2}, executor=ONE_SLOT)
    assert done.returncode == 0, done.stderr
    final = small.summary()["final"]
    assert final["best"]["fewer_envs"] == 2 and final["human"]["fewer_envs"] == 0
    assert "2 with fewer environments" in done.stdout


def test_each_is_tried_alone_before_so_who_trains_beside_it_never_decides(small):
    small.settings["trainer"]["use"] = f"{PARTS}:CrowdedClimber"
    small.answers([[near(k) for k in range(1, 6)]])
    done = small.run(**settings(5), executor=ONE_SLOT)
    assert done.returncode == 0, done.stderr
    assert told(small) == [(str(k), "ok", "") for k in range(5)]
    assert cohorts(small) == ["01234", "024", "13", "0", "2", "4", "1", "3"]
