"""Lessons where rewards run in the worker that trains, and where there is no memory for all environments; and both at once."""

from __future__ import annotations

import pytest

HALF = "trained with 1/2 of the environments: out of memory with all"
KEPT = ("lesson", "num_envs_divided", "checkpoints", "steps", "reached", "status")


@pytest.fixture
def search(fake, lessons, answer):
    """One iteration through the lessons, of rewards with these words that make the trainer misbehave; what was found of each segment."""

    def of(name: str, sim: str, *words: str) -> dict[str, tuple]:
        parts = lessons["inner"]["use"].rpartition(":")[0]
        fake.answers([[answer(f"near = -{k} * np.abs(x)  # {word}\n    return near, {{'near': near}}") for k, word in enumerate(words, 1)]])
        trainer = {**lessons, "inner": {"use": f"{parts}:ShrinkingClimber"}}
        task = {**fake.settings["task"], "sim": {"use": f"{parts}:{sim}"}}
        small = {"search": {"iterations": 1, "samples": len(words), "retest": 0}, "final": {"seeds": 0}, "isolation": "best-effort"}
        config = fake.write(trainer=trainer, task=task, executor={"use": "local", "slots": 1}, **small)
        done = fake.eureka("run", config, "--run-dir", fake.folder / name)
        assert done.returncode == 0, done.stdout + done.stderr
        return {result["dir"]: tuple(result[key] for key in KEPT) for result in fake.journal("result", fake.folder / name)}

    return of


def test_lessons_are_measured_the_same_by_another_worker_and_with_fewer_environments_too(fake, search):
    ours, theirs = (search(name, sim, "", "ROOM FOR 3") for name, sim in (("here", "PointSimWithRewards"), ("apart", "PointSim")))
    assert ours == theirs
    assert {lesson for lesson, *_ in ours.values()} == {"near", "half", ""}
    assert {(name.split("/")[1][-1], divided) for name, (_, divided, *_) in ours.items()} == {("0", 1), ("1", 2)}
    told = {outcome["candidate"][-1]: outcome["remark"] for outcome in fake.journal("outcome", fake.folder / "here")}
    assert told == {"0": "", "1": HALF}
    assert list((fake.folder / "here").glob("jobs/*-measure")) and not list((fake.folder / "here").rglob("unmeasured"))
