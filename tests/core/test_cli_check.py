"""`eureka check`: what a run may come to, and whether its model answers."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

ONLINE = ("--online", "--no-look")
PARTS = sys.modules["tests.core.conftest"].PARTS
PRICED = Path(__file__).parent / "fakes" / "priced.py"


@pytest.fixture
def model(fake):
    """The options of a priced model, with changes."""

    def options(**changes):
        base = {"use": f"{PRICED}:PricedLLM", "answers": str(fake.folder / "answers.json"), "log": str(fake.folder / "sales.log")}
        return {**base, "price": {"input": 1, "output": 10}, "tokens": [12, 3], **changes}

    return options


def check(fake, *arguments, **changes):
    return fake.eureka("check", fake.write(**changes), *arguments)


def test_everything_a_run_may_come_to_is_told_and_nothing_is_asked_or_made(fake, model):
    before = sorted(fake.folder.iterdir())
    done = check(fake, llm=model())
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].endswith("a valid config for task point (its environment works)")
    assert lines[1] == "  Rewards: 6 (1 × 2 iterations × 3 samples)" and lines[3] == "  Model: 6 answers of acme m-1"
    assert lines[2].startswith("  Rewards run in processes of their own")
    assert [line.split(":")[0].strip() for line in lines[4:]] == ["Tokens", "Cost", "Environment steps", "Time"]
    assert fake.log("sales.log") == [] and {path.name for path in set(fake.folder.iterdir()) - set(before)} == {"point.yaml", "cache"}


@pytest.mark.parametrize(
    ("task", "wrong"),
    [
        ({"variables": {"x": {"from": "y"}}}, "task.variables.x.from: 'y' does not resolve; valid: x."),
        ({"fitness": {"value": "fit.py:near"}}, "task.fitness.value: {folder}/fit.py:near: the file has no function 'near'; it has: far."),
        ({"human": "fit.py"}, "task.human: {folder}/fit.py: the file has no function 'compute_reward'; it has: far."),
    ],
)
def test_a_task_that_does_not_work_is_told_at_its_place_and_nothing_is_estimated(fake, task, wrong):
    (fake.folder / "fit.py").write_text("def far(x):\n    return x\n")
    done = check(fake, task=task)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.match(rf"Error: point\.yaml:1:\d+: {re.escape(wrong.format(folder=fake.folder))}", done.stderr), done.stderr


def test_a_run_tells_the_same_of_a_task_that_does_not_work_and_estimates_nothing(fake):
    run = fake.run(task={"sim": {"use": f"{PARTS}:PointSim", "env": "pint"}})
    assert (run.returncode, run.stderr) == (2, fake.eureka("check", fake.config).stderr)
    assert run.stdout.splitlines()[-1] == "Looking at the environment" and "Time:" not in run.stdout


def test_an_environment_that_cannot_be_made_here_can_be_left_alone(fake):
    fake.write(task={"fitness": {"value": "nothing"}})
    assert fake.eureka("check", fake.config).returncode == 2
    done = fake.eureka("check", fake.config, "--no-look")
    assert done.returncode == 0, done.stderr
    assert "(its environment was not looked at)" in done.stdout and "Time:" in done.stdout


def test_a_run_tells_the_same_before_it_asks_anything(fake, model):
    told = [line.strip() for line in check(fake, llm=model()).stdout.splitlines()[2:]]
    run = fake.run("--set", "search.iterations=2", llm=model(fault="the provider is away."))
    assert run.returncode == 1 and "the provider is away." in run.stderr
    lines = run.stdout.splitlines()
    start = lines.index(told[0])
    assert lines[start - 1] == "Looking at the environment"
    assert lines[start : start + len(told)] == told and lines[start + len(told)] == "Iteration 1 of 2: writing 3 rewards"
    assert "0 of 3 answers are there and kept" in run.stderr
    assert fake.summary()["faults"] == 1 and fake.summary()["llm_calls"] == 0


def test_a_missing_key_is_a_remark_until_it_is_needed(fake, model):
    done = check(fake, llm=model(key="ACME_KEY"))
    assert done.returncode == 0 and "Not ready to run: llm.key: the environment variable ACME_KEY is not set." in done.stdout
    online = check(fake, *ONLINE, llm=model(key="ACME_KEY"))
    assert online.returncode == 2 and "Error: llm.key: the environment variable ACME_KEY is not set." in online.stderr
    with_key = fake.eureka("check", fake.config, *ONLINE, env={**os.environ, "ACME_KEY": "x" * 9})
    assert with_key.returncode == 0, with_key.stderr


def test_the_help_says_that_a_missing_key_is_no_error(fake):
    told = " ".join(fake.eureka("check", "--help").stdout.split())
    assert 'is told as "Not ready to run" and is no error here: the exit code is 0' in told


def test_online_asks_for_one_short_answer_and_says_who_gave_it_and_what_it_took(fake, model):
    done = check(fake, *ONLINE, llm=model())
    assert done.returncode == 0, done.stderr
    assert "  Online: acme m-1 answered (12 + 3 tokens, $4.2e-05, " in done.stdout
    assert fake.log("sales.log") == ["0 0 0"]


def test_an_empty_answer_is_an_answer(fake, model):
    fake.answers([[""]])
    done = check(fake, *ONLINE, llm=model(tokens=[12, 0], price=None))
    assert done.returncode == 0 and "acme m-1 answered (12 + 0 tokens, cost not known, " in done.stdout


def test_online_tells_a_fault_in_one_line(fake, model):
    done = check(fake, *ONLINE, llm=model(fault="llm: acme has no model m-1 (404). Look at llm.model."))
    assert done.returncode == 1 and done.stderr == "Error: llm: acme has no model m-1 (404). Look at llm.model.\n"


def test_online_asks_every_member_also_after_one_that_fails(fake, model):
    fake.settings.pop("llm")
    members = [model(model="m-1", fault="llm: m-1 is away. Look at llm.model."), model(model="m-2"), model(key="ACME_KEY")]
    done = check(fake, *ONLINE, llm={"use": "ensemble", "members": members})
    assert done.returncode == 2
    assert "Error: llm.members[0]: m-1 is away. Look at llm.members[0].model." in done.stderr
    assert "Error: llm.members[2].key: the environment variable ACME_KEY is not set." in done.stderr
    assert "Online: acme m-2 answered" in done.stdout


def test_online_without_a_model_is_refused(fake):
    done = fake.eureka("check", "cartpole", *ONLINE)
    assert done.returncode == 2 and "names none, so --online has nobody to ask" in done.stderr


def test_without_a_model_nothing_is_said_of_dollars(fake):
    done = fake.eureka("check", "cartpole")
    assert done.returncode == 0 and "Model: none is asked" in done.stdout and "$" not in done.stdout


@pytest.mark.parametrize(("price", "missing"), [({"input": 1}, "output"), ({"output": 1}, "input")])
def test_half_a_price_is_refused(fake, model, price, missing):
    done = check(fake, llm=model(price=price))
    assert done.returncode == 2 and f"llm.price.{missing}: is missing: What a million tokens" in done.stderr
