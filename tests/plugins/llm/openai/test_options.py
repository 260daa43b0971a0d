"""What a config may say, and what is refused in words."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from eureka.validation import explain
from eureka_openai import OpenAILLM

AZURE = {"endpoint": "https://r.openai.azure.com", "deployment": "mine"}


def refused(**options) -> str:
    data = {"model": "m", **options}
    with pytest.raises(ValidationError) as error:
        OpenAILLM.Options.model_validate(data)
    return "\n".join(explain(error.value, OpenAILLM.Options, data, ("llm",)))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"preset": "ollama", "azure": AZURE}, "azure and preset exclude each other"),
        ({"base_url": "http://x/v1", "azure": AZURE}, "azure and base_url exclude each other"),
        ({"keep_alive": 0}, "keep_alive is for `preset: ollama` alone"),
        ({"preset": "ollama", "keep_alive": 5}, "llm.keep_alive: 5 is not 0"),
        ({"extra_body": {"n": 4, "max_tokens": 9}}, "extra_body holds max_tokens, n, for which there are options"),
        ({"preset": "olama"}, 'did you mean "ollama"'),
        ({"temprature": 1}, 'did you mean "temperature"'),
        ({"azure": {"deployment": "x"}}, "llm.azure.endpoint: is missing"),
        ({"base_url": "localhost:8000/v1"}, "llm.base_url: is no address of a server"),
        ({"base_url": "http://host:port/v1"}, "llm.base_url: is no address of a server"),
    ],
)
def test_what_does_not_go_together_is_refused_in_words(options, words):
    assert words in refused(**options)


@pytest.mark.parametrize(
    "url",
    [
        "https://me:sk-verysecret99@host/v1",
        "https://sk-verysecret99@host/v1",
        "https://host/v1?key=sk-verysecret99",
        "https://host/v1#sk-verysecret99",
        "me:sk-verysecret99@host",
        "http://[sk-verysecret99]/v1",
    ],
)
@pytest.mark.parametrize("place", ["base_url", "azure"])
def test_a_key_in_an_address_is_refused_and_not_said_again(url, place):
    words = refused(**({"base_url": url} if place == "base_url" else {"azure": {"endpoint": url}}))
    assert "secret" not in words and ("does not belong in a config" in words or "is no address of a server" in words)


def test_a_key_in_place_of_a_variable_is_refused_and_not_said_again():
    assert "sk-verysecret99" not in refused(api_key_env="sk-verysecret99")


@pytest.mark.parametrize(
    "extra", [{"api_key": "sk-verysecret99"}, {"a": [{"Authorization": "Bearer x"}]}, {"a": {"x-api-key": "x"}}, {"access_token": "x"}]
)
def test_more_of_the_request_holds_no_secret(extra):
    words = refused(extra_body=extra)
    assert "looks like a secret, which does not belong in a config" in words and "that llm.api_key_env names" in words
    assert "sk-very" not in words and "Bearer" not in words


def test_more_of_the_request_may_have_a_name_that_only_sounds_secret():
    OpenAILLM.Options.model_validate({"model": "m", "extra_body": {"prompt_cache_key": "eureka", "top_p": 0.9}})


def test_every_option_is_described():
    assert [name for name, option in OpenAILLM.Options.model_fields.items() if not option.description] == []
