"""`llm: litellm`: every provider that the LiteLLM library knows. The library itself is imported when a model is first asked or priced."""

from eureka_litellm.llm import LiteLLM

__all__ = ["LiteLLM"]
