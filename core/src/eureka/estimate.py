"""Says what a run may come to before anything is spent: answers, tokens, dollars, environment steps, time."""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul
from statistics import fmean

from eureka.budget import how_to_price
from eureka.config import Config
from eureka.env import LONGEST_EPISODE
from eureka.final import rewards_trained
from eureka.generator_types import Quote
from eureka.lessons import lessons_of, segment_ends, segment_lengths
from eureka.own_trainers import plays_checkpoints
from eureka.registry import make
from eureka.speeds import Speed
from eureka.spending import amount, counted
from eureka.training_plan import checkpoints_due, evaluation_episodes

# Measured with `eureka.tokens` on the conversations that the `llm` generator has about the six shipped tasks: the first prompt comes to
# 1,900 to 4,600 tokens, 3,100 on average; the parent's answer and the reflection on it add 800 where that answer is a short one. At most,
# as `tokens.at_most` counts: 9,300, and 2,800 more for a long answer sent back with what is wrong with it.
FIRST_PROMPT, LATER_PROMPT, LONGEST_PROMPT = 3_100, 4_300, 12_100
# The 68 hand-written rewards of our tests come to 160 tokens on average, 340 at most. Models write more, and words around it: a guess.
# What a model reasons is not in it, but in the most that `llm.max_tokens` allows.
ANSWER = 600
# Where nothing was measured: searches on CartPole made 4,000 to 20,000 on a core, evaluation included; a slow simulator makes hundreds.
ASSUMED_SPEED = 3_000.0


def estimate(config: Config, asked: Sequence[Quote], slots: int, speed: Speed | None) -> tuple[str, ...]:
    """A line for each thing a run spends.

    asked: see `model_check.quotes`; empty where no model is asked. slots: how many workers run at once. speed: None, not measured.
    """
    early = []
    if config.search.stop_when_solved:
        early = [f"Ends early: with the iteration in which a reward reaches a fitness of {config.task.fitness.solved:g}"]
    model = _asking(config, asked) if asked else ["Model: none is asked"]
    return (*model, *_training(config, slots, speed), *_lessons(config), *early)


def _lessons(config: Config) -> list[str]:
    lessons = lessons_of(config)
    before = [f"{lesson.name} ({lesson.steps:,} at most)" for lesson in lessons[:-1]]
    return [f"Lessons of each training, in steps: {', '.join(before)}, then the task itself ({lessons[-1].name})"] if lessons else []


def _asking(config: Config, asked: Sequence[Quote]) -> list[str]:
    assert config.llm is not None
    answers, repairs = len(asked), int(config.generator.options.get("repairs", 0))
    most = answers * (repairs + 2 if repairs else 1)
    names = dict.fromkeys(" ".join(filter(None, (quote.provider, quote.model))) or config.llm.use for quote in asked)
    with_repairs = f", at most {most:,} with repairs" if repairs else ""
    lines = [f"Model: {counted(answers, 'answer')} of {', '.join(names)}{with_repairs}"]
    first = len(config.search.written(0)) * config.search.restarts
    prompts = first * FIRST_PROMPT + (answers - first) * LATER_PROMPT
    limits = [quote.max_tokens for quote in asked]
    expected = [min(ANSWER, limit or ANSWER) for limit in limits]
    tokens_most = f", at most {most * (LONGEST_PROMPT + fmean(limits)):,.0f}{_cap(config, 'tokens')}" if all(limits) else ""
    lines.append(f"Tokens: about {prompts + sum(expected):,}, reasoning apart{tokens_most}")
    prices = [quote.price for quote in asked]
    if unpriced := {quote.model or config.llm.use: quote for quote in reversed(asked) if quote.price is None}:
        first_one = how_to_price(list(unpriced.values())[-1])
        return [*lines, f"Cost: not known, there is no price for {', '.join(reversed(unpriced))}. {first_one}"]
    cost = sum(price.input * prompts / answers + price.output * wrote for price, wrote in zip(prices, expected, strict=True) if price) / 1e6
    at_most = fmean(price.at_most(LONGEST_PROMPT, limit) for price, limit in zip(prices, limits, strict=True) if price) * most
    bounded = f", at most {dollars(at_most)}{_cap(config, 'cost_usd')}" if all(limits) and at_most else ""
    return [*lines, f"Cost: about {dollars(cost)}{bounded}"]


