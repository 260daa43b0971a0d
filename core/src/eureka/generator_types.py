"""What generators and models are given and give; none of it is journalled as it stands."""

from __future__ import annotations

from pydantic import Field

from eureka.types import Message, Record


class Draft(Record):
    """One reward as a generator answers it: raw text in the form a model would write."""

    sample: int
    text: str
    parents: tuple[str, ...] = ()
    replicate_of: str | None = Field(None, description="Id of an earlier candidate this is to be trained again for, on the new seed.")


class Answer(Record):
    """One answer of a model. Tokens are those the provider's usage block tells.

    input_tokens: all that were read, those from and into the provider's cache among them. output_tokens: with those of reasoning.
    finish_reason: `stop`, `length` (cut off at its limit), `refusal`, or a provider's own word.
    """

    sample: int
    text: str
    provider: str = Field("", description="Who answered, where the config's `llm` asks several; empty: the `llm` itself.")
    model: str = ""
    finish_reason: str = ""
    input_tokens: int = 0
    cached_input_tokens: int = Field(0, description="Of the input, read from a cache at its own price.")
    cache_write_tokens: int = Field(0, description="Of the input, written to a cache at its own price.")
    output_tokens: int = 0
    lost_tries: int = Field(0, description="Calls for it that broke off before and may be billed; each counts at its most.")
    cost_usd: float | None = Field(None, description="Where the provider tells it; else core computes it from the quote's price.")


class Price(Record):
    """US dollars per million tokens."""

    input: float = Field(ge=0, description="What a million tokens read cost, in US dollars.")
    cached_input: float | None = Field(None, ge=0, description="Read from the provider's cache; null: as `input`.")
    cache_write: float | None = Field(None, ge=0, description="Read and written to its cache; null: as `input`.")
    output: float = Field(ge=0, description="What a million tokens written cost, reasoning included, in US dollars.")

    def of(self, answer: Answer) -> float:
        """What an answer cost, in US dollars."""
        cached, written = answer.cached_input_tokens, answer.cache_write_tokens
        plain = max(0, answer.input_tokens - cached - written)
        read = self.input if self.cached_input is None else self.cached_input
        write = self.input if self.cache_write is None else self.cache_write
        return (plain * self.input + cached * read + written * write + answer.output_tokens * self.output) / 1e6

    def at_most(self, input_tokens: int, output_tokens: int) -> float:
        """The most so many tokens may cost, in US dollars."""
        return (input_tokens * max(self.input, self.cache_write or 0.0) + output_tokens * self.output) / 1e6


class Quote(Record):
    """What one answer may come to at most. max_tokens: of output; 0: unknown. price: None: unknown. setting: where the config says so."""

    provider: str = ""
    model: str = ""
    max_tokens: int = 0
    price: Price | None = None
    setting: str = "llm"


class CompletionRequest(Record):
    """One conversation to be continued once per entry of `samples`; each answer names its sample.

    max_tokens: at most this many of output, where that is less than what the component's options say; None: as they say.
    """

    messages: tuple[Message, ...]
    samples: tuple[int, ...]
    restart: int
    iteration: int
    attempt: int = 0
    max_tokens: int | None = None


class Failure(Record):
    """A distinct way candidates of the last iteration failed, and how many did."""

    count: int
    stage: str
    message: str
    line: int | None = None
