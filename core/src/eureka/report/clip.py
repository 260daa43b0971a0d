"""The clip of the best policy as a page shows it: the video itself, as text, and what it is of."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from eureka.builtin.outside_text import one_line
from eureka.builtin.progress_lines import number
from eureka.clip import CLIP, SECONDS
from eureka.report.reading import Reported
from eureka.report.words import unit_of


@dataclass(frozen=True, slots=True)
class Shown:
    """A video as a data URI, empty where the page holds none, and its caption or why there is none."""

    source: str
    told: str


def clip_of(run: Reported, room: int) -> Shown | None:
    """The clip where it takes at most `room` bytes of a page, else where it is; None where `told_of` has nothing to tell."""
    told = told_of(run)
    if told is None or run.state.clip is None or run.state.clip.episode is None:
        return None if told is None else Shown("", told)
    try:
        data = (run.dir / CLIP).read_bytes()
    except OSError:  # a run that goes on is filming anew
        return None
    source = f"data:video/mp4;base64,{base64.b64encode(data).decode()}"
    if len(source) > room:
        return Shown("", f"No clip here: it takes {len(data) / 1e6:.1f} MB. It is {CLIP} in the run's directory. {told}")
    return Shown(source, told)


def told_of(run: Reported) -> str | None:
    """What the clip shows, or why there is none.

    None where the run made no clip and tried none, where its file is gone, and where it is of a candidate that is the best no more: a run
    whose hours were over when it found a better one films no other.
    """
    clip = run.state.clip
    if clip is None or run.best is None or clip.candidate != run.best.id:
        return None
    if clip.episode is None:
        return f"No clip: {one_line(clip.why, 600).rstrip('.')}."
    if not (run.dir / CLIP).is_file():
        return None
    episode = clip.episode
    told = (
        f"The policy trained under {clip.candidate} ({clip.dir}/checkpoint), acting without chance in the fresh episode with seed "
        f"{episode.seed}: fitness {number(episode.fitness)}{unit_of(run.state.task.fitness)} after {episode.steps:,} steps."
    )
    if clip.cut:
        told += f" These are its first {SECONDS:.0f} seconds."
    return told
