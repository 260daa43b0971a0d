"""Models behind the Chat Completions format: OpenAI, Azure, and every server that speaks it."""

from eureka_openai.llm import OpenAILLM

__all__ = ["OpenAILLM"]
