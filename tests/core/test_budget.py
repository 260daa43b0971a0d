"""Caps: never exceeded, an end in good order with what there is, and nothing lost for a resume with a higher one."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

from eureka.budget import Most, affordable, cap_in_words, refuse_unpayable
from eureka.config import load_config
from eureka.errors import ConfigError
from eureka.generator_types import Price, Quote
from eureka.spending import spent
from eureka.state import State
from eureka.types import Asked, Completion, Fault, Message

FAKES = Path(__file__).parent / "fakes"
FREE = Price(input=0, output=0)
FAR, NEAR, SMALL = (getattr(sys.modules["tests.core.conftest"], name) for name in ("FAR", "NEAR", "SMALL"))


def priced(fake, **options):
    """The fake's model at a price: an answer takes $0.003, of at most about $0.009."""
    use = {"use": f"{FAKES / 'priced.py'}:PricedLLM", "answers": str(fake.folder / "answers.json"), "log": str(fake.folder / "sales.log")}
    return {**use, "price": {"input": 1, "output": 10}, "max_tokens": 600, **options}


# ── Answers, without a run ───────────────────────────────────────────────────────────────────────────────────────────


def asked(*samples: int, tokens: int = 0, cost: float = 0.0) -> Asked:
    message = Message(role="user", content="?")
    return Asked(restart=0, iteration=0, samples=samples, messages=(message,), max_tokens=tokens, max_cost_usd=cost, time=0)


def completion(sample: int, tokens: int, cost: float | None) -> Completion:
    return Completion(restart=0, iteration=0, sample=sample, text="", provider="x", output_tokens=tokens, cost_usd=cost, started=0, ended=0)


@pytest.fixture
def config(fake):
    return load_config(str(fake.write()))


def capped(config, **caps):
    return config.model_copy(update={"budget": config.budget.model_copy(update=caps)})


@pytest.mark.parametrize("seed", range(20))
def test_waves_of_answers_never_exceed_a_cap_and_leave_less_than_one_answer_at_its_most(config, seed):
    rng = random.Random(seed)
    caps = {"cost_usd": rng.uniform(0.1, 3), "tokens": rng.randint(500, 9000), "llm_calls": rng.randint(1, 40)}
    run, state = capped(config, **caps), State(Path(), config.task)
    most = {sample: Most(rng.randint(50, 900), rng.uniform(0.01, 0.4), FREE) for sample in range(60)}
    while most and (wave := affordable(run, state, most)):
        state.apply(asked(*wave, tokens=max(most[s].tokens for s in wave), cost=max(most[s].cost_usd for s in wave)))
        for sample in wave:
            one = most.pop(sample)
            state.apply(completion(sample, int(one.tokens * rng.random()), one.cost_usd * rng.random()))
        assert all(spent(state)[name] <= cap for name, cap in caps.items())
    have = spent(state)
    assert most and any(have[name] + need > caps[name] for name, need in (("cost_usd", 0.4), ("tokens", 900), ("llm_calls", 1)))
    assert any(f"budget.{name}" in cap_in_words(run, state, most) for name in caps)


def test_an_answer_of_unknown_price_is_not_covered_by_a_cap_in_dollars(config):
    state, most = State(Path(), config.task), {0: Most(10, 0.001, FREE), 1: Most(10, None, None)}
    assert affordable(capped(config), state, most) == [0, 1] and affordable(capped(config, cost_usd=9), state, most) == [0]
    assert "llm.price" in cap_in_words(capped(config, cost_usd=9), state, {1: most[1]})


def test_an_answer_that_never_came_counts_at_its_most_unless_it_was_refused(config):
    state = State(Path(), config.task, [asked(0, 1, 2, tokens=100, cost=0.5), completion(0, 10, 0.1)])
    assert spent(state)["cost_usd"] == pytest.approx(1.1) and spent(state)["tokens"] == 210 and spent(state)["llm_calls"] == 3
    state.apply(Fault(restart=0, iteration=0, samples=(1, 2), message="", billed=False, time=0))
    assert spent(state)["cost_usd"] == pytest.approx(0.1) and spent(state)["llm_calls"] == 1


