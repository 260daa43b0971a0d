"""What a run may come to, told before anything is spent."""

from __future__ import annotations

import re

import pytest

from eureka.config import load_config
from eureka.estimate import ANSWER, FIRST_PROMPT, LATER_PROMPT, LONGEST_PROMPT, dollars, duration, estimate
from eureka.generator_types import Price, Quote
from eureka.speeds import Speed

PRICE = Price(input=1, cached_input=0.1, output=10)


@pytest.fixture
def config(fake):
    """2 × 3 samples, each trained for 200 steps, one retest, one final seed; two repairs."""
    return load_config(str(fake.write(generator={"repairs": 2})))


def with_caps(config, **caps):
    return config.model_copy(update={"budget": config.budget.model_copy(update=caps)})


def line(lines, label):
    return next(one.removeprefix(f"{label}: ") for one in lines if one.startswith(f"{label}: "))


def quote(**more):
    return Quote(**{"provider": "acme", "model": "m-1", "max_tokens": 1000, "price": PRICE, **more})


def test_answers_tokens_and_cost_are_told_about_and_at_most(config):
    lines = estimate(config, [quote()] * 6, 2, None)
    assert line(lines, "Model") == "6 answers of acme m-1, at most 24 with repairs"
    prompts = 3 * (FIRST_PROMPT + LATER_PROMPT)
    assert line(lines, "Tokens") == f"about {prompts + 6 * ANSWER:,}, reasoning apart, at most {24 * (LONGEST_PROMPT + 1000):,}"
    about, most = (prompts + 60 * ANSWER) / 1e6, 24 * (LONGEST_PROMPT + 10_000) / 1e6
    assert line(lines, "Cost") == f"about {dollars(about)}, at most {dollars(most)}"


def test_without_repairs_the_most_is_an_answer_a_sample(config):
    plain = config.model_copy(update={"generator": config.generator.model_copy(update={"options": {}})})
    assert line(estimate(plain, [quote()] * 6, 2, None), "Model") == "6 answers of acme m-1"


def test_without_a_model_no_dollars_are_mentioned(config):
    lines = estimate(config, [], 2, None)
    assert line(lines, "Model") == "none is asked" and not any("$" in one or "token" in one for one in lines)


def test_an_unknown_price_is_said_plainly_with_the_setting_that_gives_it(config):
    told = line(estimate(config, [quote(), quote(model="m-9", price=None)] * 3, 2, None), "Cost")
    assert told.startswith("not known, there is no price for m-9.") and "--set 'llm.price={input: 1, output: 4}'" in told


def test_several_models_are_named_and_each_is_reckoned_at_its_price(config):
    cheap, dear = quote(), quote(model="m-2", price=Price(input=10, output=100))
    lines = estimate(config, [cheap, dear] * 3, 2, None)
    assert line(lines, "Model").startswith("6 answers of acme m-1, acme m-2")
    costs = [re.search(r"about \$([\d.]+)", line(estimate(config, [one] * 6, 2, None), "Cost"))[1] for one in (cheap, dear)]
    both = float(re.search(r"about \$([\d.]+)", line(lines, "Cost"))[1])
    assert both == pytest.approx(sum(map(float, costs)) / 2, rel=0.05)


def test_an_answer_is_never_reckoned_longer_than_its_limit(config):
    prompts = 3 * (FIRST_PROMPT + LATER_PROMPT)
    assert f"about {prompts + 6 * 50:,}," in line(estimate(config, [quote(max_tokens=50)] * 6, 2, None), "Tokens")


def test_an_unknown_limit_leaves_out_the_most(config):
    lines = estimate(config, [quote(max_tokens=0)] * 6, 2, None)
    assert "at most" not in line(lines, "Tokens") and "at most" not in line(lines, "Cost")


def test_caps_stand_beside_what_they_end(config):
    lines = estimate(with_caps(config, cost_usd=0.5, tokens=10_000, env_steps=900, hours=2.5), [quote()] * 6, 2, None)
    for label, words in {
        "Tokens": "(budget.tokens ends it at 10,000)",
        "Cost": "(budget.cost_usd ends it at 0.5)",
        "Environment steps": "(budget.env_steps ends it at 900)",
        "Time": "(budget.hours ends it at 2.5)",
    }.items():
        assert line(lines, label).endswith(words)


