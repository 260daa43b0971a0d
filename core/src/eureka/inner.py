"""Components inside of components: an option that names one, with that one's own options beside the name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple, get_args, get_origin

from pydantic import ConfigDict, Field, model_validator

from eureka.component import Options
from eureka.errors import ConfigError
from eureka.registry import resolve
from eureka.types import ComponentSpec


class Inner(Options):
    """Base of an option that is a component: in YAML its name, or a mapping of `use`, what a subclass adds, and its options.

    The option's type is the subclass, a tuple of it, or it or None. It is resolved with the config as every component is: names, files,
    defaults, mistakes and their places. Make it with `registry.make(inner.kind, inner.spec)`.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    kind: ClassVar[str]
    use: str = Field(min_length=1, description="Its name, `module:Class` or `FILE.py:Class`.")

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"use": value} if isinstance(value, str) else value

    @property
    def spec(self) -> ComponentSpec:
        """The component and its options."""
        return ComponentSpec(use=self.use, options=dict(self.model_extra or {}))


def innermost(kind: str, spec: ComponentSpec) -> ComponentSpec:
    """The component that does the work: of one that is made around a single other of its kind, that one; else itself.

    What cannot be loaded is itself: why not is told where it is made.
    """
    try:
        options = list(inner_options(resolve(kind, spec.use).Options))
    except ConfigError:
        return spec
    for option in options:
        if option.type.kind == kind and not option.many and option.key in spec.options:
            return option.type.model_validate(spec.options[option.key]).spec
    return spec


class InnerOption(NamedTuple):
    """An option that names components: its key, the subclass that says of which kind, and whether there is a list of them."""

    key: str
    type: type[Inner]
    many: bool


def inner_options(options: type[Options]) -> Iterator[InnerOption]:
    """Each option that names components."""
    for name, field in options.model_fields.items():
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, Inner):
                yield InnerOption(field.alias or name, part, get_origin(field.annotation) is tuple)
