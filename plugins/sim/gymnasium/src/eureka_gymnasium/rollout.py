"""What an environment's values do over a few episodes of random actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from eureka.env import Array
from eureka.seeds import derive_seed
from eureka_gymnasium import spaces
from eureka_gymnasium.attributes import infos, package_of
from eureka_gymnasium.candidates import Candidate
from eureka_gymnasium.layers import depth_of, layers
from eureka_gymnasium.probe import run
from eureka_gymnasium.sources import Source, SourceError, follow, parse, to_array

Groups = tuple[list[Candidate], list[Candidate], list[Candidate]]

STEP = "observation, reward, terminated, truncated, info"
EPISODES, EPISODE_STEPS, STEPS = 12, 128, 384
# Most environments with images draw one at every step, which takes a hundred times as long as the step; an Atari game does not.
LARGE, IMAGE_EPISODES, IMAGE_STEPS = 4096, 2, 16

_ABSENT: Array = np.empty(0)


class Rollout:
    """Values of candidates over a few hundred steps in episodes, reset states included. The same for the same seed.

    find: gives the candidates to read once the environment was reset, in three groups.
    found: these groups, with those of `info` in the last.
    values: source → float64 (S,) or (S, d) of every candidate that was a finite number or vector of one shape in each state, and of
        `action`. In reset states an `info` and the action are NaN.
    raw: the policy sees what the environment itself observes, whatever its wrappers do.
    Raises ConfigError where the environment fails, or has a space that is not supported.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], seed: int, find: Callable[[], Groups]) -> None:
        self._box = spaces.observations(env.observation_space).space
        self._actions = spaces.actions(env.action_space)
        self._env, self._layers = env, layers(env)
        self._watch = _watch(env)
        self.raw = env.observation_space == getattr(env.unwrapped, "observation_space", None)
        self.found: Groups = [], [], []
        self._sources: dict[str, Source] = {}
        self._depths: dict[str, int] = {}
        self._read: dict[str, list[Array | None]] = {}
        self._taken: list[Array | None] = []
        self._roll(seed, find)
        self.values = {source: stacked for source, read in self._read.items() if (stacked := _stack(read)) is not None}
        action = next(taken for taken in self._taken if taken is not None)
        self.values["action"] = np.stack([np.full_like(action, np.nan) if taken is None else taken for taken in self._taken])

    def _roll(self, seed: int, find: Callable[[], Groups]) -> None:
        rng = np.random.default_rng(derive_seed("design", seed, "derive", "action"))
        is_image = np.prod(self._box.shape) > LARGE and package_of(type(self._layers[-1])) != "ale_py"
        for episode in range(IMAGE_EPISODES if is_image else EPISODES):
            reset_seed = derive_seed("design", seed, "derive", episode)
            observation, at_reset = run(self._env.reset, "observation, info", self._box, seed=reset_seed)
            if episode == 0:
                self.found = find()
                self._watch_for(candidate for group in self.found for candidate in group)
            self._record(observation, at_reset, None)
            for step in range(IMAGE_STEPS if is_image else EPISODE_STEPS):
                rows, applied = self._actions.apply(self._actions.space.sample(rng)[None])
                observation, _, terminated, truncated, info = run(self._env.step, STEP, self._box, rows[0])
                if episode == step == 0:
                    found = infos(info)
                    self.found[-1].extend(found)
                    self._watch_for(found)
                    self._read.update({c.source: [_value(self._sources[c.source], at_reset, is_reset=True)] for c in found})
                self._record(observation, info, applied[0])
                if terminated or truncated:
                    break
            if len(self._taken) >= STEPS:
                break

    def _watch_for(self, found: Iterable[Candidate]) -> None:
        for candidate in found:
            source = parse(candidate.source)
            self._sources[source.text], self._read[source.text] = source, []
            if source.root == "env":
                self._depths[source.text] = depth_of(str(source.steps[0]), self._layers)

    def _record(self, observation: Any, info: Mapping[str, Any], action: NDArray[np.float64] | None) -> None:
        for text, source in self._sources.items():
            root = self._layers[self._depths[text]] if source.root == "env" else info if source.root == "info" else observation
            self._read[text].append(_value(source, root, is_reset=action is None))
        self._taken.append(action)
        if self.raw and self._watch is not None and isinstance(observation, np.ndarray):
            self.raw = bool(np.array_equal(self._watch._seen, observation, equal_nan=True))


class _Watch(gymnasium.Wrapper):  # type: ignore[misc]
    """Keeps the last observation that came from inside."""

    _seen: Any = None

    def reset(self, **kwargs: Any) -> Any:
        self._seen, info = self.env.reset(**kwargs)
        return self._seen, info

    def step(self, action: Any) -> Any:
        self._seen, *rest = self.env.step(action)
        return self._seen, *rest


def _watch(env: gymnasium.Env[Any, Any]) -> _Watch | None:
    """Put a `_Watch` between the environment and its innermost wrapper; None without wrappers."""
    if not isinstance(env, gymnasium.Wrapper):
        return None
    while isinstance(env.env, gymnasium.Wrapper):
        env = env.env
    env.env = watch = _Watch(env.env)
    return watch


def _value(source: Source, root: Any, is_reset: bool) -> Array | None:
    """A finite number or vector; None for what is no variable. At a reset an `info` only has to be readable: NaN, or _ABSENT."""
    if is_reset and source.root == "info" and source.steps[0] not in root:
        return _ABSENT
    try:
        value = to_array(follow(source, root))
    except SourceError:
        return None
    if is_reset and source.root == "info":
        return np.full_like(value, np.nan)
    return value if value.size and np.isfinite(value).all() else None


def _stack(read: list[Array | None]) -> Array | None:
    """All values as one array, where each is there and all have one shape."""
    present = [value for value in read if value is not None]
    shapes = {value.shape for value in present if value is not _ABSENT}
    if len(present) < len(read) or len(shapes) != 1:
        return None
    shape = shapes.pop()
    return np.stack([np.full(shape, np.nan) if value is _ABSENT else value for value in present])