def _cap(config: Config, name: str) -> str:
    cap = getattr(config.budget, name)
    return f" (budget.{name} ends it at {amount(name, cap)})" if cap is not None else ""


def _training(config: Config, slots: int, speed: Speed | None) -> list[str]:
    search, training = config.search, config.training
    rewards = search.rewards
    again, final = min(search.retest, rewards), rewards_trained(config) * config.final.seeds
    measured = final + (search.start is not None and config.final.seeds > 0)
    trainings = rewards + again + final
    going = _going(config)
    spared = [search.samples - number for number in going]
    iterations = search.restarts * sum(search.candidates(iteration) == search.samples for iteration in range(search.iterations))
    lengths = segment_lengths(config)
    steps = trainings * training.steps - iterations * sum(map(mul, spared, lengths))
    due = [checkpoints_due(config, segment) for segment in range(len(going))]
    checkpoints = trainings * training.checkpoints - iterations * sum(map(mul, spared, due))
    parts = [counted(rewards, "candidate"), counted(again, "retest"), f"{final:,} of the final evaluation"]
    told = ", ".join(part for part, number in zip(parts, (rewards, again, final), strict=True) if number)
    if any(spared):
        ends = segment_ends(config)
        rungs = [f"{number:,} beyond {100 * end / training.steps:.3g} %" for number, end in zip(going[1:], ends, strict=False)]
        told += f"; of {counted(search.samples, 'candidate')} train {', '.join(rungs)}"
    about, tested = _evaluation(config, steps, checkpoints, measured, speed)
    seconds = (steps + about) / ((speed.steps_per_second if speed is not None else ASSUMED_SPEED) * slots)
    rate = (
        f"{speed.steps_per_second:,.0f} steps a second each, as a run here measured"
        if speed is not None
        else f"{ASSUMED_SPEED:,.0f} steps a second each, which is assumed: no run here has measured this environment and trainer"
    )
    start = "and a few seconds to start each job"
    if speed is None:
        start = "apart from starting each job, seconds each, and from what a trainer compiles when it is first used here"
    return [
        f"Environment steps: about {steps:,} of training ({counted(trainings, 'training')} of {training.steps:,}: {told}), "
        f"{tested}{_cap(config, 'env_steps')}",
        f"Time: {duration(seconds)} of training and evaluation on {counted(slots, 'slot')}, at {rate}; {start}{_cap(config, 'hours')}",
    ]


def _going(config: Config) -> list[int]:
    """How many candidates of an iteration train in each segment; all of them where the pruner does not say how many it keeps."""
    keeps = getattr(make("pruner", config.pruner), "keeps", lambda going: going)
    going = [config.search.samples]
    while len(going) < len(segment_ends(config)):
        going.append(keeps(going[-1]))
    return going


def _evaluation(config: Config, steps: int, checkpoints: int, final: int, speed: Speed | None) -> tuple[float, str]:
    """Environment steps of evaluation that are likely, and what to say of them.

    steps, checkpoints: of all trainings. final: policies that the final evaluation measures.
    """
    if not plays_checkpoints(config):
        longest = (speed.max_episode_steps if speed is not None else None) or LONGEST_EPISODE
        most = final * config.final.episodes * longest
        return 0.0, f"none of evaluation before the final one, which takes at most {most:,}" if most else "none of evaluation"
    share = config.evaluation.share * steps
    if speed is None:
        return share, f"about {share:,.0f} of evaluation, more where episodes are long"
    episodes = checkpoints * evaluation_episodes(config, speed.max_episode_steps) + final * config.final.episodes
    most = episodes * (speed.max_episode_steps or LONGEST_EPISODE)
    if speed.episode_steps is None:
        return min(share, most), f"at most {most:,} of evaluation"
    about = episodes * speed.episode_steps
    return about, f"about {about:,.0f} of evaluation (at most {most:,})"


def dollars(value: float) -> str:
    """`$12.30`, `$0.0031`."""
    return f"${value:,.2f}" if value >= 1 or not value else f"${value:.2g}"


def duration(seconds: float) -> str:
    """`about 1.3 hours`, `about 2 minutes`, `less than a minute`."""
    if seconds >= 3600:
        return f"about {seconds / 3600:,.1f} hours"
    return f"about {counted(round(seconds / 60), 'minute')}" if seconds >= 60 else "less than a minute"
