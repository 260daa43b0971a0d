"""What the journal's first line says a run was made with."""

from __future__ import annotations

import importlib.metadata
import platform

import pytest

from eureka.config import load_config
from eureka.versions import versions


def test_the_packages_that_take_part_are_told_and_no_others(fake):
    told = versions(load_config(str(fake.write())))
    assert told["python"] == platform.python_version() and told["numpy"] == importlib.metadata.version("numpy")
    assert told["eureka-core"] == importlib.metadata.version("eureka-core")
    # Simulator, trainer and model are in a file: no plugin takes part, and what core's extras name is none of it either.
    assert [name for name in told if name.startswith("eureka-")] == ["eureka-core"] and "gymnasium" not in told


def test_a_plugin_brings_what_it_needs():
    pytest.importorskip("eureka_gymnasium")
    told = versions(load_config("cartpole"))
    assert {"eureka-plugin-gymnasium", "gymnasium", "eureka-plugin-population", "numba"} <= set(told)
