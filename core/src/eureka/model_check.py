"""Looks before a run begins at whether its model can be asked, and whether `budget` covers a beginning."""

from __future__ import annotations

from typing import Any

import pluggy

from eureka.budget import refuse_unpayable
from eureka.config import Config
from eureka.generator_types import CompletionRequest, Quote
from eureka.run import Run
from eureka.step_budget import refuse_untrainable
from eureka.types import Message

QUESTION = Message(role="user", content="Answer with the word yes.")


def asks_model(config: Config, generator: Any) -> bool:
    """Whether the generator asks the configured `llm`."""
    return config.llm is not None and getattr(generator, "needs_llm", False)


def quotes(config: Config, hooks: pluggy.PluginManager) -> list[Quote]:
    """What each first answer of the search may come to; one of an unknown price where the `llm` does not say. None is asked for."""
    found: list[Quote] = []
    for restart in range(config.search.restarts):
        for iteration in range(config.search.iterations):
            samples = tuple(config.search.written(iteration))
            if not samples:
                continue
            request = CompletionRequest(messages=(QUESTION,), samples=samples, restart=restart, iteration=iteration)
            given = hooks.hook.eureka_quote(request=request) or {}
            found += [given.get(sample, Quote()) for sample in samples]
    return found


def check_model(run: Run, generator: Any) -> None:
    """Raise ConfigError where the model cannot be asked, as for a missing key, or `budget` covers no answer or no training."""
    if run.state.context is None:
        refuse_untrainable(run.config)
    if asks_model(run.config, generator):
        refuse_unpayable(run.config, quotes(run.config, run.hooks), anew=not run.state.asked)
        run.hooks.hook.eureka_check_llm()
