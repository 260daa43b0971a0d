"""What the templates show of the policies in question: named in words, nameless in a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eureka.state import State
from eureka_human.web.drawing import Plot
from eureka_human.web.filming import Filming
from eureka_human.web.key import Key
from eureka_human.web.policies import Policy, clip, nameless, policy, traces, why_no_clip


@dataclass(frozen=True, slots=True)
class Video:
    """alias: of the candidate, see `Key`. there: it can be played. why: else why it cannot; empty while it is being made."""

    alias: str
    there: bool
    why: str


@dataclass(frozen=True, slots=True)
class Side:
    """One policy of a comparison. traces: where one of the two has no video."""

    name: str
    video: Video
    traces: Sequence[Plot]


@dataclass(frozen=True, slots=True)
class Described:
    """One policy of a question in words. traces: where it has no video."""

    policy: Policy
    video: Video
    traces: Sequence[Plot] = field(default=())


class Showing:
    """Looks at the videos of a run, and has those made that nobody has made yet."""

    def __init__(self, run_dir: Path, key: Key) -> None:
        self._dir, self._key, self._filming = run_dir, key, Filming(run_dir)

    def described(self, state: State, candidates: Sequence[str]) -> list[Described]:
        """For a question in words."""
        videos = {id_: self._video(id_) for id_ in candidates}
        bare = [id_ for id_ in candidates if not videos[id_].there]
        drawn = dict(zip(bare, traces(state, bare), strict=True))
        return [Described(policy(state, id_), videos[id_], drawn.get(id_, ())) for id_ in candidates]

    def sides(self, state: State, left: str, right: str) -> list[Side]:
        """For a comparison."""
        videos = [self._video(left), self._video(right)]
        drawn = traces(state, (left, right)) if not all(video.there for video in videos) else [[], []]
        return [Side(*side) for side in zip(("Left", "Right"), videos, drawn, strict=True)]

    def clip(self, state: State, alias: str) -> Path | None:
        """The video of the candidate that is called so."""
        id_ = self._id(state, alias)
        return clip(self._dir, id_) if id_ is not None else None

    def is_settled(self, state: State, alias: str) -> bool:
        """Whether the page would show something else than that a video is being made."""
        id_ = self._id(state, alias)
        return id_ is not None and (clip(self._dir, id_) is not None or bool(self._video(id_).why))

    def _video(self, candidate: str) -> Video:
        alias = self._key.alias(candidate)
        if clip(self._dir, candidate) is not None:
            return Video(alias, True, "")
        why = why_no_clip(self._dir, candidate) or self._filming.want(candidate) or ""
        return Video(alias, False, nameless(why, candidate))

    def _id(self, state: State, alias: str) -> str | None:
        return next((id_ for id_ in state.candidates if self._key.alias(id_) == alias), None)
