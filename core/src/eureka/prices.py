"""What models cost: a dated table of ours, and a user's own that goes before it."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from pydantic import ValidationError

from eureka.errors import ConfigError
from eureka.generator_types import Price
from eureka.validation import at_place, explain, show
from eureka.yaml_source import read_yaml

SHIPPED = Path(__file__).with_name("prices.yaml")
_ABOUT = ("date", "source")
_SUCH_AS = "{input: 1, output: 4}"
_VERSION = re.compile(r"(-\d{4}-\d{2}-\d{2}|-\d{8}|-latest|:latest)$")


def price_of(provider: str, model: str, own: Path | None = None) -> Price | None:
    """The price of a provider's model; None where neither table has it. Raises ConfigError for a table that cannot be read.

    A dated name (`gpt-4.1-2025-04-14`) has the price of the undated one where it has none of its own; a provider's `"*"` stands for all
    of its models.
    """
    for table in ([own] if own is not None else []) + [SHIPPED]:
        models = _read(table).get(provider, {})
        for name in (model, _VERSION.sub("", model), "*"):
            if name in models:
                return models[name]
    return None


@functools.lru_cache(maxsize=8)
def _read(path: Path) -> dict[str, dict[str, Price]]:
    source = read_yaml(path)
    table: dict[str, dict[str, Price]] = {}
    for provider, models in source.data.items():
        if provider in _ABOUT:
            continue
        if not isinstance(models, dict):
            raise ConfigError(at_place(source.at((provider,)), (provider,), f"expected models, each with its price: my-model: {_SUCH_AS}"))
        for model, price in models.items():
            at = (provider, model)
            if not isinstance(price, dict):
                wrong = f"{show(price)} is no price; expected what a million tokens cost: {_SUCH_AS}"
                raise ConfigError(at_place(source.at(at), at, wrong))
            try:
                table.setdefault(str(provider), {})[str(model)] = Price.model_validate(price)
            except ValidationError as error:
                raise ConfigError("\n".join(explain(error, Price, price, at, source.at))) from None
    return table
