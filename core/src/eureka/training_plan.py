"""From candidates to segments of work: budgets, seeds, directories, and the hash that says what a result is a result of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from eureka.config import Config
from eureka.env import LONGEST_EPISODE
from eureka.lessons import Place, place_of, segment_ends
from eureka.own_trainers import plays_checkpoints
from eureka.types import Budget, Candidate, EnvContext, Task, TrainResult, Trial


@dataclass(frozen=True, slots=True)
class Training:
    """One reward on one seed, over all its segments."""

    id: str
    reward: Literal["candidate", "human", "fitness"]
    code: str
    seed: int
    dir: str
    policy: str | None = None
    policy_sha256: str = ""

    def trial(self, segment: int) -> Trial:
        """Its part in one segment's cohort."""
        trial = Trial(id=self.id, reward=self.reward, code=self.code, seed=self.seed, dir=f"{self.dir}/{segment}")
        begin = {"start": f"{self.dir}/{segment - 1}"} if segment else {"policy": self.policy, "policy_sha256": self.policy_sha256}
        return trial.model_copy(update=begin)


class Part(NamedTuple):
    """A training's part in one segment. place: its lesson; None where there are none."""

    trial: Trial
    task: Task
    place: Place | None

    @property
    def lesson(self) -> str:
        """For `TrainResult.lesson`."""
        return "" if self.place is None or self.place.is_last else self.place.lesson.name


def part_of(config: Config, results: Mapping[str, TrainResult], training: Training, segment: int) -> Part:
    """What a training does in a segment, after those before it. results: by directory."""
    trial = training.trial(segment)
    place = place_of(config, [results[f"{training.dir}/{k}"] for k in range(segment)])
    if place is None:
        return Part(trial, config.task, None)
    if place.begins:
        trial = trial.model_copy(update={"anew": place.lesson.anew})
    return Part(trial, place.lesson.task, place)


def candidate_training(candidate: Candidate, seed: int, folder: str, id_: str | None = None) -> Training:
    """A candidate's training, kept in `folder`."""
    return Training(id_ or candidate.id, "candidate", candidate.code, seed, folder)


def segment_budget(config: Config, context: EnvContext, segment: int) -> Budget:
    """Segment `segment` of a training, and how many episodes each of its checkpoints is evaluated on.

    Evaluation costs at most `evaluation.share` of the training steps where the episodes' limit is known, the least
    number of episodes apart; the number is the same for every candidate.
    """
    training, ends = config.training, segment_ends(config)
    return Budget(
        start=ends[segment - 1] if segment else 0,
        end=ends[segment],
        total=training.steps,
        checkpoints=training.checkpoints,
        episodes=evaluation_episodes(config, context.max_episode_steps),
    )


def evaluation_episodes(config: Config, max_episode_steps: int | None) -> int:
    """How many episodes each checkpoint is evaluated on; see `segment_budget`."""
    training, evaluation = config.training, config.evaluation
    affordable = int(evaluation.share * training.steps / (training.checkpoints * (max_episode_steps or training.steps)))
    return min(max(affordable, evaluation.min_episodes), evaluation.max_episodes)


def steps_at_most(config: Config, context: EnvContext, segment: int) -> int:
    """The most environment steps of one training in a segment, with the checkpoints due in it; its last update may go beyond."""
    budget = segment_budget(config, context, segment)
    measured = checkpoints_due(config, segment) * budget.episodes if plays_checkpoints(config) else 0
    limits = (context.max_episode_steps, *context.lesson_episode_steps.values())
    return budget.end - budget.start + measured * max(limit or LONGEST_EPISODE for limit in limits)


def checkpoints_due(config: Config, segment: int) -> int:
    """How many of a training's checkpoints come in a segment."""
    start, end = ((0, *segment_ends(config))[k] * config.training.checkpoints // config.training.steps for k in (segment, segment + 1))
    return end - start


def _begin(trial: Trial) -> dict[str, object]:
    """What a trial begins with, as far as its numbers depend on it and its own seed and budget do not tell."""
    begin = {"anew": sorted(trial.anew), "policy_sha256": trial.policy_sha256}
    return {key: value for key, value in begin.items() if value}


def spec_hash(config: Config, trial: Trial, budget: Budget, task: Task | None = None, divided: int = 1) -> str:
    """Hash of all that determines a trial's numbers in one segment. task: its lesson's, where there are lessons. divided: see
    `eureka.fewer_envs`."""
    content = {
        "task": (task or config.task).model_dump(mode="json", by_alias=True, exclude={"fitness": {"unit"}}),
        "trainer": config.trainer.model_dump(mode="json"),
        # What was not there in earlier versions is left out where it says nothing: their results are still what they were.
        "trial": {**trial.model_dump(mode="json", include={"reward", "code", "seed"}), **_begin(trial)},
        "budget": budget.model_dump(mode="json"),
        **({"num_envs_divided": divided} if divided > 1 else {}),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
