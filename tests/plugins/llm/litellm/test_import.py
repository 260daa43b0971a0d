"""litellm is imported late, once, and does nothing of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SETUP = """
import socket, sys
elsewhere = []
real_connect, real_lookup = socket.socket.connect, socket.getaddrinfo

def connect(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1"):
        elsewhere.append(address)
        raise OSError(f"guarded: {address}")
    return real_connect(self, address)

def lookup(host, *arguments, **keywords):
    if host not in ("127.0.0.1", "::1", "localhost", None):
        elsewhere.append(host)
        raise OSError(f"guarded: {host}")
    return real_lookup(host, *arguments, **keywords)

socket.socket.connect, socket.getaddrinfo = connect, lookup
from eureka_litellm import LiteLLM
from eureka.generator_types import CompletionRequest
from eureka.types import Message
assert "litellm" not in sys.modules
model, base_url = sys.argv[1:]
component = LiteLLM(LiteLLM.Options(model=model, base_url=base_url, max_retries=0, timeout_s=20))
assert "litellm" not in sys.modules
request = CompletionRequest(messages=(Message(role="user", content="hi"),), samples=tuple(range(8)), restart=0, iteration=0)
"""
ASK = """
import os, threading
answers = list(component.eureka_complete(request))
assert len(answers) == 8, answers
component.eureka_quote(request)
component.eureka_check_llm()
assert not elsewhere, elsewhere
assert "FROM_DOTENV" not in os.environ
"""
FAULT = """
from eureka.errors import ModelFault
options = {"model": "anthropic/claude-sonnet-4-5", "base_url": base_url.removesuffix("/v1"), "max_retries": 0}
try:
    list(LiteLLM(LiteLLM.Options(**options)).eureka_complete(request))
except ModelFault:
    assert not elsewhere, elsewhere
    sys.exit(7)
"""


def child(code: str, folder, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / ".env").write_text("FROM_DOTENV=1\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LITELLM", "COV_"))}
    return subprocess.run(
        [sys.executable, "-c", SETUP + code, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env={**kept, **environment},
    )


def test_importing_and_asking_opens_connections_to_the_model_only_and_prints_nothing(server, tmp_path):
    keys = {"OPENAI_API_KEY": "sk-8sT2kQ0v7LtR4bNs", "ANTHROPIC_API_KEY": "sk-8sT2kQ0v7LtR4bNs"}
    ended = child(ASK + FAULT, tmp_path, "openai/gpt-4o", f"{server.url}/v1", **keys)
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, "", "")
    assert [asked.path for asked in server.asked[:8]] == ["/v1/chat/completions"] * 8
    assert {asked.path for asked in server.asked[8:]} == {"/v1/messages"}


@pytest.mark.slow
def test_what_the_user_set_stays(server, tmp_path):
    code = "list(component.eureka_complete(request))\nimport os; print(os.environ['LITELLM_MODE'], 'FROM_DOTENV' in os.environ)"
    ended = child(code, tmp_path, "hosted_vllm/m", f"{server.url}/v1", LITELLM_MODE="DEV")
    assert (ended.returncode, ended.stdout) == (0, "DEV True\n"), ended.stderr
