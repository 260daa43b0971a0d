"""The clip of the best policy as a page shows it: the video itself, as text, and what it is of."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from eureka.builtin.outside_text import one_line
from eureka.builtin.progress_lines import number
from eureka.clip import CLIP, SECONDS
from eureka.report.reading import Reported

LARGEST = 1_500_000
"""Bytes of a video that still goes into the page."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A video as a data URI, empty where the page holds none, and its caption or why there is none."""

    source: str
    told: str


def clip_of(run: Reported) -> Shown | None:
    """None where the run made no clip and tried none, or its file is gone."""
    clip, path = run.state.clip, run.dir / CLIP
    if clip is None:
        return None
    if clip.episode is None:
        return Shown("", f"No clip: {one_line(clip.why, 600).rstrip('.')}.")
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if len(data) > LARGEST:
        return Shown("", f"No clip here: it takes {len(data) / 1e6:.1f} MB. It is in {CLIP}, beside this page.")
    episode = clip.episode
    told = (
        f"The policy trained under {clip.candidate} ({clip.dir}/checkpoint), acting without chance in the fresh episode with seed "
        f"{episode.seed}: fitness {number(episode.fitness)} after {episode.steps:,} steps."
    )
    if clip.cut:
        told += f" These are its first {SECONDS:.0f} seconds."
    return Shown(f"data:video/mp4;base64,{base64.b64encode(data).decode()}", told)
