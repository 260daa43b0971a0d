"""A model behind a local server, asked through the component."""

from __future__ import annotations

import pytest

from eureka.generator_types import CompletionRequest
from eureka.types import Message
from eureka_litellm import LiteLLM
from servers.chat import chat_server

MESSAGES = (Message(role="system", content="You write rewards."), Message(role="user", content="CartPole."))


@pytest.fixture(autouse=True)
def key(monkeypatch):
    """The only key there is."""
    for name in ("ANTHROPIC_API_KEY", "GROQ_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_BASE", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("OPENAI_API_KEY", key := "sk-proj-Zx81mQ0v7LtR4bNs")
    return key


@pytest.fixture
def server():
    server = chat_server()
    yield server
    server.close()


@pytest.fixture
def llm(server):
    """A component whose server is the local one; keywords are options."""

    def make(**options) -> LiteLLM:
        given = {"model": "openai/gpt-4o", "base_url": f"{server.url}/v1", "max_retries": 0, "timeout_s": 5}
        return LiteLLM(LiteLLM.Options(**{**given, **options}))

    return make


@pytest.fixture
def request_of():
    """A question for so many samples."""

    def make(samples: int = 1, **fields) -> CompletionRequest:
        return CompletionRequest(messages=MESSAGES, samples=tuple(range(samples)), restart=0, iteration=0, **fields)

    return make