def test_a_cap_in_dollars_needs_a_price_and_a_limit_and_one_answer_within_it(config):
    run = capped(config, cost_usd=0.01)
    with pytest.raises(ConfigError, match=r"the price of m-9 is not known.*--set 'llm\.price=\{input: 1, output: 4\}'"):
        refuse_unpayable(run, [Quote(model="m-1", max_tokens=9, price=FREE), Quote(model="m-9", max_tokens=9)])
    with pytest.raises(ConfigError, match="how many tokens an answer of m-9 may have"):
        refuse_unpayable(run, [Quote(model="m-9", price=Price(input=0, output=1))])
    dear = [Quote(model="m-9", max_tokens=2000, price=Price(input=0, output=10))]
    with pytest.raises(ConfigError, match=r"0\.01 does not cover one answer, which may come to 0\.02.*llm\.max_tokens"):
        refuse_unpayable(run, dear)
    refuse_unpayable(run, dear, anew=False)  # a run at its cap may be resumed, to train what it has
    refuse_unpayable(run, [Quote(model="free", price=FREE)])
    refuse_unpayable(capped(config), [Quote()])


# ── Runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_a_run_ends_below_its_cap_in_dollars_with_a_usable_result_and_goes_on_under_a_higher_one(fake):
    done = fake.run("--set", "budget.cost_usd=0.02", llm=priced(fake))
    assert done.returncode == 0, done.stderr
    assert "budget.cost_usd: 0.0" in done.stdout and "of 0.02 spent, and the next answer may come to" in done.stdout
    assert f"Go on with: eureka resume {fake.run_dir} --set budget.cost_usd=0.04\n" in done.stdout
    summary = fake.summary()
    assert 0.006 <= summary["cost_usd"] <= 0.02 and summary["best"]["fitness"] is not None and summary["final"]
    assert len(fake.log("sales.log")) == summary["llm_calls"] < 6
    assert fake.eureka("resume", fake.run_dir, "--set", "budget.cost_usd=1").returncode == 0
    assert len(fake.log("sales.log")) == 6 and fake.summary()["cost_usd"] == pytest.approx(6 * 0.003)
    whole = fake.eureka("run", fake.write(), "--run-dir", fake.folder / "whole")
    assert whole.returncode == 0
    longer, once = fake.summary(), fake.summary(fake.folder / "whole")
    assert longer.pop("env_steps") != once.pop("env_steps")  # what was best under the cap had its final evaluation, too
    assert longer == once


@pytest.mark.parametrize(("options", "words"), [({"price": None}, "llm.price"), ({"max_tokens": 9000}, "llm.max_tokens")])
def test_a_cap_in_dollars_that_cannot_be_kept_is_refused_before_anything_is_made(fake, options, words):
    refused = fake.run("--set", "budget.cost_usd=0.02", llm=priced(fake, **options))
    assert refused.returncode == 2 and words in refused.stderr and refused.stderr.count("\n") == 1
    assert not fake.run_dir.exists() and fake.log("sales.log") == []
    assert fake.eureka("check", fake.config, "--set", "budget.cost_usd=0.02").stderr == refused.stderr


def test_a_missing_key_is_told_before_anything_is_made_and_a_finished_run_needs_none(fake):
    small = {"search": {"iterations": 1, "retest": 0}, "final": {"seeds": 0}}
    refused = fake.run(llm=priced(fake, key="ACME_KEY"), **small)
    assert refused.returncode == 2 and "ACME_KEY" in refused.stderr and not fake.run_dir.exists()
    key = {**os.environ, "XDG_CACHE_HOME": str(fake.folder / "cache"), "ACME_KEY": "sesame-open-yourself"}
    assert fake.eureka("run", fake.config, "--run-dir", fake.run_dir, env=key).returncode == 0
    assert fake.eureka("resume", fake.run_dir).returncode == 0
    before = (fake.run_dir / "journal.jsonl").read_text()
    assert fake.eureka("resume", fake.run_dir, "--set", "search.iterations=2").returncode == 2
    assert (fake.run_dir / "journal.jsonl").read_text() == before and "iterations: 1" in (fake.run_dir / "config.yaml").read_text()
    assert fake.eureka("finish", fake.run_dir).returncode == 0


