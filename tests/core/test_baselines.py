"""Trainings that depend on nothing a search finds are kept between runs: found again, whole, and only where all is the same."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

NEAR, SMALL = (getattr(sys.modules["tests.core.conftest"], name) for name in ("NEAR", "SMALL"))
TINY = {
    "search": {"iterations": 1, "samples": 1, "retest": 0},
    "training": {"steps": 40, "checkpoints": 2},
    "extensions": ["progress"],
}


@pytest.fixture
def run(fake):
    """A run of one candidate with this answer; what its trainers trained for the final evaluation, and its summary."""
    (fake.folder / "human.py").write_text("def compute_reward(x):\n    return 1 - abs(x), {'x': x}\n")
    fake.settings["task"]["human"] = "human.py"

    def once(answer=NEAR, **changes):
        (fake.folder / "trained.log").unlink(missing_ok=True)
        shutil.rmtree(fake.run_dir, ignore_errors=True)
        fake.answers([[answer]])
        done = fake.run(**TINY | {"final": {"seeds": 1, "cache": True}} | changes)
        assert done.returncode == 0, done.stderr
        return {line.split(".final")[0] for line in fake.log("trained.log") if ".final" in line}, fake.summary(), done.stdout

    return once


def test_human_and_sparse_reward_are_trained_once_for_all_runs_of_a_task(fake, run):
    trained, first, _ = run()
    assert trained == {"r0i0s00", "human", "fitness"}
    trained, again, told = run()
    assert trained == {"r0i0s00"} and again == first  # environment steps, too: nothing depends on what lies in a cache
    assert "Final evaluation: 1 trainings on fresh seeds" in told
    assert all(r["training_intervals"] == [] for r in fake.journal("result") if r["trial"].startswith(("human", "fitness")))
    for folder in ("human", "fitness"):
        assert {path.name for path in (fake.run_dir / "final" / folder / "0" / "0").iterdir()} >= {"result.json", "checkpoint"}


@pytest.mark.slow
def test_what_the_numbers_depend_on_makes_another_entry_a_damaged_one_is_none_and_without_a_cache_nothing_is_kept(fake, run):
    kept = fake.folder / "cache" / "eureka" / "baselines"
    run(final={"seeds": 1, "cache": False})
    assert not kept.exists()
    run()
    (fake.folder / "human.py").write_text("def compute_reward(x):\n    return 2 - abs(x), {'x': x}\n")
    assert run()[0] == {"r0i0s00", "human", "fitness"} and len([*kept.iterdir()]) == 4
    for result in kept.rglob("result.json"):
        result.write_text(json.dumps({"kind": "result"}))
    assert run(SMALL)[0] == {"r0i0s00", "human", "fitness"}
