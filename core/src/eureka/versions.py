"""What a run is made with: Python, the packages its components come from, and those that these need."""

from __future__ import annotations

import importlib.metadata
import platform
import re

from eureka.config import Config
from eureka.config_parts import components
from eureka.registry import list_components

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def versions(config: Config) -> dict[str, str]:
    """Version by package. A component in a file belongs to none; what is not installed is left out."""
    named = {(kind, spec.use) for _, kind, spec in components(config)}
    dists = {"eureka-core", *(found.dist for found in list_components() if found.dist and (found.kind, found.name) in named)}
    matches = [_NAME.match(line) for dist in dists for line in importlib.metadata.requires(dist) or ()]
    needed = {match[0] for match in matches if match is not None and not match[0].startswith("eureka-")}
    found = {"python": platform.python_version()}
    for name in sorted(dists | needed):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # an extra that is not there
    return found