def test_steps_count_the_search_the_retest_and_each_final_training_once(config):
    # The human's reward is the fitness here, so two rewards are trained for the final evaluation.
    assert line(estimate(config, [], 2, None), "Environment steps") == (
        "about 1,800 of training (9 trainings of 200: 6 candidates, 1 retest, 2 of the final evaluation), about 360 of evaluation, "
        "more where episodes are long"
    )


def test_what_a_pruner_stops_early_is_not_counted_and_it_is_said_how_many_train_on(fake):
    settings = {"pruner": {"use": "successive-halving", "keep": 0.3}, "training": {"segments": [0.25, 0.5]}}
    config = load_config(str(fake.write(search={"samples": 8, "iterations": 2}, **settings)))
    search = 2 * (8 * 50 + 3 * 50 + 1 * 100)
    told = line(estimate(config, [], 2, None), "Environment steps")
    assert told.startswith(f"about {search + 3 * 200:,} of training (19 trainings of 200: 16 candidates, 1 retest, 2 of the final eval")
    assert "; of 8 candidates train 3 beyond 25 %, 1 beyond 50 %), about " in told
    checkpoints = 2 * (8 * 2 + 3 * 3 + 1 * 5) + 3 * 10  # two of ten are due by 25 %, three more by 50 %
    measured = line(estimate(config, [], 2, Speed(steps_per_second=1, max_episode_steps=10)), "Environment steps")
    assert measured.endswith(f"), at most {(checkpoints * 2 + 2 * 3) * 10:,} of evaluation")


def test_a_pruner_that_does_not_say_how_many_it_keeps_is_reckoned_to_keep_all(fake):
    (fake.folder / "odd.py").write_text(
        "import eureka\n\nclass Odd(eureka.Component):\n    @eureka.hookimpl\n    def eureka_prune(self, rung):\n        return ()\n"
    )
    config = load_config(str(fake.write(pruner="odd.py:Odd", training={"segments": 2})))
    assert line(estimate(config, [], 2, None), "Environment steps").startswith("about 1,800 of training (9 trainings of 200: 6 cand")


def test_one_of_anything_is_told_as_one(config):
    search = config.search.model_copy(update={"iterations": 1, "samples": 1, "retest": 0})
    one = config.model_copy(update={"search": search, "final": config.final.model_copy(update={"seeds": 0})})
    lines = estimate(one, [quote()], 1, None)
    assert line(lines, "Model").startswith("1 answer of acme") and "(1 training of 200: 1 candidate)" in line(lines, "Environment steps")
    assert "on 1 slot," in line(lines, "Time")


def test_what_a_run_here_measured_tells_what_is_likely_and_the_most(config):
    lines = estimate(config, [], 2, Speed(steps_per_second=0.5, max_episode_steps=10, episode_steps=4))
    episodes = 9 * 10 * 2 + 2 * 3  # trainings, checkpoints, episodes; and the fresh ones the final asks for
    assert line(lines, "Environment steps").endswith(f"), about {episodes * 4:,} of evaluation (at most {episodes * 10:,})")
    assert line(lines, "Time") == (
        f"about {(1800 + episodes * 4) / 60:.0f} minutes of training and evaluation on 2 slots, at 0 steps a second each, as a run here "
        "measured; and a few seconds to start each job"
    )
    unknown = estimate(config, [], 2, Speed(steps_per_second=0.5, max_episode_steps=10))
    assert line(unknown, "Environment steps").endswith(f"), at most {episodes * 10:,} of evaluation")


@pytest.mark.parametrize(
    ("seconds", "words"), [(9, "less than a minute"), (61, "about 1 minute"), (130, "about 2 minutes"), (4680, "about 1.3 hours")]
)
def test_time_is_told_in_minutes_below_an_hour(seconds, words):
    assert duration(seconds) == words


def test_without_a_measurement_it_is_said_what_was_assumed(config):
    told = line(estimate(config, [], 1, None), "Time")
    assert "3,000 steps a second each, which is assumed: no run here has measured" in told
    assert "apart from starting each job, seconds each, and from what a trainer compiles" in told


@pytest.mark.parametrize(("value", "words"), [(0, "$0.00"), (0.00312, "$0.0031"), (0.5, "$0.5"), (12.3, "$12.30"), (1234.5, "$1,234.50")])
def test_dollars_are_told_in_two_digits_at_least(value, words):
    assert dollars(value) == words
