"""Curricula that cannot be: said before anything is spent, with the place and what to do."""

from __future__ import annotations

import json

import pytest

from eureka.config import load_config
from eureka.errors import ConfigError
from eureka.user_files import hashes


def wrong(fake, trainer, **settings) -> str:
    with pytest.raises(ConfigError) as error:
        load_config(str(fake.write(trainer=trainer, **settings)))
    return str(error.value)


def test_the_last_lesson_is_the_task(fake, lessons):
    lessons["lessons"][-1] = {"name": "all", "task": {"sim": {"start": 0.5}}}
    assert "lessons[2] (all): the last lesson is the task itself" in wrong(fake, lessons)


def test_something_must_be_left_for_the_task(fake, lessons):
    told = wrong(fake, lessons, training={"steps": 120})
    assert "trainer.lessons: the lessons before the last may take 120 steps and leave nothing of training.steps (120)" in told


def test_a_lesson_without_steps_or_a_name_twice_is_refused(fake, lessons):
    assert "lessons[0] (near): has no steps" in wrong(fake, {**lessons, "lessons": [{"name": "near"}, {"name": "all"}]})
    lessons["lessons"][1]["name"] = "near"
    assert 'two lessons are named "near"' in wrong(fake, lessons)


def test_what_could_never_end_a_lesson_is_refused(fake, lessons):
    near = lessons["lessons"][0]
    near.update(steps=60, until={"fitness": 0.0, "plateau": 1})  # a checkpoint every 20 steps: after 20 and 40
    load_config(str(fake.write(trainer=lessons)))
    near["until"] = {"fitness": 0.0, "plateau": 2}
    told = wrong(fake, lessons)
    assert "trainer.lessons[0].until.plateau: takes 3 checkpoints, and before the end of the lesson's 60 steps come 2" in told
    assert "until.fitness" not in told
    near.update(steps=20, until={"fitness": 0.0})
    assert "trainer.lessons[0].until.fitness: takes 1 checkpoint, and before the end of the lesson's 20 steps come 0" in wrong(
        fake, lessons
    )


def test_a_typo_in_a_lessons_simulator_is_told_at_its_place(fake, lessons):
    lessons["lessons"][1]["task"] = {"sim": {"strat": 0.5}}
    assert 'trainer.lessons[1].task.sim.strat: unknown key; did you mean "start"?' in wrong(fake, lessons)
    lessons["lessons"][1]["task"] = {"fitness": {"fold": "average"}}
    assert "trainer.lessons[1].task.fitness.fold" in wrong(fake, lessons)


def test_what_the_inner_trainer_cannot_begin_anew_is_told(fake, lessons):
    lessons["lessons"][1]["reset"] = ["optimizer"]
    assert "cannot begin optimizer anew" in wrong(fake, lessons)


def test_segments_and_pruners_do_not_go_with_lessons(fake, lessons):
    told = wrong(fake, lessons, training={"steps": 200, "segments": 2}, pruner="successive-halving")
    assert "training.segments: 2 does not go with lessons" in told and 'pruner: "successive-halving" compares trainings' in told


def test_a_curriculum_in_a_curriculum_is_refused(fake, lessons):
    assert "cannot be inside of another" in wrong(fake, {**lessons, "inner": lessons})


def test_a_file_that_a_lesson_names_is_beside_the_config_and_watched(fake, lessons):
    (fake.folder / "far.py").write_text("def far(x):\n    return -abs(x)\n")
    lessons["lessons"][0]["task"] = {"fitness": {"value": "far.py:far"}}
    config = load_config(str(fake.write(trainer=lessons)))
    assert str(fake.folder / "far.py") in hashes(config)
    lessons["lessons"][0]["task"] = {"fitness": {"value": "gone.py:far"}}
    assert "trainer.lessons[0].task.fitness.value" in wrong(fake, lessons)


def test_a_lesson_that_does_not_work_ends_the_run_before_it_began(fake, lessons):
    lessons["lessons"][1]["task"] = {"sim": {"env": "plane"}}
    done = fake.run(trainer=lessons)
    assert done.returncode == 2 and "trainer.lessons[1] (half): sim.env: 'plane' is unknown; valid: point." in done.stderr
    assert not fake.run_dir.exists() and not fake.log("sales.log")


def test_the_resolved_config_can_be_read_again(fake, lessons):
    from eureka.config import load_resolved, to_yaml

    config = load_config(str(fake.write(trainer=lessons)))
    (fake.folder / "again.yaml").write_text(to_yaml(config))
    assert json.loads(load_resolved(fake.folder / "again.yaml").model_dump_json()) == json.loads(config.model_dump_json())
