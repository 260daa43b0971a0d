"""The variables of an environment whose task declares none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gymnasium

from eureka.env import Array
from eureka.hookspecs import Derived, DeriveRequest
from eureka_gymnasium import mujoco_names, observed
from eureka_gymnasium.action_meaning import action_meaning
from eureka_gymnasium.atari import RAM, is_atari
from eureka_gymnasium.attributes import attributes
from eureka_gymnasium.candidates import Candidate
from eureka_gymnasium.layers import layers
from eureka_gymnasium.leak import LeakGuard
from eureka_gymnasium.make import make_row
from eureka_gymnasium.rollout import Rollout
from eureka_gymnasium.selection import Selection
from eureka_gymnasium.sources import parse
from eureka_gymnasium.twins import changes

if TYPE_CHECKING:
    from eureka_gymnasium.sim import GymnasiumSim

_OF_MUJOCO = frozenset(("model", "data", "init_qpos", "init_qvel"))


def derive_variables(options: GymnasiumSim.Options, request: DeriveRequest) -> Derived:
    """Observation entries, the action, MuJoCo's joints and bodies, then attributes and `info` entries that change.

    Every source can be read after each reset and step, and of two that always read the same the first stays. What tells the reward is
    named in `dropped`. The same for the same seed. Raises ConfigError where the environment cannot be made, fails under random
    actions, or has an observation that is no number.
    """
    env = make_row(options)
    try:
        rollout = Rollout(env, request.seed, lambda: _find(env))
        seen, parts, others = rollout.found
        selection = Selection(LeakGuard(env, options.hide).reason, options.hide)
        for candidate, value in _observed(env, options, rollout, seen):
            selection.add(candidate, value)
        selection.add(Candidate("action", "action", action_meaning(env)), rollout.values["action"])
        for candidate in parts:
            part = rollout.values.get(candidate.source)
            # A body that stays where it is may be the goal; a force that never acts says nothing.
            if part is not None and (candidate.unit or changes(part)):
                selection.add(candidate, part)
        # What changes in one element of a list may do so in all: one leg may never touch the ground under random actions.
        live = {_of_any_element(c) for c in others if c.source in rollout.values and changes(rollout.values[c.source])}
        for candidate in others:
            selection.add_new(candidate, rollout.values.get(candidate.source), _of_any_element(candidate) in live)
    finally:
        env.close()
    return Derived(selection.variables, tuple(selection.dropped), frozenset(selection.state))


def _find(env: gymnasium.Env[Any, Any]) -> tuple[list[Candidate], list[Candidate], list[Candidate]]:
    """What there is after a reset: of the observation, of a MuJoCo model, and other attributes."""
    base = env.unwrapped
    if is_atari(env):
        return observed.entries(env), [RAM], attributes(layers(env))
    model = mujoco_names.model_of(base)
    if model is None:
        return observed.entries(env), [], attributes(layers(env))
    return observed.entries(env), mujoco_names.candidates(model), attributes(layers(env), skip=_OF_MUJOCO)


def _observed(
    env: gymnasium.Env[Any, Any], options: GymnasiumSim.Options, rollout: Rollout, seen: list[Candidate]
) -> Iterator[tuple[Candidate, Array]]:
    """The observation's entries with their values: by the documentation where it fits what the policy sees."""
    whole = rollout.values.get(observed.WHOLE)
    if rollout.raw and whole is not None and whole.ndim > 1:
        entries = observed.documented(env, options.kwargs, rollout.values)
        for entry in entries:
            step: Any = parse(entry.source).steps[0]
            yield entry, whole[:, step]
        if entries:
            return
        if mujoco_names.model_of(env.unwrapped) is not None:
            seen = [observed.explained(candidate, rollout.values) for candidate in seen]
    yield from ((candidate, rollout.values[candidate.source]) for candidate in seen if candidate.source in rollout.values)


def _of_any_element(candidate: Candidate) -> str:
    """`env.legs[0].ground_contact` → `env.legs[].ground_contact`."""
    return re.sub(r"\[\d+\]", "[]", candidate.source)
