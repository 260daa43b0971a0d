"""What is sent, where to, and with which key."""

from __future__ import annotations

import pytest

from eureka.errors import ConfigError
from eureka.generator_types import Price
from eureka_openai import OpenAILLM

AZURE = {"deployment": "my-deployment"}


def header(asked, name: str) -> str:
    return {key.lower(): value for key, value in asked.headers.items()}[name]


def test_the_question_is_sent_as_the_options_say(server, make, ask, key):
    llm = make(temperature=0.5, max_tokens=100, reasoning_effort="low", extra_body={"top_p": 0.9}, organization="org-1", project="proj-1")
    ask(llm)
    asked = server.asked[0]
    assert asked.path == "/v1/chat/completions"
    assert asked.body["messages"][0] == {"role": "system", "content": "Write rewards."} and len(asked.body["messages"]) == 2
    rest = {name: value for name, value in asked.body.items() if name != "messages"}
    assert rest == {"model": "test-model", "max_tokens": 100, "temperature": 0.5, "reasoning_effort": "low", "top_p": 0.9}
    assert header(asked, "authorization") == f"Bearer {key}"
    assert header(asked, "openai-organization") == "org-1" and header(asked, "openai-project") == "proj-1"


def test_a_temperature_of_null_is_not_sent_and_a_lower_limit_of_the_request_is(server, make, ask):
    ask(make(temperature=None, max_tokens=100), max_tokens=50)
    assert "temperature" not in server.asked[0].body and server.asked[0].body["max_tokens"] == 50


def test_what_the_environment_says_of_openai_is_not_told_to_other_servers(server, make, ask, monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-of-mine")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer of-mine\nX-Team: of-mine")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key-000000001")
    ask(make())
    ask(make(preset="ollama"))
    ask(make(azure={"endpoint": server.url}))
    ask(make(azure={"endpoint": server.url, "api_version": "2024-10-21"}))
    assert len(server.asked) == 4 and all("of-mine" not in str(asked.headers) for asked in server.asked)


@pytest.mark.parametrize(
    ("preset", "url", "variable"),
    [
        ("ollama", "http://localhost:11434/v1", None),
        ("vllm", "http://localhost:8000/v1", None),
        ("lmstudio", "http://localhost:1234/v1", None),
        ("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
        ("gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY"),
        ("deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY"),
        (None, "https://api.openai.com/v1", "OPENAI_API_KEY"),
    ],
)
def test_a_preset_knows_its_address_and_the_variable_of_its_key(preset, url, variable, monkeypatch):
    llm = OpenAILLM(OpenAILLM.Options(model="m", preset=preset))
    assert llm.name == (preset or "openai") and llm.options.url == url and llm.key_env == variable
    if variable is None:
        llm.eureka_check_llm()
    else:
        with pytest.raises(ConfigError, match=f"{variable} is not set"):
            llm.eureka_check_llm()
        monkeypatch.setenv(variable, "sk-1234567890")
    assert str(llm.client.base_url).rstrip("/") == url


def test_a_preset_asks_its_server_with_its_own_key(server, make, ask, monkeypatch, key):
    monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-of-deepseek-0001")
    ask(make(preset="deepseek"))
    assert header(server.asked[0], "authorization") == "Bearer sk-of-deepseek-0001"


def test_a_server_without_a_key_gets_none_of_the_users(server, make, ask, key):
    ask(make(preset="ollama"))
    assert key not in str(server.asked[0].headers) and header(server.asked[0], "authorization") == "Bearer none"


def test_a_variable_named_in_the_config_goes_before_the_presets(server, make, ask, monkeypatch):
    llm = make(preset="vllm", api_key_env="VLLM_API_KEY")
    with pytest.raises(ConfigError, match="VLLM_API_KEY is not set"):
        llm.eureka_check_llm()
    monkeypatch.setenv("VLLM_API_KEY", " token-abc12345\n")
    ask(llm)
    assert header(server.asked[0], "authorization") == "Bearer token-abc12345"


def test_a_server_of_ones_own_needs_no_key(server, make, ask):
    llm = make()
    llm.eureka_check_llm()
    ask(llm)
    assert header(server.asked[0], "authorization") == "Bearer none"


def test_azure_without_a_version_is_asked_through_its_v1_address(server, make, ask, monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key-000000001")
    ask(make(azure={"endpoint": f"{server.url}/", **AZURE}, model="gpt-5"))
    asked = server.asked[0]
    assert asked.path == "/openai/v1/chat/completions" and header(asked, "authorization") == "Bearer azure-key-000000001"
    assert asked.body["model"] == "my-deployment" and asked.body["max_completion_tokens"] == 8192


def test_azure_with_a_version_is_asked_through_its_deployments_address(server, make, ask, monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key-000000001")
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "another-way-in-00001")
    ask(make(azure={"endpoint": server.url, "api_version": "2024-10-21", **AZURE}, model="gpt-5"))
    asked = server.asked[0]
    assert asked.path == "/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21"
    assert header(asked, "api-key") == "azure-key-000000001"
    assert "another-way-in" not in str(asked.headers)


def test_azure_needs_its_own_key(make, key):
    with pytest.raises(ConfigError, match="AZURE_OPENAI_API_KEY is not set, and azure needs a key"):
        make(azure={"endpoint": "https://r.openai.azure.com"}).eureka_check_llm()


def test_azure_costs_what_openai_does_for_the_model_named(make):
    azure = {"azure": {"endpoint": "https://r.openai.azure.com", "deployment": "mine"}, "model": "gpt-5-mini"}
    assert make(**azure).price == OpenAILLM(OpenAILLM.Options(model="gpt-5-mini")).price is not None
    assert make(**azure, price=Price(input=9, output=9)).price == Price(input=9, output=9)


def test_openai_itself_is_told_the_limit_by_its_newer_name(make):
    for url, name in (("https://api.openai.com/v1", "max_completion_tokens"), ("https://eu.api.openai.com/v1", "max_completion_tokens")):
        assert name in make(base_url=url)._dialect.worded({"max_tokens": 9})
    assert make(base_url="https://notopenai.com/v1")._dialect.worded({"max_tokens": 9}) == {"max_tokens": 9}
