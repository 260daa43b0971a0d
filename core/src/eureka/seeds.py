"""Seeds derived by name, so that no number depends on order or timing."""

from __future__ import annotations

import hashlib
import json
from typing import Literal

_PURPOSES = {"training": 0, "evaluation": 1, "fresh": 2, "design": 3}


def derive_seed(purpose: Literal["training", "evaluation", "fresh", "design"], *names: str | int) -> int:
    """A seed below 2³² for these names. Seeds of different purposes never meet: the top two bits hold the purpose."""
    digest = hashlib.sha256(json.dumps(names).encode()).digest()
    return _PURPOSES[purpose] << 30 | int.from_bytes(digest[:4], "big") >> 2
