"""The records of a run's end: its final evaluation, how rewards correlate, and what one can watch."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eureka.types import Record, TrialError


class FinalTraining(Record):
    """One reward trained on one final seed: its best checkpoint, and that checkpoint on fresh episodes.

    best_started: the best reward, begun with the policy that it began with in the search; all others begin from scratch. start: no reward
    and no training, but the policy that the search started from, as it was.
    """

    reward: Literal["best", "best_started", "start", "human", "fitness", "other"]
    candidate: str = Field("", description="Id of an `other`, one of the next best; else empty.")
    seed: int
    status: Literal["ok", "failed", "resource"]
    best_checkpoint: float | None = None
    fresh: float | None = Field(None, description="Mean fitness of that checkpoint on episodes of its own.")
    num_envs_divided: int = Field(1, description="By what the trainer's environments were divided, for want of memory.")
    error: TrialError | None = None


class FreshEvaluation(Record):
    """The chosen checkpoint of one training, measured again on fresh episodes by an `evaluate` job."""

    kind: Literal["fresh"] = "fresh"
    dir: str
    spec: str
    fitness: tuple[float, ...] = Field((), description="One number per episode; none where there is an error.")
    steps: int
    interval: tuple[float, float]
    error: TrialError | None = Field(None, description="Why the policy has no fitness there; its training counts as failed.")


class Evaluation(Record):
    """The final evaluation: best, human and sparse reward, and `final.top` − 1 others, under one budget on the same fresh seeds, from
    scratch; and what the search started from, see `FinalTraining`."""

    kind: Literal["evaluation"] = "evaluation"
    best: str
    trainings: tuple[FinalTraining, ...]


class Correlation(Record):
    """How a candidate's reward and the human one go together over the evaluation episodes of the candidate's own final trainings."""

    kind: Literal["correlation"] = "correlation"
    candidate: str
    dirs: tuple[str, ...] = Field(description="Segment directories whose `transitions.npz` were looked at.")
    value: float | None = Field(description="Pearson's, over single transitions; None where there is none, and `why` says why.")
    transitions: int = Field(0, description="How many.")
    why: str = Field("", description="Why there is no value; of one that a simulator's own worker made otherwise, how.")


class PlayedEpisode(Record):
    """One episode of a policy that somebody watches."""

    seed: int
    fitness: float
    native: float | None = Field(description="The environment's own reward, summed over the episode; None where that is no finite number.")
    steps: int
    terminated: bool = Field(description="Whether the environment ended it; else it was cut, by its time limit or at 10,000 steps.")


class Clip(Record):
    """What became of the short video of the best policy, `best_policy.mp4`."""

    kind: Literal["clip"] = "clip"
    candidate: str
    dir: str = Field(description="Segment directory whose `checkpoint` it shows.")
    spec: str = Field(description="As in that segment's result.")
    episode: PlayedEpisode | None = None
    cut: bool = Field(False, description="Whether the episode goes on after the video ends.")
    why: str = Field("", description="Why there is no video; else empty.")
