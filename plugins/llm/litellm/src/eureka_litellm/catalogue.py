"""What litellm's own tables know of a model: its provider, its price, the parameters it takes. Nothing here asks a server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eureka.errors import ConfigError
from eureka.generator_types import Price


def provider_of(litellm: Any, model: str) -> tuple[str, str]:
    """The provider and the model's name there. Raises ConfigError."""
    try:
        name, provider, _, _ = litellm.get_llm_provider(model=model)
    except litellm.exceptions.BadRequestError:
        raise ConfigError(
            f"llm.model: {model!r} names no provider that litellm {litellm._version.version} knows. "
            "Write PROVIDER/MODEL, such as groq/llama-3.3-70b-versatile; see https://docs.litellm.ai/docs/providers."
        ) from None
    return provider, name


def price_in(litellm: Any, model: str) -> Price | None:
    """The price; None where the table has none.

    `litellm.get_model_info` would ask a server about some providers' models (ollama), and calls a price it does not know 0.
    """
    try:
        info = litellm.utils.get_model_info_helper(model=model, catalog_only=True, preserve_unset_costs=True)
    except Exception:  # several types, by provider
        return None
    if info["input_cost_per_token"] is None or info["output_cost_per_token"] is None:
        return None

    def million(name: str) -> float | None:
        cost = info.get(name)
        return None if cost is None else round(cost * 1e6, 9)

    return Price(
        input=million("input_cost_per_token") or 0.0,
        cached_input=million("cache_read_input_token_cost"),
        cache_write=million("cache_creation_input_token_cost"),
        output=million("output_cost_per_token") or 0.0,
    )


def refused_by(litellm: Any, model: str, parameters: Mapping[str, Any], extra: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of the parameters that litellm knows the model does not take."""
    provider, name = provider_of(litellm, model)
    allowed = extra.get("allowed_openai_params")
    refused = []
    for parameter, value in parameters.items():
        try:
            litellm.utils.get_optional_params(
                model=name, custom_llm_provider=provider, drop_params=False, allowed_openai_params=allowed, **{parameter: value}
            )
        except litellm.exceptions.UnsupportedParamsError:
            refused.append(parameter)
    return tuple(refused)


def missing_keys(litellm: Any, model: str) -> tuple[str, ...]:
    """The environment variables of which one has to hold a key and none is set; empty where there are other ways to be let in.

    A cloud's account (AWS, Azure, Vertex) may be in files and roles litellm does not look at here, and a local server needs none.
    """
    missing = litellm.validate_environment(model)["missing_keys"]
    return tuple(missing) if all(name.endswith(("_API_KEY", "_API_TOKEN")) for name in missing) else ()
