"""A small task, and entries made up around it."""

from __future__ import annotations

import pytest

from eureka.extraction import program_sha256
from eureka.history import Entry, History
from eureka.types import (
    Candidate,
    CheckpointResult,
    Completion,
    EnvContext,
    Fitness,
    Outcome,
    Task,
    TrainResult,
    VariableInfo,
    VariableSpec,
)


class Make:
    """Builders with defaults: a test says only what it is about."""

    def task(self, **changes):
        fields = {
            "name": "hill",
            "description": "Climb the hill.",
            "sim": "gymnasium",
            "variables": {"height": VariableSpec(source="obs[0]")},
            "fitness": Fitness(value="tasks.py:height", fold="last"),
        }
        return Task(**{**fields, **changes})

    def context(self, **changes):
        fields = {
            "task": "hill",
            "description": "Climb the hill.",
            "text": "A car in a valley.",
            "variables": (
                VariableInfo(
                    name="height", shape=(), unit="m", meaning="above the valley", goal="high", low=(-0.25,), mean=(0.5,), high=(1.75,)
                ),
                VariableInfo(name="action", shape=(2,), low=(-1, -3), mean=(0, 0), high=(1, 3)),
            ),
            "has_prev": ("height",),
            "fold": "last",
        }
        return EnvContext(**{**fields, **changes})

    def entry(self, id="r0i0s00", fitness=None, *, mean=None, code=None, text=None, checkpoints=(), shared_with=None, status="ok"):
        restart, iteration, sample = int(id[1]), int(id[3]), int(id[5:])
        code = f"def compute_reward(height):\n    return height * {sample}, {{}}\n" if code is None else code
        candidate = Candidate(id=id, restart=restart, iteration=iteration, sample=sample, code=code, sha256=program_sha256(code))
        completion = None
        if text is not None:
            completion = Completion(restart=restart, iteration=iteration, sample=sample, text=text, provider="fake", started=0, ended=1)
        outcome = Outcome(
            candidate=id, status=status, fitness=fitness, mean_fitness=fitness if mean is None else mean, shared_with=shared_with
        )
        # One segment per checkpoint, so that joining them is always tried.
        results = tuple(TrainResult(trial=id, dir=f"{id}/{c.index}", spec="s", status="ok", checkpoints=(c,)) for c in checkpoints)
        return Entry(candidate, completion, None, outcome, results)

    def checkpoints(self, fitness, length=None, **components):
        length = length or [100.0] * len(fitness)
        return tuple(
            CheckpointResult(
                index=k + 1,
                steps=1000 * (k + 1),
                fitness=fitness[k],
                length=length[k],
                components={name: curve[k] for name, curve in components.items()},
            )
            for k in range(len(fitness))
        )

    def history(self, *entries, task=None, context=None, notes=()):
        return History(task or self.task(), context or self.context(), 0, entries, notes=notes)


@pytest.fixture
def make():
    return Make()