@pytest.fixture(scope="module")
def uncapped(tmp_path_factory):
    """Runs without a cap, by number of segments: what a capped one must come to once its cap is raised."""
    made = {}

    def get(segments, **changes):
        if segments not in made:
            run = sys.modules["tests.core.conftest"].Fake(tmp_path_factory.mktemp("uncapped"))
            assert run.run(training={"segments": segments}, **changes).returncode == 0
            made[segments] = run.summary()
        return made[segments]

    return get


@pytest.mark.parametrize(
    ("cap", "trained", "missing"),
    [pytest.param(1300, 3, "2", marks=pytest.mark.slow), (700, 1, "5"), pytest.param(2600, 5, "final", marks=pytest.mark.slow)],
)
def test_steps_never_exceed_their_cap_and_a_higher_one_ends_as_if_there_had_been_none(fake, uncapped, cap, trained, missing):
    done = fake.run("--set", f"budget.env_steps={cap}")
    assert done.returncode == 0, done.stderr
    summary = fake.summary()
    assert sum(summary["env_steps"].values()) <= cap
    assert sum(record["phase"] == "search" for record in fake.journal("outcome")) == trained
    assert summary["best"]["id"] and summary["final"] is None
    assert f"of {cap:,} spent, and {'the final evaluation' if missing == 'final' else 'a training'} may come to" in done.stdout
    again = fake.eureka("resume", fake.run_dir)
    assert again.returncode == 0 and fake.summary() == summary  # the same cap: nothing more
    assert fake.eureka("resume", fake.run_dir, "--set", "budget.env_steps=1000000").returncode == 0
    assert fake.summary() == uncapped(1)


@pytest.mark.slow
def test_a_training_in_segments_begins_only_where_all_of_them_fit(fake, uncapped):
    done = fake.run("--set", "budget.env_steps=700", training={"segments": 2})
    assert done.returncode == 0, done.stderr
    assert len(fake.journal("outcome")) == 1 and not list(fake.run_dir.glob("**/state"))
    assert sum(fake.summary()["env_steps"].values()) <= 700
    assert fake.eureka("resume", fake.run_dir, "--set", "budget.env_steps=null").returncode == 0
    assert fake.summary() == uncapped(2)


PRUNER = """import eureka

class First(eureka.Component):
    @eureka.hookimpl
    def eureka_prune(self, rung):
        return tuple(sorted(rung.results, key=lambda id_: rung.results[id_][-1].checkpoints[-1].fitness))[-1:]
"""


@pytest.mark.slow
def test_who_is_pruned_does_not_depend_on_a_cap(fake):
    (fake.folder / "first.py").write_text(PRUNER)
    fake.answers([[SMALL, FAR, NEAR]])
    settings = {"pruner": "first.py:First", "training": {"segments": 2}, "search": {"iterations": 1, "retest": 0}, "final": {"seeds": 0}}
    stopped = fake.run("--set", "budget.env_steps=450", **settings)  # two of three come to the rung
    assert stopped.returncode == 1 and "no candidate has trained yet" in stopped.stderr and "budget.env_steps" in stopped.stderr
    assert len(fake.journal("result")) == 2 and fake.journal("pruning") == []
    assert fake.eureka("resume", fake.run_dir, "--set", "budget.env_steps=null").returncode == 0
    assert fake.eureka("run", fake.config, "--run-dir", fake.folder / "whole").returncode == 0
    assert [one["kept"] for one in fake.journal("pruning")] == [one["kept"] for one in fake.journal("pruning", fake.folder / "whole")]
    assert fake.summary() == fake.summary(fake.folder / "whole")


