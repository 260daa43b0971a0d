"""An `llm: openai` that talks to a local server, made as a config makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from eureka.generator_types import Answer, CompletionRequest
from eureka.types import Message
from eureka_openai import OpenAILLM
from servers.base import Server
from servers.chat import chat_server

KEY = "sk-q7Rw2QzLx9Vb4NcM8dKfJ3hGp6Ys1Ae5"


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    """Nothing of the environment's: neither keys nor addresses."""
    for name in ("OPENAI", "AZURE_OPENAI", "OPENROUTER", "GEMINI", "DEEPSEEK"):
        monkeypatch.delenv(f"{name}_API_KEY", raising=False)
    for name in ("OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def key(monkeypatch) -> str:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return KEY


@pytest.fixture
def server() -> Iterator[Server]:
    server = chat_server()
    yield server
    server.close()


@pytest.fixture
def make(server) -> Callable[..., OpenAILLM]:
    """An llm at that server, which tries nothing again."""

    def made(**options) -> OpenAILLM:
        where = {} if "azure" in options else {"base_url": f"{server.url}/v1"}
        return OpenAILLM(OpenAILLM.Options(**{"model": "test-model", "max_retries": 0, **where, **options}))

    return made


@pytest.fixture
def ask() -> Callable[..., list[Answer]]:
    """The answers to one question, by sample."""

    def asked(llm: OpenAILLM, samples: int = 1, **more) -> list[Answer]:
        messages = (Message(role="system", content="Write rewards."), Message(role="user", content="One for CartPole, please."))
        question = CompletionRequest(messages=messages, samples=tuple(range(samples)), restart=0, iteration=0, **more)
        return sorted(llm.eureka_complete(request=question), key=lambda answer: answer.sample)

    return asked
