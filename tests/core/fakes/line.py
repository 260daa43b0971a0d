"""A simulator with environments to choose from, as `eureka env describe` and `eureka run --env` name them. Variables are derived."""

from __future__ import annotations

import os
import time
from pathlib import Path

from pydantic import Field

import eureka
from eureka.component import ClassPath
from eureka.errors import ConfigError
from eureka.hookspecs import Derived, DeriveRequest
from eureka.types import Dropped, VariableSpec
from eureka.user_code import load_file

PointEnv = load_file(Path(__file__).with_name("parts.py")).PointEnv

# What YAML could trip over.
MEANING = "where it is: 'left', \"right\", [0, 1] {or} # none; 1e3 & *so* on – …"


class LineSim(eureka.Component):
    """`Line-v1` is the point of parts.py; `Broken-v1` raises, `Endless-v1` never comes up."""

    class Options(eureka.Options):
        env: ClassPath = Field(description="Environment id.")
        kwargs: dict[str, object] = Field({}, description="Arguments.")
        limit: int = Field(5, description="A setting.")
        context: eureka.ConfigPath | None = Field(None, description="A text.")

    @eureka.hookimpl
    def eureka_derive_variables(self, request: DeriveRequest) -> Derived:
        return Derived(
            variables={
                "x": VariableSpec(source="x", meaning=MEANING, unit="m", goal="zero"),
                "action": VariableSpec(source="action", meaning="its velocity"),
            },
            dropped=(Dropped(name="prev_shaping", source="env.prev_shaping", reason="only reward code: uses it"),),
            state=frozenset({"x"}),
        )

    @eureka.hookimpl
    def eureka_make_env(self, request):
        if self.options.env == "Broken-v1":
            raise RuntimeError("the motor is off")
        if self.options.env == "Endless-v1":
            Path(os.environ["TMPDIR"], "started").touch()
            time.sleep(3600)
        if self.options.env not in ("Line-v1", "cartpolf"):
            raise ConfigError(f"sim.env: {self.options.env!r} is unknown; valid: Line-v1.")
        return PointEnv(request.num_envs, request.sources)

    @eureka.hookimpl
    def eureka_extract_context(self, request) -> str:
        secrets = ", ".join(name for name in os.environ if "KEY" in name)
        return f"A line. {self.options.env} {self.options.kwargs} {self.options.limit} {secrets}"
