"""Which of an environment's values would tell its reward, by its code alone."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import gymnasium

from eureka_gymnasium.layers import layers
from eureka_gymnasium.pruning.class_source import is_plumbing
from eureka_gymnasium.pruning.prune import analyse
from eureka_gymnasium.sources import SourceError, follow, parse
from eureka_gymnasium.words import speaks_of_reward

HIDDEN, NAMED = "sim.hide names it", "its name speaks of reward"
PROPERTY, ONLY_REWARD, INFO = "its property's code speaks of reward", "only reward code uses it", "it holds the reward or a part of it"


class LeakGuard:
    """Says why a source must be no variable. env: an environment, with or without its wrappers. hide: names that the user keeps out."""

    def __init__(self, env: gymnasium.Env[Any, Any], hide: Sequence[str]) -> None:
        self._env, self._hide = env.unwrapped, frozenset(hide)
        self._classes = [type(layer) for layer in layers(env) if not is_plumbing(type(layer))]
        self._slices = [found[1] for cls in self._classes if (found := analyse(cls, hide, with_drawing=False)) is not None]
        self._properties: dict[int, bool] = {}

    def reason(self, source: str) -> str | None:
        """Why a source such as `env.prev_shaping` must be no variable, fit to follow its name; None for one that may be."""
        try:
            parsed = parse(source)
        except SourceError:
            return None
        names = [step for step in parsed.steps if isinstance(step, str)]
        if any(name in self._hide for name in names):
            return HIDDEN
        if any(speaks_of_reward(name) for name in names):
            return NAMED
        if parsed.root == "info":
            return INFO if names and any(names[0] in slice_.info_keys for slice_ in self._slices) else None
        if parsed.root != "env":
            return None
        if any(slice_.serves_reward_alone(names[0]) for slice_ in self._slices):
            return ONLY_REWARD
        return PROPERTY if self._property_speaks(parsed.steps) else None

    def _property_speaks(self, steps: Sequence[str | int | slice]) -> bool:
        """Whether a property on the way reads something named after the reward."""
        if any(self._speaks(inspect.getattr_static(cls, str(steps[0]), None)) for cls in self._classes):
            return True
        value: Any = self._env
        for depth, step in enumerate(steps):
            if isinstance(step, str) and self._speaks(inspect.getattr_static(type(value), step, None)):
                return True
            if depth + 1 < len(steps):
                try:
                    value = follow(parse(f"env.{step}"), value) if isinstance(step, str) else value[step]
                except (SourceError, TypeError, KeyError, IndexError):
                    return False
        return False

    def _speaks(self, attribute: Any) -> bool:
        getter = attribute.fget if isinstance(attribute, property) else attribute.func if isinstance(attribute, cached_property) else None
        if getter is None:
            return False
        if id(getter) not in self._properties:
            self._properties[id(getter)] = _code_speaks(getter)
        return self._properties[id(getter)]


def _code_speaks(function: Any) -> bool:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return False
    for node in ast.walk(tree):
        name = getattr(node, "attr", getattr(node, "id", None))
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            name = node.slice.value
        if isinstance(name, str) and speaks_of_reward(name):
            return True
    return False
