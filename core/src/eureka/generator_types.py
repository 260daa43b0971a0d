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
    """One answer of a model."""

    sample: int
    text: str
    model: str = ""
    finish_reason: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0


class CompletionRequest(Record):
    """One conversation to be continued once per entry of `samples`; each answer names its sample."""

    messages: tuple[Message, ...]
    samples: tuple[int, ...]
    restart: int
    iteration: int
    attempt: int = 0


class Failure(Record):
    """A distinct way candidates of the last iteration failed, and how many did."""

    count: int
    stage: str
    message: str
    line: int | None = None
