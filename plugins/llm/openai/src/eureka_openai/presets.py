"""Servers known by name: where each is, and what its format leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Preset:
    """A server. key_env: the variable its key is in; None: it needs none. n: whether one call may be asked for several answers."""

    base_url: str
    key_env: str | None = None
    n: bool = False


OPENAI = Preset("https://api.openai.com/v1", "OPENAI_API_KEY", n=True)
AZURE_KEY = "AZURE_OPENAI_API_KEY"

# Addresses as each one's documentation gives them. Ollama, LM Studio and DeepSeek do not list `n` among what they take, OpenRouter ignores
# it, and Gemini refuses more than some models' own few.
PRESETS: dict[str, Preset] = {
    "ollama": Preset("http://localhost:11434/v1"),
    "vllm": Preset("http://localhost:8000/v1", n=True),
    "lmstudio": Preset("http://localhost:1234/v1"),
    "openrouter": Preset("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "gemini": Preset("https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY"),
    "deepseek": Preset("https://api.deepseek.com", "DEEPSEEK_API_KEY"),
}


def is_openai(url: str) -> bool:
    """Whether an address is OpenAI's own, one of its regions' among them."""
    host = urlsplit(url).hostname or ""
    return host == "openai.com" or host.endswith(".openai.com")