@pytest.mark.parametrize(
    ("cap", "words"),
    [
        (199, "a training has 200 environment steps, evaluation apart. Raise it, or lower training.steps"),
        (
            399,
            "a training may come to 400 environment steps, 200 of them evaluation at its longest (evaluation.min_episodes or "
            "training.checkpoints lowers that). Raise it, or make trainings shorter",
        ),
    ],
)
def test_steps_that_do_not_cover_one_training_are_refused_before_anything_is_bought(fake, cap, words):
    refused = fake.run("--set", f"budget.env_steps={cap}")
    assert (refused.returncode, fake.log("sales.log"), fake.run_dir.exists()) == (2, [], False)
    assert refused.stderr == f"Error: budget.env_steps: {cap} does not cover one training: {words}\n"
    checked = fake.eureka("check", fake.config, "--set", f"budget.env_steps={cap}")
    assert checked.stderr == refused.stderr


def test_no_answer_is_bought_that_could_not_be_trained(fake):
    done = fake.run("--set", "budget.env_steps=450", search={"samples": 1, "retest": 0}, final={"seeds": 0})
    assert done.returncode == 0 and len(fake.log("sales.log")) == 1
    assert (
        "of 450 spent, and a training may come to 400 environment steps, 200 of them evaluation at its longest (evaluation.min_episodes or "
        "training.checkpoints lowers that): the search ended in iteration 2 of 2. "
        f"Go on with: eureka resume {fake.run_dir} --set budget.env_steps=null\n"
    ) in done.stdout


def test_one_training_that_is_not_covered_is_told_as_one(fake):
    fake.answers([[NEAR, SMALL]])
    done = fake.run("--set", "budget.env_steps=450", search={"iterations": 1, "samples": 2, "retest": 0}, final={"seeds": 0})
    assert done.returncode == 0 and "; 1 more training is not covered: the search ended" in done.stdout


def test_after_its_hours_a_run_begins_nothing_more_and_goes_on_when_they_are_raised(fake, uncapped):
    assert fake.run(search={"iterations": 1}).returncode == 0
    before, jobs = fake.summary(), len(list((fake.run_dir / "jobs").iterdir()))
    done = fake.eureka("resume", fake.run_dir, "--set", "search.iterations=2", "--set", "budget.hours=0.0001")
    assert done.returncode == 0, done.stderr
    assert "budget.hours: " in done.stdout and "the search ended in iteration" in done.stdout
    assert fake.summary() == before and len(list((fake.run_dir / "jobs").iterdir())) == jobs
    assert fake.eureka("resume", fake.run_dir, "--set", "budget.hours=null").returncode == 0
    short, long = fake.summary(), uncapped(1)
    assert short["iterations"] == long["iterations"] and short["best"] == long["best"] and short["final"] == long["final"]


def test_hours_that_are_over_before_the_first_question_buy_nothing(fake):
    done = fake.run("--set", "budget.hours=1e-9", search={"retest": 0}, final={"seeds": 0})
    assert done.returncode == 1 and fake.log("sales.log") == []
    assert f"no candidate has trained yet. Go on with: eureka resume {fake.run_dir} --set budget.hours=null\n" in done.stderr


def test_a_last_update_that_goes_beyond_its_budget_is_reckoned_with_once_it_is_known(fake):
    """The trainer makes 20 steps an update; 130 are asked for."""
    fake.settings["training"]["steps"] = 130
    fake.settings["search"] = {"iterations": 1, "samples": 3, "retest": 0}
    fake.answers([[NEAR, SMALL, FAR]])
    done = fake.run("--set", "budget.env_steps=660", final={"seeds": 0}, executor={"use": "local", "slots": 1})
    assert done.returncode == 0, done.stderr
    assert {record["reached"] for record in fake.journal("result")} == {140}
    used = sum(fake.summary()["env_steps"].values())
    for more, trained in ((339, 2), (340, 3)):  # 140 of training, 200 of evaluation
        assert fake.eureka("resume", fake.run_dir, "--set", f"budget.env_steps={used + more}").returncode == 0
        assert len(fake.journal("outcome")) == trained
