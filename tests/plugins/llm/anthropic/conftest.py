"""The component against a local server that speaks the Messages format, over real sockets."""

from __future__ import annotations

import pytest

from eureka_anthropic import AnthropicLLM
from servers.messages import messages_server
from servers.questions import KEY


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "*")
    for name in ("ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server():
    server = messages_server()
    yield server
    server.close()


@pytest.fixture
def made(server):
    """The component, asking the server; with quick giving up, so that a mistake shows soon."""

    def make(**options):
        given = {"model": "claude-test", "base_url": server.url, "max_retries": 0, "timeout_s": 20, **options}
        return AnthropicLLM(AnthropicLLM.Options(**given))

    return make
