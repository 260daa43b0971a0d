"""Fake parts, small enough to see through: a point that should reach 0, a trainer that climbs hills, a model that recites.

Used through `file.py:Class`, as a stranger's parts would be. A word in a candidate's code makes the trainer misbehave.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

import eureka
from eureka.env import EnvRequest, Reset, Step
from eureka.errors import ConfigError, IsolationMissing, RewardFailed
from eureka.generator_types import Answer, CompletionRequest, Quote
from eureka.hookspecs import Derived, DeriveRequest
from eureka.job_types import TrainJob
from eureka.spaces import Box
from eureka.training import LoadRequest, Policy
from eureka.types import Dropped, VariableSpec


class PointEnv:
    """x moves by a tenth of the action; an episode has 10 steps, or ends beyond |x| = 1.5. `score` adds up the reward, -|x|."""

    observation_space = Box(shape=(1,), low=(-10.0,), high=(10.0,))
    action_space = Box(shape=(1,), low=(-1.0,), high=(1.0,))
    max_episode_steps = 10

    def __init__(self, num_envs: int, sources: Mapping[str, str], start: float = 1.0) -> None:
        self.num_envs, self.sources, self.start = num_envs, dict(sources), start
        self.rngs = [np.random.default_rng() for _ in range(num_envs)]
        self.x, self.t, self.score = np.zeros(num_envs), np.zeros(num_envs, int), np.zeros(num_envs)

    def reset(self, seeds: Sequence[int]) -> Reset:
        self.rngs = [np.random.default_rng(seed) for seed in seeds]
        self.x, self.t = np.array([self.start * rng.uniform(-1, 1) for rng in self.rngs]), np.zeros(self.num_envs, int)
        self.score = np.zeros(self.num_envs)
        return Reset(self.x[:, None].copy(), self._values())

    def step(self, actions, active=None) -> Step:
        actions = np.clip(np.asarray(actions, float).reshape(self.num_envs, 1), -1, 1)
        self.x, self.t = self.x + 0.1 * actions[:, 0], self.t + 1
        self.score = self.score - np.abs(self.x)
        final, values = self.x[:, None].copy(), self._values()
        terminated, native = np.abs(self.x) > 1.5, -np.abs(self.x)
        truncated = (self.t >= 10) & ~terminated
        for row in np.flatnonzero(terminated | truncated):
            self.x[row], self.t[row], self.score[row] = self.start * self.rngs[row].uniform(-1, 1), 0, 0.0
        return Step(self.x[:, None].copy(), terminated, truncated, final, actions, native, values, self._values())

    def _values(self):
        read = {"x": self.x, "distance": np.abs(self.x), "score": self.score}
        return {name: read[source].copy() for name, source in self.sources.items()}

    def save_state(self, path: Path, rows: slice = slice(None)) -> bool:
        rngs = [rng.bit_generator.state for rng in self.rngs[rows]]
        path.write_text(json.dumps([self.x[rows].tolist(), self.t[rows].tolist(), self.score[rows].tolist(), rngs]))
        return True

    def load_state(self, path: Path, rows: slice = slice(None)) -> None:
        self.x[rows], self.t[rows], self.score[rows], states = json.loads(path.read_text())
        for rng, state in zip(self.rngs[rows], states, strict=True):
            rng.bit_generator.state = state

    def close(self) -> None:
        pass


class PointSim(eureka.Component):
    """A point on a line."""

    class Options(eureka.Options):
        env: str = "point"
        start: float = 1.0

    @eureka.hookimpl
    def eureka_make_env(self, request: EnvRequest) -> PointEnv:
        if self.options.env != "point":
            raise ConfigError(f"sim.env: {self.options.env!r} is unknown; valid: point.")
        if wrong := [f"variables.{n}.from: {s!r} does not resolve; valid: x" for n, s in request.sources.items() if s != "x"]:
            raise ConfigError(wrong[0])
        return PointEnv(request.num_envs, request.sources, self.options.start)

    @eureka.hookimpl
    def eureka_extract_context(self, request) -> str:
        return "A point on a line; the action is its velocity."


class PointSimWithRewards(PointSim):
    """The same, whose rewards are computed in the worker that trains."""

    reward_device = "cpu"


class DerivingSim(eureka.Component):
    """The point whose sources become variables, `x` and `distance` as state. `derive`: which, so that tests can misbehave."""

    class Options(eureka.Options):
        derive: tuple[str, ...] = ("x", "distance", "score")
        hide: tuple[str, ...] = ()

    @eureka.hookimpl
    def eureka_derive_variables(self, request: DeriveRequest):
        names = [name for name in self.options.derive if name not in self.options.hide]
        if "nonsense" in names:
            return {"x": "x"}
        variables = {name: VariableSpec(source=name, meaning=f"the point's {name}") for name in names}
        return Derived(
            variables={**variables, "action": VariableSpec(source="action")},
            dropped=(Dropped(name="prev_shaping", source="prev_shaping", reason="only reward code uses it"),),
            state=frozenset(names) & {"x", "distance"},
        )

    @eureka.hookimpl
    def eureka_make_env(self, request: EnvRequest) -> PointEnv:
        return PointEnv(request.num_envs, request.sources)

    @eureka.hookimpl
    def eureka_extract_context(self, request) -> str:
        return f"A point with {', '.join(request.task.variables)}."


def _policy(gain: float) -> Policy:
    return Policy(act=lambda obs: gain * np.asarray(obs, float), save=lambda path: (path / "gain").write_text(repr(gain)))


class HillClimber(eureka.Component):
    """Tries a random gain per update and keeps it where the reward is higher; may begin with the gain of another."""

    takes_policies = True

    class Options(eureka.Options):
        log: Path | None = None
        sleep: float = 0.0
        pause: float = 0.0
        rows: int = 4

    renews = frozenset({"environment"})

    @eureka.hookimpl
    def eureka_train(self, job: TrainJob, tools) -> bool:
        for trial in job.trials:
            env, rng = tools.make_env(self.options.rows), np.random.default_rng(trial.seed)
            start, gain, best, steps = tools.start_dir(trial.id), 0.0, -np.inf, 0
            if (policy := tools.start_policy(trial.id)) is not None:
                gain = float((policy / "gain").read_text())
                if self.options.log:
                    with self.options.log.with_name("began.log").open("a") as file:
                        file.write(f"{trial.id} {policy.relative_to(job.run_dir)} {gain!r}\n")
            if start is None:
                observations = env.reset(tools.row_seeds(trial.id, self.options.rows)).observations
            else:
                gain, best, steps, rng.bit_generator.state, observations = json.loads((start / "trainer").read_text())
                if "environment" in tools.anew(trial.id):
                    observations = env.reset(tools.row_seeds(trial.id, self.options.rows)).observations
                else:
                    env.load_state(start / "env")
            try:
                while steps < job.budget.end:
                    self.misbehave(trial.code, steps, job.isolation)
                    tried = gain + rng.normal()
                    for _ in range(5):
                        time.sleep(self.options.pause)
                        observations = env.step(tried * np.asarray(observations)).observations
                    steps += 20
                    if (value := tools.rewards(trial.id, env.take()).mean()) > best:
                        gain, best = tried, value
                    for error in tools.after_update(steps, {trial.id: _policy(gain)}).values():
                        raise error
            except RewardFailed as error:
                tools.failed(trial.id, error)
                continue
            state = json.dumps([gain, best, steps, rng.bit_generator.state, np.asarray(observations).tolist()])
            tools.finished(trial.id, lambda path: ((path / "trainer").write_text(state), env.save_state(path / "env")))  # noqa: B023
            self.write(f"{trial.id} {trial.dir} {job.budget.end}")
        return True

    @eureka.hookimpl
    def eureka_load_policy(self, request: LoadRequest) -> Policy:
        return _policy(float((request.path / "gain").read_text()))

    def misbehave(self, code: str, steps: int, isolation: str) -> None:
        if "LATER" in code and steps < 100:
            return
        time.sleep(3600 if "HANG" in code else self.options.sleep)
        if "CRASH" in code:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "KILLED" in code:
            os.kill(os.getpid(), signal.SIGKILL)
        if "MEMORY" in code:
            raise MemoryError
        if "BUG" in code:
            raise ValueError("shapes do not match")
        if "STARVED" in code:
            raise RewardFailed("resource", "the reward process got too little CPU time to answer")
        if any(f"ROOM FOR {room}" in code and self.options.rows > room for room in (1, 2, 3)):
            raise MemoryError
        if "UNCONFINED" in code and isolation == "require":
            raise IsolationMissing("no layer holds")

    def write(self, line: str) -> None:
        if self.options.log:
            with self.options.log.open("a") as file:
                file.write(line + "\n")


class ShrinkingClimber(HillClimber):
    """The same where it may be given fewer rows."""

    class Options(HillClimber.Options):
        def fewer_envs(self, divisor: int) -> dict | None:
            return {"rows": self.rows // divisor} if self.rows >= divisor else None


class CrowdedClimber(ShrinkingClimber):
    """One that begins all trials at once, and finds memory for one alone."""

    @eureka.hookimpl
    def eureka_train(self, job: TrainJob, tools) -> bool:
        for trial in job.trials:
            tools.row_seeds(trial.id, self.options.rows)
        if len(job.trials) > 1:
            raise MemoryError
        return super().eureka_train(job=job, tools=tools)


class UnmeasurableClimber(ShrinkingClimber):
    """One whose policies there is no memory to load."""

    @eureka.hookimpl
    def eureka_load_policy(self, request: LoadRequest) -> Policy:
        raise MemoryError


class RecitingLLM(eureka.Component):
    """Answers from a JSON file: a list per iteration of answers per sample, both repeated as needed. Writes down each sale.

    An answer that is a list itself has one text per attempt, the last of them repeated. Fields of an `Answer` may stand for a text.
    """

    class Options(eureka.Options):
        answers: eureka.ConfigPath
        log: Path | None = None
        max_tokens: int = 100
        rendezvous: int = 0

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._met = threading.Barrier(options.rendezvous, timeout=20) if options.rendezvous else None

    @eureka.hookimpl
    def eureka_quote(self, request: CompletionRequest) -> dict[int, Quote]:
        return dict.fromkeys(request.samples, Quote(max_tokens=self.options.max_tokens))

    @eureka.hookimpl
    def eureka_complete(self, request: CompletionRequest) -> Iterable[Answer]:
        if self._met is not None and request.attempt == 1:
            self._met.wait()  # breaks unless that many questions are open at the same time
        rounds = json.loads(self.options.answers.read_text())
        answers = rounds[request.iteration % len(rounds)]
        for sample in request.samples:
            if self.options.log:
                with self.options.log.open("a") as file:
                    file.write(f"{request.restart} {request.iteration} {sample}\n")
            text = answers[sample % len(answers)]
            if isinstance(text, list):
                text = text[min(request.attempt, len(text) - 1)]
            told = text if isinstance(text, dict) else {"text": text}
            yield Answer.model_validate({"sample": sample, "input_tokens": 10, "output_tokens": 5, "cost_usd": 0.001, **told})
