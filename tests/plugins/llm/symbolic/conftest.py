"""A toy task (reach x ≥ 1 on a line), histories of it on disk, and ways to run a draft's code."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from eureka.generator_types import Draft
from eureka.history import Entry, GenerateRequest, History
from eureka.transitions import EvaluationTransitions, save_transitions
from eureka.types import (
    Candidate,
    CheckpointResult,
    ComponentSpec,
    EnvContext,
    Fitness,
    Outcome,
    Task,
    TrainResult,
    VariableInfo,
    VariableSpec,
)
from eureka_symbolic import SymbolicGenerator

Compute = Callable[..., tuple[np.ndarray, dict[str, np.ndarray]]]


def scalar(name: str, low: float = -1.0, high: float = 1.0, goal: Any = None) -> VariableInfo:
    return VariableInfo(name=name, shape=(), goal=goal, low=(low,), mean=(mean_of(name, low, high),), high=(high,))


def vector(name: str, low: list[float], high: list[float], goal: Any = None) -> VariableInfo:
    mean = tuple(mean_of(f"{name}[{i}]", a, b) for i, (a, b) in enumerate(zip(low, high, strict=True)))
    return VariableInfo(name=name, shape=(len(low),), goal=goal, low=tuple(low), mean=mean, high=tuple(high))


def mean_of(key: str, low: float, high: float) -> float:
    """No two quantities measured have the same one."""
    return low + (high - low) * (0.4 + 0.2 * int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) / 2**32)


def make_context(*variables: VariableInfo, limits: list[float] | None = None, discrete: bool = False, **kwargs: Any) -> EnvContext:
    """State variables, an action with these limits (or an index), and `terminated`."""
    if limits is not None:
        variables = (*variables, vector("action", [-x for x in limits], limits))
        kwargs |= {"action_low": tuple(-x for x in limits), "action_high": tuple(limits)}
    elif discrete:
        variables = (*variables, vector("action", [0.0], [3.0]))
    has_prev = tuple(v.name for v in variables if v.name not in ("action", "terminated"))
    return EnvContext(**({"task": "toy", "description": "", "text": "", "variables": variables, "has_prev": has_prev} | kwargs))


def make_task(context: EnvContext, **fitness: Any) -> Task:
    variables = {v.name: VariableSpec(source=f"info.{v.name}", goal=v.goal) for v in context.variables}
    return Task(
        name=context.task,
        description="",
        sim=ComponentSpec(use="toy"),
        variables=variables,
        fitness=Fitness(**({"value": "native", "fold": "any"} | fitness)),
    )


class World:
    """The search so far, on disk. `add` puts in a candidate with evaluation episodes of your making."""

    def __init__(self, root: Path, context: EnvContext, **fitness: Any) -> None:
        self.root, self.context, self.task = root, context, make_task(context, **fitness)
        self.entries: list[Entry] = []

    def add(
        self,
        draft: Draft | None,
        fitness: float | None,
        episodes: list[tuple[dict[str, np.ndarray], float]] = (),  # type: ignore[assignment]
        iteration: int = 0,
        components: dict[str, float] | None = None,
        code: str = "",
        mean: float | None = None,
        status: Any = "ok",
    ) -> Entry:
        sample = len([e for e in self.entries if e.candidate.iteration == iteration])
        id = f"r0i{iteration}s{sample:02d}"
        code = code_of(draft.text) if draft else code
        candidate = Candidate(id=id, restart=0, iteration=iteration, sample=sample, code=code, sha256=sha256(code))
        (self.root / id).mkdir()
        if episodes:
            save_transitions(self.root / id / "transitions.npz", record(episodes))
        outcome = Outcome(
            candidate=id,
            status=status,
            fitness=fitness,
            mean_fitness=fitness if mean is None else mean,
            dirs=(id,) if fitness is not None else (),
        )
        checkpoint = CheckpointResult(index=1, steps=10, fitness=fitness or 0.0, length=1.0, components=components or {})
        results = (TrainResult(trial=id, dir=id, spec="", status=status, checkpoints=(checkpoint,)),)
        self.entries.append(Entry(candidate, outcome=outcome, results=results, run_dir=self.root))
        return self.entries[-1]

    def request(self, iteration: int, samples: int = 16, seed: int = 1, missing: tuple[int, ...] | None = None) -> GenerateRequest:
        history = History(self.task, self.context, 0, tuple(self.entries))
        return GenerateRequest(history, 0, iteration, 5, samples, missing if missing is not None else tuple(range(samples)), seed)

    def drafts(
        self, iteration: int, samples: int = 16, seed: int = 1, missing: tuple[int, ...] | None = None, **options: Any
    ) -> list[Draft]:
        generator = SymbolicGenerator(SymbolicGenerator.Options(**options))
        return list(generator.eureka_generate_rewards(self.request(iteration, samples, seed, missing), None))  # type: ignore[arg-type]


def record(episodes: list[tuple[dict[str, np.ndarray], float]]) -> EvaluationTransitions:
    lengths = [len(next(iter(variables.values()))) for variables, _ in episodes]
    return EvaluationTransitions(
        variables={k: np.concatenate([v[k] for v, _ in episodes]).astype(np.float32) for k in episodes[0][0]},
        episode=np.repeat(np.arange(len(episodes)), lengths).astype(np.int32),
        step=np.concatenate([np.arange(1, n + 1) for n in lengths]).astype(np.int32),
        episode_checkpoint=np.ones(len(episodes), np.int32),
        episode_fitness=np.array([f for _, f in episodes]),
        episode_length=np.array(lengths, np.int32),
    )


def code_of(text: str) -> str:
    found = re.search(r"```python\n(.*?)```", text, re.S)
    assert found, text
    return found[1]


def sha256(code: str) -> str:
    """As core hashes it: without comments and formatting."""
    return hashlib.sha256(ast.dump(ast.parse(code)).encode()).hexdigest()


def load(code: str) -> Compute:
    namespace: dict[str, Any] = {}
    exec(compile(code, "reward", "exec"), namespace)
    return namespace["compute_reward"]


def arguments(code: str) -> list[str]:
    function = next(node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef))
    return [a.arg for a in function.args.args]


def batch(context: EnvContext, rng: np.random.Generator, size: int, spread: float = 1.0) -> dict[str, np.ndarray]:
    """Read-only arrays for every argument, up to `spread` times the measured half-range away from the middle."""
    arrays = {}
    for v in context.variables:
        low, high = np.array(v.low), np.array(v.high)
        middle, half = (low + high) / 2, (high - low) / 2
        for name in (v.name, f"prev_{v.name}"):
            if v.name == "terminated":
                values = rng.integers(2, size=(size, 1)).astype(float)
            elif v.name == "action":
                values = rng.uniform(low, high, (size, len(low)))
            else:
                values = middle + half * rng.uniform(-spread, spread, (size, len(low)))
            values = values if v.shape else values[:, 0]
            values.flags.writeable = False
            arrays[name] = values
    return arrays


def walk(rng: np.random.Generator, drift: float, steps: int = 60) -> tuple[dict[str, np.ndarray], float]:
    """An episode on the line: success where x reaches 1. `a` to `d` are noise."""
    x = np.cumsum(drift / steps + rng.normal(0, 0.02, steps))
    reached = np.flatnonzero(x >= 1.0)
    stop = reached[0] + 1 if len(reached) else steps
    noise = {name: rng.normal(0, 0.5, stop) for name in "abcd"}
    return {"x": x[:stop]} | noise, float(len(reached) > 0)


@pytest.fixture
def kit() -> SimpleNamespace:
    """The functions above; a conftest cannot be imported."""
    return SimpleNamespace(
        scalar=scalar,
        vector=vector,
        make_context=make_context,
        make_task=make_task,
        code_of=code_of,
        sha256=sha256,
        load=load,
        arguments=arguments,
        batch=batch,
        walk=walk,
    )


@pytest.fixture
def pole() -> EnvContext:
    """Like CartPole, with a vector, a constant, an awkward range and a continuous action."""
    return make_context(
        scalar("angle", -0.2, 0.2),
        scalar("speed", -3.0, 7.0),
        vector("feet", [0.0, -1e-4, 900.0, 2.0], [1.0, 1e-4, 901.0, 2.0]),
        scalar("still", 0.0, 0.0),
        scalar("alive", 5.0, 6.0),
        scalar("terminated", 0.0, 1.0),
        limits=[1.0, 0.4],
    )


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    return lambda context, **fitness: World(tmp_path, context, **fitness)


@pytest.fixture
def line() -> EnvContext:
    return make_context(*(scalar(name) for name in "abcdx"), discrete=True)


@pytest.fixture
def searched(line: EnvContext, world: Callable[..., World]) -> Iterator[World]:
    """One iteration of the line on disk: candidates' policies drift at random, some to the goal."""
    made = world(line)
    rng = np.random.default_rng(0)
    for draft in made.drafts(0):
        drift = rng.uniform(-1.5, 1.5)
        episodes = [walk(rng, drift * k / 10) for k in range(1, 11) for _ in range(4)]
        fitness = [np.mean([f for _, f in episodes[i : i + 4]]) for i in range(0, 40, 4)]
        made.add(draft, float(max(fitness)), episodes, mean=float(np.mean(fitness)))
    yield made
