"""Options are closed, and a config holds no key."""

from __future__ import annotations

import pytest
from pydantic import ValidationError


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({"num_retries": 3}, "num_retries is an option of its own: llm.max_retries"),
        ({"api_base": "http://x"}, "api_base is an option of its own: llm.base_url"),
        ({"api_key": "sk-8sT2kQ0v7LtR4bNs"}, "api_key is an option of its own: llm.api_key_env"),
        ({"n": 4}, "n is not yours to set"),
        ({"aws_secret_access_key": "8sT2kQ0v7LtR4bNs"}, "aws_secret_access_key looks like a secret"),
        ({"extra_headers": {"Authorization": "Bearer 8sT2kQ0v7LtR4bNs"}}, "Authorization looks like a secret"),
        ({"azure_ad_token": "8sT2kQ0v7LtR4bNs"}, "azure_ad_token looks like a secret"),
    ],
)
def test_extra_takes_neither_other_options_nor_secrets(llm, extra, told):
    with pytest.raises(ValidationError, match=told) as raised:
        llm(extra=extra)
    assert "8sT2kQ0v" not in raised.value.errors(include_input=False)[0]["msg"]


def test_extra_takes_what_only_sounds_secret(llm):
    assert llm(extra={"prompt_cache_key": "eureka", "thinking": {"budget_tokens": 1024}}).options.extra["prompt_cache_key"] == "eureka"


def test_an_unknown_option_is_refused(llm):
    with pytest.raises(ValidationError, match="top_p"):
        llm(top_p=0.5)


@pytest.mark.parametrize("url", ["localhost:8000", "https://me:8sT2kQ0v7LtR4bNs@host/v1", "https://host/v1?key=8sT2kQ0v7LtR4bNs"])
def test_an_address_holds_nothing_else(llm, url):
    with pytest.raises(ValidationError, match="is no plain address of a server") as raised:
        llm(base_url=url)
    assert "8sT2kQ0v" not in raised.value.errors(include_input=False)[0]["msg"]
