"""Eureka searches for reward functions. Names are loaded on first use, so that importing the package costs nothing."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eureka.component import ClassPath, Component, ConfigPath, Options, hookimpl
    from eureka.errors import ConfigError, EurekaError, ModelFault, PluginContractError, RewardFailed
    from eureka.generator_types import Answer, Draft
    from eureka.history import History
    from eureka.opened_run import open_run
    from eureka.training import Policy
    from eureka.types import Message, Note

__version__ = "0.1.0"

_HOME = {
    "Component": "component",
    "Options": "component",
    "ConfigPath": "component",
    "ClassPath": "component",
    "hookimpl": "component",
    "ConfigError": "errors",
    "EurekaError": "errors",
    "ModelFault": "errors",
    "RewardFailed": "errors",
    "PluginContractError": "errors",
    "Policy": "training",
    "History": "history",
    "Draft": "generator_types",
    "Answer": "generator_types",
    "Note": "types",
    "Message": "types",
    "open_run": "opened_run",
}

__all__ = [
    "Answer",
    "ClassPath",
    "Component",
    "ConfigError",
    "ConfigPath",
    "Draft",
    "EurekaError",
    "History",
    "Message",
    "ModelFault",
    "Note",
    "Options",
    "PluginContractError",
    "Policy",
    "RewardFailed",
    "__version__",
    "hookimpl",
    "open_run",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'eureka' has no attribute {name!r}")
    return getattr(importlib.import_module(f"eureka.{_HOME[name]}"), name)
