"""What an action does, in a line: from the documentation, MuJoCo's actuators, or the space's bounds."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from eureka_gymnasium import doc_table, mujoco_names

MAX_LISTED = 32


def action_meaning(env: gymnasium.Env[Any, Any]) -> str:
    """Such as `0: push cart to the left, 1: push cart to the right`. What a wrapper made of the actions has its bounds only."""
    space, base = env.action_space, env.unwrapped
    is_own = space == getattr(base, "action_space", None)
    if space.shape is None:
        return ""
    text = doc_table.section(type(base).__doc__ or "", "action") if is_own else ""
    count = int(space.n) if isinstance(space, spaces.Discrete) else int(np.prod(space.shape))
    rows = doc_table.rows(text, "action")
    parts = tuple(row.text for row in rows) or doc_table.listed(text, count)
    model = mujoco_names.model_of(base)
    if model is not None and model.nu == count and isinstance(space, spaces.Box):
        driven = mujoco_names.actuators(model)
        parts = parts if tuple(row.joint for row in rows) == driven else driven
    atari = getattr(base, "get_action_meanings", None)
    if not parts and callable(atari) and is_own:
        parts = tuple(map(str, atari()))
    range_ = _range(space)
    if len(parts) == count <= MAX_LISTED:
        return doc_table.joined(parts) + (f"; {range_}" if not isinstance(space, spaces.Discrete) else "")
    # Sentences around a table or list that does not fit speak of other actions.
    prose = "" if parts or doc_table.has_list(text) else doc_table.prose(text)
    return f"{prose} ({range_})" if prose else range_


def _range(space: spaces.Space[Any]) -> str:
    if isinstance(space, spaces.Discrete):
        return f"an index from {space.start} to {space.start + space.n - 1}"
    if isinstance(space, spaces.MultiDiscrete):
        first, count = space.start.ravel().tolist(), space.nvec.ravel().tolist()
        return f"indices from {', '.join(f'{low} to {low + n - 1}' for low, n in zip(first, count, strict=True))}"
    if not isinstance(space, spaces.Box):
        return "each 0 or 1"
    bounds = [f"{low:.4g} to {high:.4g}" for low, high in zip(space.low.ravel().tolist(), space.high.ravel().tolist(), strict=True)]
    if len(set(bounds)) == 1:
        return ("each " if len(bounds) > 1 else "") + f"from {bounds[0]}"
    return f"from {', '.join(bounds)}" if len(bounds) <= MAX_LISTED else "bounded entry by entry"
