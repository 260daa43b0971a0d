"""A real run is watched: the clip it leaves, and its policy in a GIF, drawn by Gymnasium and pygame without a display."""

from __future__ import annotations

from typing import Any

import pytest

SMALL = {
    "search.iterations": 1,
    "search.samples": 2,
    "search.retest": 0,
    "training.steps": 4096,
    "final.seeds": 1,
    "keep.checkpoints": "all",
}


@pytest.mark.slow
def test_cartpole_is_watched(folder: Any) -> None:
    av = pytest.importorskip("av", reason="needs PyAV: pip install av")
    pytest.importorskip("pygame", reason="needs pygame: pip install pygame-ce")
    folder.env = {name: value for name, value in folder.env.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = folder.eureka("run", "cartpole", "--run-dir", "run", *(f"--set={key}={value}" for key, value in SMALL.items()))
    assert done.returncode == 0, done.stderr
    (clip,) = folder.journal("run", "clip")
    assert clip["why"] == "", clip["why"]
    path = folder.path / "run" / "best_policy.mp4"
    with av.open(str(path)) as file:
        frames = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
        assert file.streams.video[0].average_rate == 50
    assert len(frames) == clip["episode"]["steps"] + 1 and frames[0].shape == (400, 600, 3)
    assert path.stat().st_size < 1_000_000
    assert frames[0].mean() > 200 and (frames[0] != frames[-1]).any()  # a cart on white, that moves
    steps = max(int(name.name) for name in (folder.path / "run" / clip["dir"] / "checkpoints").iterdir())
    done = folder.eureka("play", "run", "--checkpoint", steps, "--episodes", 1, "--video", "it.gif")
    assert done.returncode == 0, done.stderr
    played = int(done.stdout.splitlines()[2].split()[3])
    with av.open(str(folder.path / "it.gif")) as file:
        shown = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    assert len(shown) == pytest.approx(played / 2 + 1, abs=1)  # 50 states a second, 25 frames
    assert abs(shown[0].astype(int) - frames[0]).mean() < 8  # the same first state, in other colours
