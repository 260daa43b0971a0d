"""Plays a policy of a run: which one, and the `render` worker that does it. The host opens neither policy nor simulator."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from eureka.choice import best
from eureka.config import Config
from eureka.display import has_display
from eureka.errors import ConfigError
from eureka.final_types import PlayedEpisode
from eureka.job_types import RenderJob
from eureka.look import worker_failed, workplace
from eureka.opened_run import read_run
from eureka.policy_dirs import began_with, policy_dir, trained_in
from eureka.seeds import derive_seed
from eureka.state import State
from eureka.suggest import nearest

VIDEOS: dict[str, Literal["mp4", "gif"]] = {".mp4": "mp4", ".gif": "gif"}
"""Endings of video files."""

_NAMED = 8


@dataclass(frozen=True, slots=True)
class Player:
    """A policy that can be played.

    candidate: the reward it was trained under. checkpoint: its directory, relative to the run's. began_with: that of the policy which the
    training began with; None: it began from scratch.
    """

    config: Config
    run_dir: Path
    candidate: str
    checkpoint: str
    began_with: str | None = None

    def play(
        self,
        episodes: int,
        seed: int | None = None,
        video: Path | None = None,
        window: bool = False,
        on_episode: Callable[[PlayedEpisode], None] = lambda episode: None,
    ) -> tuple[PlayedEpisode, ...]:
        """Play episodes one after another, under deterministic actions; `on_episode` gets each as it ends.

        seed: None plays the episodes that the final evaluation measures on, another number others. video: a file to write, replaced when
        the new one is whole. window: show it on the screen. Raises EurekaError for what stands in the way, KeyboardInterrupt on Ctrl-C.
        """
        if window and not has_display():
            raise ConfigError(
                "--window: there is no display here (DISPLAY and WAYLAND_DISPLAY are not set). Write a file: --video play.mp4"
            )
        seeds = tuple(derive_seed("fresh", self.config.seed if seed is None else seed, episode) for episode in range(episodes))
        with _part(video) as part, workplace(self.config) as (_, jobs):
            job = RenderJob(
                run_dir=self.run_dir,
                task=self.config.task,
                trainer=self.config.trainer,
                checkpoint=self.checkpoint,
                seeds=seeds,
                window=window,
                video=part,
                video_format=VIDEOS[video.suffix.lower()] if video is not None else "mp4",
            )
            (finished,) = jobs.run([job], lambda event: on_episode(_episode(event)) if event["event"] == "played" else None)
            if finished.result is None or finished.result.status != "ok":
                raise worker_failed(finished, "the policy could not be played")
            if video is not None and part is not None:
                part.replace(video)
        return finished.result.played


def player(directory: Path, candidate: str | None = None, checkpoint: int | None = None) -> Player:
    """The policy of a candidate, of the best reward if None. Which training's: `eureka.policy_dirs`.

    checkpoint: environment steps after which the policy was taken, where the run kept more than the best (`keep.checkpoints: all`).
    Raises ConfigError where there is no such run, reward or policy, JournalError for a journal that is broken.
    """
    config, state = read_run(directory)
    program = best(state)
    if candidate is None:
        if program is None:
            raise ConfigError(f"{directory}: no reward of this run has trained yet, so there is no policy. Go on with: eureka resume DIR")
        candidate = program.candidate.id
    if candidate not in state.candidates:
        near = nearest(candidate, state.candidates, 1, 0.85)  # ids are alike: all but a figure
        meant = f" Did you mean {near[0]}?" if near else ""
        raise ConfigError(f"{directory}: there is no reward {candidate!r}.{meant} {_with_policy(state)}")
    folder = policy_dir(state, candidate)
    if folder is None:
        raise ConfigError(f"{directory}: reward {candidate} {_without(state, candidate)}, so it has no policy. {_with_policy(state)}")
    config = config.model_copy(update={"task": state.task})
    chosen = f"{folder}/checkpoint" if checkpoint is None else _kept(state, candidate, checkpoint)
    return Player(config, state.run_dir, candidate, chosen, began_with(state, candidate, folder))


def _with_policy(state: State) -> str:
    """The rewards that have one, as many as one reads."""
    ids = [id_ for id_ in sorted(state.candidates) if policy_dir(state, id_) is not None]
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"Those with a policy: {', '.join(ids[:_NAMED]) or 'none yet'}{more}."


def _without(state: State, candidate: str) -> str:
    """Why it has no policy."""
    verdict, outcome = state.verdicts.get(candidate), state.outcomes.get(candidate)
    if verdict is not None and not verdict.accepted:
        return "was rejected"
    return "has not trained yet" if outcome is None else "failed in training"


def _kept(state: State, candidate: str, steps: int) -> str:
    """The directory of the policy taken after so many steps. Raises ConfigError with those there are."""
    there: dict[int, str] = {}
    for folder in trained_in(state, candidate):
        kept = state.run_dir / folder / "checkpoints"
        there |= {int(path.name): f"{folder}/checkpoints/{path.name}" for path in kept.glob("[0-9]*") if path.name.isdigit()}
    if steps in there:
        return there[steps]
    if not there:
        why = "the run kept the best alone; a new run keeps all with: --set keep.checkpoints=all"
        raise ConfigError(f"--checkpoint {steps}: there are no checkpoints of {candidate} to choose from: {why}")
    raise ConfigError(f"--checkpoint {steps}: {candidate} has none after so many steps. Valid: {', '.join(map(str, sorted(there)))}.")


@contextmanager
def _part(video: Path | None) -> Iterator[Path | None]:
    """A file beside the video for the worker to write, gone when the block ends. Raises ConfigError where none can be made."""
    if video is None:
        yield None
        return
    if not video.absolute().parent.is_dir():
        raise ConfigError(f"--video {video}: there is no folder {video.parent}. Make it first: mkdir -p {video.parent}")
    part = video.absolute().with_name(f".{video.name}.{os.getpid()}.part")
    try:
        part.touch()
    except OSError as error:
        raise ConfigError(f"--video {video}: cannot be written ({error.strerror}). Name another place.") from None
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _episode(event: dict[str, object]) -> PlayedEpisode:
    return PlayedEpisode.model_validate(event["episode"])
