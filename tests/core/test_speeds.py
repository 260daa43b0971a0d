"""How fast this machine trains: remembered for the next estimate, and never in the way of a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eureka.config import load_config
from eureka.speeds import Speed, recall, remember
from eureka.state import State
from eureka.types import CheckpointResult, EnvContext, Session, TrainResult


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "eureka" / "speeds.json"


@pytest.fixture
def config(fake):
    return load_config(str(fake.write()))


def result(number: int, start: float, end: float) -> TrainResult:
    middle = (start + end) / 2
    intervals = {"training_intervals": ((start, middle),), "evaluation_intervals": ((middle, end),)}
    return TrainResult(trial=str(number), dir=f"{number}/0", spec="", status="ok", steps=600, evaluation_steps=400, **intervals)


def state(config, *results: TrainResult) -> State:
    context = EnvContext(task="point", description="", text="", variables=(), has_prev=(), max_episode_steps=10)
    return State(Path(), config.task, [context, Session(event="started", time=100.0), *results])


def test_what_was_measured_is_remembered_per_slot(cache, config):
    remember(config, state(config, result(0, 100, 110), result(1, 100, 110), result(2, 110, 120), result(3, 110, 120)), slots=2)
    assert recall(config) == Speed(steps_per_second=100.0, max_episode_steps=10)
    assert (cache.parent.stat().st_mode & 0o777, cache.stat().st_mode & 0o777) == (0o700, 0o600)


def test_another_environment_or_trainer_has_a_speed_of_its_own(cache, config):
    remember(config, state(config, result(0, 100, 110)), slots=1)
    other = config.trainer.model_copy(update={"use": "another"})
    assert recall(config.model_copy(update={"trainer": other})) is None
    remember(config.model_copy(update={"trainer": other}), state(config, result(0, 100, 120)), slots=1)
    assert recall(config).steps_per_second == 100 and recall(config.model_copy(update={"trainer": other})).steps_per_second == 50


def test_how_long_its_evaluation_episodes_were_is_remembered(cache, config):
    points = tuple(CheckpointResult(index=k, steps=k, fitness=0, length=length) for k, length in ((1, 4.0), (2, 8.0)))
    remember(config, state(config, result(0, 100, 110).model_copy(update={"checkpoints": points})), slots=1)
    assert recall(config).episode_steps == 6


def test_only_what_this_session_trained_counts(cache, config):
    remember(config, state(config, result(0, 10, 90), result(1, 100, 110)), slots=1)
    assert recall(config).steps_per_second == 100


def test_a_session_that_trained_nothing_leaves_what_was_known(cache, config):
    remember(config, state(config, result(0, 100, 110)), slots=1)
    remember(config, state(config, result(0, 10, 90)), slots=1)
    remember(config, State(Path(), config.task), slots=1)
    assert recall(config).steps_per_second == 100


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', '{"a": {"steps_per_second": 0, "time": 1}}', "\0\0", '{"a": {"steps_per'])
def test_a_broken_file_is_as_none_and_is_written_anew(cache, config, text):
    cache.parent.mkdir(parents=True)
    cache.write_text(text)
    assert recall(config) is None
    remember(config, state(config, result(0, 100, 110)), slots=1)
    assert recall(config).steps_per_second == 100


def test_where_nothing_can_be_kept_nothing_happens(tmp_path, monkeypatch, config):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    remember(config, state(config, result(0, 100, 110)), slots=1)
    assert recall(config) is None


def test_only_the_newest_are_kept(cache, config, monkeypatch):
    monkeypatch.setattr("eureka.speeds._KEPT", 2)
    for number in range(4):
        use = config.trainer.model_copy(update={"use": f"t{number}"})
        remember(config.model_copy(update={"trainer": use}), state(config, result(0, 100, 110)), slots=1)
    assert [key.split('"')[5] for key in json.loads(cache.read_text())] == ["t2", "t3"]


def test_a_run_leaves_its_speed_and_the_next_one_tells_it_beforehand(fake):
    small = {"search": {"iterations": 1, "samples": 1, "retest": 0}, "final": {"seeds": 0}}
    first = fake.run(**small)
    assert first.returncode == 0 and "no run here has measured" in first.stdout
    second = fake.eureka("check", fake.config)
    assert "as a run here measured" in second.stdout
    assert "(1 training of 200: 1 candidate), about 200 of evaluation (at most 200)" in second.stdout
