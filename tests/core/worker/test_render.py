"""Episodes that somebody watches: the same figures as an evaluation's, and the right frames of them."""

from __future__ import annotations

import numpy as np
import pytest

from eureka.errors import ConfigError, EurekaError
from eureka.final_types import PlayedEpisode
from eureka.job_types import RenderJob
from eureka.training import Policy
from eureka.types import ComponentSpec
from eureka.worker import film as films
from eureka.worker.evaluate import evaluate_policy
from eureka.worker.film import Film
from eureka.worker.recorder import Recorder, raw_sources
from eureka.worker.render import play


def make(counter_env, task, rows=1, **env):
    return Recorder(counter_env(rows, **env).read(raw_sources(task, ())), task, ())


def policy(act):
    return Policy(act=act, save=lambda path: None)


def up(observations):
    return np.ones((len(observations), 1))


@pytest.mark.parametrize("fold", ["sum", "mean", "last", "max", "any"])
@pytest.mark.parametrize(("env", "steps", "terminated"), [({"top": 6.0}, 4, True), ({"max_episode_steps": 3}, 3, False)])
def test_an_episode_comes_to_what_an_evaluation_of_it_does(counter_env, make_task, fold, env, steps, terminated):
    task = make_task(fold=fold)
    seen = []
    played = play(make(counter_env, task, **env), policy(up), 2, seen.append)
    evaluated = evaluate_policy(make(counter_env, task, **env), up, [2], fold, 0)
    own = -float(sum(range(3, 3 + steps)))  # the counter's own reward is minus what it reached
    assert played == PlayedEpisode(seed=2, fitness=evaluated.fitness[0], native=own, steps=evaluated.length[0], terminated=terminated)
    assert played.steps == steps
    assert seen == [False] * steps + [True]  # the reset state, and every step's


def test_a_fitness_that_is_no_number_is_told_with_its_step(counter_env, make_task):
    broken = counter_env(1).read({"fitness:value": "obs[0]"})
    step = broken.step

    def third_is_nan(actions, active=None):
        done = step(actions, active)
        if done.values["fitness:value"][0] == 3:
            done.values["fitness:value"][0] = np.nan
        return done

    broken.step = third_is_nan
    with pytest.raises(EurekaError, match="is nan at step 3 of the episode with seed 0"):
        play(Recorder(broken, make_task(), ()), policy(up), 0, lambda last: None)


class Kept:
    """In the place of a video."""

    def __init__(self, path, kind, fps, height):
        self.kind, self.fps, self.height, self.frames = kind, fps, height, []

    def add(self, frame):
        self.frames.append(int(frame[0, 0, 0]))


class Drawn:
    """Its frames are all of the colour of how many looks there were."""

    def __init__(self, fps, frame=None):
        self.render_fps, self.state, self.frame = fps, 0, frame

    def render(self):
        return np.full((4, 4, 3), self.state, np.uint8) if self.frame is None else self.frame


@pytest.fixture
def film(monkeypatch, tmp_path):
    monkeypatch.setattr(films, "Video", Kept)

    def film(env, **options):
        spec = ComponentSpec(use="none")
        job = RenderJob(run_dir=tmp_path, task=TASK, trainer=spec, checkpoint="c", seeds=(0,), **options)
        return Film(env, tmp_path / "video", job)

    return film


@pytest.fixture(autouse=True)
def _task(make_task):
    global TASK
    TASK = make_task()


def watch(film, env, *episodes):
    """Look in every state of episodes of so many steps."""
    for steps in episodes:
        for step in range(steps + 1):
            film.look(step == steps)
            env.state += 1
    return film._video


@pytest.mark.parametrize(
    ("fps", "kind", "every", "shown"), [(25, "mp4", 1, 25), (60, "mp4", 1, 60), (125, "mp4", 3, 125 / 3), (50, "gif", 2, 25)]
)
def test_what_is_faster_than_a_video_is_drawn_at_every_few_steps_and_in_its_last_state(film, fps, kind, every, shown):
    env = Drawn(fps)
    made = film(env, video_format=kind, height=480)
    video = watch(made, env, 10, 4)
    first, second = sorted({*range(0, 11, every), 10}), sorted({*range(11, 16, every), 15})
    assert video.frames == first + second
    assert video.fps == pytest.approx(shown) and (video.kind, video.height) == (kind, 480) and not made.cut


def test_a_video_ends_when_it_has_as_many_seconds_as_asked_for(film):
    env = Drawn(10)
    made = film(env, seconds=2.0)
    assert watch(made, env, 20).frames == list(range(21)) and not made.cut  # the reset state, and two seconds of steps
    watch(made, env, 5)
    assert len(made._video.frames) == 21 and made.cut


@pytest.mark.parametrize(
    ("frame", "found"),
    [(np.zeros((4, 4, 3)), r"float64 \(4, 4, 3\)"), (np.zeros((4, 4), np.uint8), r"uint8 \(4, 4\)"), ([1], "list"), ("text", "str")],
)
def test_what_is_no_frame_is_told(film, frame, found):
    env = Drawn(10, frame)
    with pytest.raises(ConfigError, match=rf"render\(\) of the environment gives {found}; a video takes uint8 arrays \(height, width, 3\)"):
        film(env).look(False)
