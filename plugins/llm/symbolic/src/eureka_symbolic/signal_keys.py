"""How a signal is named: `name`, `name[i]` for an entry of a vector variable, `|name|` for a vector's length."""

from __future__ import annotations

LENGTHS_OF = range(2, 5)
"""Numbers of entries whose length means something of its own: an offset in the plane or in space, a quaternion."""


def entry(name: str, index: int) -> str:
    return f"{name}[{index}]"


def length(name: str) -> str:
    return f"|{name}|"


def is_length(key: str) -> bool:
    return key.startswith("|")


def variable(key: str) -> str:
    """The variable it is read from."""
    return key.strip("|").partition("[")[0]
