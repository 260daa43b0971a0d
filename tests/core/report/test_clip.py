"""The clip on a run's page: the whole video in it, or why there is none."""

from __future__ import annotations

import base64
import secrets
import sys

import pytest

from eureka.report.markdown import markdown

_here = sys.modules["tests.core.report.conftest"]
HOSTILE, Page = _here.HOSTILE, _here.Page
EPISODE = _here.PlayedEpisode(seed=7, fitness=0.9, native=1.0, steps=5, terminated=True)


def test_the_video_is_in_the_page_with_what_it_is_of(made):
    pytest.importorskip("av", reason="needs PyAV: pip install av")
    made.clip(made.candidate(0, 0, 0.9), steps=5)
    page = made.page()
    (video,) = page.find("video")
    scheme, _, data = video.pop("src").partition(",")
    assert scheme == "data:video/mp4;base64" and base64.b64decode(data) == (made.folder / "best_policy.mp4").read_bytes()
    assert set(video) == {"controls", "muted", "loop", "playsinline"}
    told = "The policy trained under r0i0s00 (final/r0i0s00/0/0/checkpoint), acting without chance in the fresh episode with seed 7"
    assert f"{told}: fitness 0.9 after 5 steps." in page.text and "first 10 seconds" not in page.text
    (policy,) = (tag["content"] for tag in page.find("meta") if tag.get("http-equiv") == "Content-Security-Policy")
    assert "media-src data:" in policy.split("; ")


def test_of_a_long_episode_it_says_that_it_is_the_beginning(made):
    pytest.importorskip("av", reason="needs PyAV: pip install av")
    made.clip(made.candidate(0, 0, 0.9), steps=5)
    made.records[-1] = made.records[-1].model_copy(update={"cut": True})
    assert "after 5 steps. These are its first 10 seconds." in made.page().text


def test_where_there_is_none_the_page_says_why_and_a_hostile_reason_stays_text(made):
    made.clip(made.candidate(0, 0, 0.9), why=f"pencils are missing {HOSTILE}")
    page = made.page()
    assert "No clip: pencils are missing </script><img src=x onerror=" in page.text
    assert not list(page.find("video")) and not list(page.find("img")) and len(page.scripts) == 3


@pytest.mark.parametrize("what", ["no clip was asked for", "its file is gone"])
def test_a_page_without_a_clip_does_not_speak_of_one(made, what):
    best = made.candidate(0, 0, 0.9)
    if what == "its file is gone":
        pytest.importorskip("av", reason="needs PyAV: pip install av")
        made.clip(best, steps=1)
        (made.folder / "best_policy.mp4").unlink()
    page = made.page()
    assert not list(page.find("video")) and "at work" not in page.text and "No clip" not in page.text
    assert "#clip" not in [tag.get("href") for tag in page.find("a")]


@pytest.mark.parametrize(("size", "text", "there"), [(300_000, 250_000, True), (1_450_000, 10, False)])
def test_the_page_keeps_its_size_with_a_large_video_and_long_texts(made, size, text, there):
    made.clip(made.candidate(0, 0, 0.9, text=secrets.token_urlsafe(text)), why="none")
    made.records[-1] = made.records[-1].model_copy(update={"why": "", "episode": EPISODE})
    made.folder.mkdir()
    (made.folder / "best_policy.mp4").write_bytes(b"\0" * size)
    html = made.html()
    assert len(html.encode()) <= 6_000_000 and bool(list(Page(html).find("video"))) == there
    assert there or "No clip here: it takes 1.4 MB. It is best_policy.mp4 in the run's directory." in Page(html).text


def test_a_clip_of_what_was_the_best_once_is_not_shown_as_the_best(made):
    made.clip(made.candidate(0, 0, 0.5), why="pencils are missing")
    assert "No clip: pencils are missing." in made.page().text and "No clip: pencils are missing." in markdown(made.run())
    made.candidate(0, 1, 0.9)
    assert "at work" not in made.page().text and "at work" not in markdown(made.run())


def test_the_text_names_the_clips_file(made):
    pytest.importorskip("av", reason="needs PyAV: pip install av")
    made.clip(made.candidate(0, 0, 0.9), steps=5)
    text = markdown(made.run())
    assert "The clip is `best_policy.mp4` in the run's directory.\n\nThe policy trained under r0i0s00" in text
    (made.folder / "best_policy.mp4").unlink()
    assert "best_policy.mp4" not in markdown(made.run())
