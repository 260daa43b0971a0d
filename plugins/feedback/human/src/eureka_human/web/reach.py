"""Who can reach the page, and what to mind where others can."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def reason(error: OSError | OverflowError) -> str:
    """Why an address cannot be listened on, without the address, which Python puts into the text."""
    return ((error.strerror if isinstance(error, OSError) else None) or str(error)).partition(" (while attempting")[0]


def warning(host: str, allow_hosts: Sequence[str], option: str) -> str:
    """What to mind with a host that others reach. option: how names are allowed."""
    named = (
        ""
        if allow_hosts
        else f" The page answers under no name but {host} and those of this machine alone; name what people type: {option}."
    )
    return (
        f"{host} can be reached from other machines, and nothing is encrypted: who can read along may see the videos and answer. "
        f"Over a network you do not trust, listen on 127.0.0.1 and use a tunnel, such as ssh -L.{named}"
    )
