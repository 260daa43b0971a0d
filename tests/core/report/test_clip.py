"""The clip on a run's page: the whole video in it, or why there is none."""

from __future__ import annotations

import base64
import sys

import pytest

from eureka.report import clip as clips

HOSTILE = sys.modules["tests.core.report.conftest"].HOSTILE


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


def test_a_video_too_large_for_the_page_stays_beside_it(made, monkeypatch):
    pytest.importorskip("av", reason="needs PyAV: pip install av")
    monkeypatch.setattr(clips, "LARGEST", 100)
    made.clip(made.candidate(0, 0, 0.9), steps=5)
    page = made.page()
    assert "It is in best_policy.mp4, beside this page." in page.text and not list(page.find("video"))


def test_the_texts_give_way_to_the_video_so_that_the_page_keeps_its_size(made, monkeypatch):
    (made.folder).mkdir()
    best = made.candidate(0, 0, 0.9, text="word " * 400_000)
    monkeypatch.setattr("eureka.report.contents.PAGE", clips.LARGEST + 5_600_000)
    made.clip(best, why="none")
    made.records[-1] = made.records[-1].model_copy(update={"why": "", "episode": EPISODE})
    (made.folder / "best_policy.mp4").write_bytes(b"\0" * clips.LARGEST)
    assert clips.LARGEST * 4 / 3 < len(made.html().encode()) <= clips.LARGEST + 5_600_000


EPISODE = sys.modules["tests.core.report.conftest"].PlayedEpisode(seed=7, fitness=0.9, native=1.0, steps=5, terminated=True)
