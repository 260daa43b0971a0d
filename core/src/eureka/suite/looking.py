"""Which environments of a suite can be made here, found out by making them: a package may be missing, or one that does not work."""

from __future__ import annotations

from collections.abc import Mapping

from eureka.config import Config
from eureka.errors import EurekaError
from eureka.look import look


def refused(configs: Mapping[str, Config]) -> dict[str, str]:
    """By task, why its environment cannot be made and rolled out here, and what to install; without those where it can.

    Takes a second or two each. Nothing is left behind. Raises KeyboardInterrupt on Ctrl-C.
    """
    return {name: why for name, config in configs.items() if (why := _refusal(config))}


def _refusal(config: Config) -> str:
    try:
        look(config)
    except EurekaError as error:
        return str(error)
    return ""
