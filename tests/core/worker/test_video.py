"""What was encoded is decoded again: as many frames, of that size, each what was drawn, written while they are made."""

from __future__ import annotations

import gc
import sys
import weakref

import numpy as np
import pytest

from eureka.errors import ConfigError
from eureka.worker.video import Video

av = pytest.importorskip("av", reason="needs PyAV: pip install av")


def drawn(step, height=60, width=80):
    """A red square that moves by 4 pixels a step over a grey ground."""
    frame = np.full((height, width, 3), 90, np.uint8)
    frame[20:40, 4 * step : 4 * step + 20] = (220, 40, 30)
    return frame


def decoded(path):
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]


@pytest.mark.parametrize("kind", ["mp4", "gif"])
def test_every_frame_is_there_as_it_was_drawn(tmp_path, kind):
    path = tmp_path / "video"
    video = Video(path, kind, fps=25)
    for step in range(12):
        video.add(drawn(step))
    video.close()
    frames = decoded(path)
    assert len(frames) == 12 and {frame.shape for frame in frames} == {(60, 80, 3)}
    for step, frame in enumerate(frames):  # the middle of the square, and the ground left and right of it
        assert np.abs(frame[30, 4 * step + 10].astype(int) - (220, 40, 30)).max() < 30
        assert np.abs(frame[5, 5:75].astype(int) - 90).max() < 12
    with av.open(str(path)) as file:
        assert file.streams.video[0].average_rate == 25
        assert file.streams.video[0].duration * file.streams.video[0].time_base == pytest.approx(12 / 25, abs=0.05)


def test_an_mp4_is_what_browsers_and_phones_play(tmp_path):
    video = Video(tmp_path / "video", "mp4", fps=50)
    video.add(drawn(0))
    video.close()
    with av.open(str(tmp_path / "video")) as file:
        context = file.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
    head = (tmp_path / "video").read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")  # plays before it is there whole


@pytest.mark.parametrize(
    ("size", "height", "expected"),
    [((41, 65), None, (40, 64)), ((600, 900), 480, (480, 720)), ((61, 81), 33, (32, 42)), ((60, 80), 480, (60, 80))],
)
@pytest.mark.parametrize("kind", ["mp4", "gif"])
def test_sizes_are_even_and_at_most_what_was_asked_for(tmp_path, kind, size, height, expected):
    video = Video(tmp_path / "video", kind, 25, height)
    video.add(drawn(0, *size))
    video.close()
    assert decoded(tmp_path / "video")[0].shape == (*expected, 3)


@pytest.mark.parametrize(("kind", "count"), [("mp4", 200), ("gif", 100)])
def test_frames_go_into_the_file_as_they_come_and_none_is_kept(tmp_path, kind, count):
    path, rng = tmp_path / "video", np.random.default_rng(0)
    video, alive, sizes = Video(path, kind, 25), [], []
    for _ in range(count):
        frame = np.repeat(rng.integers(0, 64, (128, 192, 1), np.uint8) * 4, 3, axis=2)
        alive.append(weakref.ref(frame))
        video.add(frame)
        del frame
        sizes.append(path.stat().st_size if path.exists() else 0)
    gc.collect()
    assert sum(one() is not None for one in alive) == 0
    # Noise takes the same room in every frame, so the file lags behind by what the encoder looks ahead, whatever the length.
    video.close()
    assert sizes[count // 2] > 0.1 * path.stat().st_size and sizes[-1] > 0.5 * path.stat().st_size


def test_a_frame_of_another_size_is_refused(tmp_path):
    video = Video(tmp_path / "video", "mp4", 25)
    video.add(drawn(0))
    with pytest.raises(ConfigError, match="draws a frame of 40 x 30 pixels after ones of 80 x 60; a video has one size"):
        video.add(drawn(0, 30, 40))


def test_without_the_encoder_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ConfigError, match=r'not installed here: pip install "eureka-core\[video\]"'):
        Video(tmp_path / "video", "mp4", 25)
