"""What a generator would first ask a model, found out by asking the generator and no model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NoReturn

from eureka.config import Config
from eureka.contracts import build_manager
from eureka.generator_types import Answer
from eureka.history import GenerateRequest, History
from eureka.registry import make
from eureka.seeds import derive_seed
from eureka.types import EnvContext, Message


def first_request(config: Config, context: EnvContext) -> GenerateRequest:
    """What the generator is asked for in the first iteration of a run."""
    task = config.task if config.task.variables else config.task.model_copy(update={"variables": context.derived})
    samples = config.search.samples
    return GenerateRequest(
        history=History(task=task, context=context, restart=0),
        restart=0,
        iteration=0,
        iterations=config.search.iterations,
        samples=samples,
        missing=tuple(range(samples)),
        seed=derive_seed("design", config.seed, 0, 0),
    )


def first_prompt(config: Config, context: EnvContext) -> tuple[Message, ...] | None:
    """The first conversation that the config's generator wants continued; None where it writes a reward without asking."""
    tools = _Recording()
    hooks = build_manager({"generator": make("generator", config.generator, "generator")})
    try:
        next(iter(hooks.hook.eureka_generate_rewards(request=first_request(config, context), tools=tools) or ()), None)
    except Exception:
        if tools.first is None:
            raise  # the generator's own; what it makes of having got no answer is none of anybody's business
    return tools.first


class _NotAsked(Exception):
    """There is no answer."""


class _Recording:
    """A `eureka.hookspecs.GenerateTools` that keeps the first conversation and gives no answer."""

    def __init__(self) -> None:
        self.first: tuple[Message, ...] | None = None

    def ask(self, messages: tuple[Message, ...], samples: tuple[int, ...]) -> Iterable[Answer]:
        self._keep([messages])

    def ask_each(self, questions: Mapping[int, tuple[Message, ...]]) -> Iterable[Answer]:
        self._keep(questions.values())

    def _keep(self, conversations: Iterable[tuple[Message, ...]]) -> NoReturn:
        self.first = self.first or next(iter(conversations))
        raise _NotAsked
