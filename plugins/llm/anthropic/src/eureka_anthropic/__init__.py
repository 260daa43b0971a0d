"""Ask Anthropic's models for rewards."""

from eureka_anthropic.llm import AnthropicLLM

__all__ = ["AnthropicLLM"]
