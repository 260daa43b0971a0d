"""A run's config: reading what the user wrote, and writing and reading what it was resolved to."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from eureka.config_loading import Override, apply_changes, load_config, load_mapping, with_later_settings
from eureka.config_models import Config
from eureka.config_parts import flat, parse
from eureka.yaml_source import dump, read_yaml

__all__ = ["Config", "Override", "apply_changes", "config_sha256", "load_config", "load_mapping", "load_resolved", "to_yaml"]


def to_yaml(config: Config) -> str:
    """The whole config, as a run directory's `config.yaml` holds it; `load_resolved` reads it back."""
    return dump(flat(config))


def load_resolved(path: Path) -> Config:
    """Read what `to_yaml` wrote; what an earlier version did not know yet has its default. Loads no plugin. Raises ConfigError."""
    source = read_yaml(path)
    return parse(with_later_settings(source.data), source.at)


def config_sha256(config: Config) -> str:
    """Hash of everything the config says."""
    canonical = json.dumps(flat(config), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
