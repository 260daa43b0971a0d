"""`kill -9` of the host at every position of the journal: nothing is lost, bought or trained twice, and nobody is left behind."""

from __future__ import annotations

import itertools
import shutil
import sys
from pathlib import Path

import pytest

DYING_HOST = f"{sys.executable}\0{Path(__file__).parent / 'fakes' / 'dying_host.py'}"


@pytest.mark.parametrize(
    ("every", "least"), [pytest.param(1, 30, marks=pytest.mark.slow), (10, 3)], ids=["every position", "every tenth position"]
)
def test_a_run_killed_at_its_journals_positions_ends_as_if_nothing_had_happened(fake, every, least):
    (fake.folder / "human.py").write_text("def compute_reward(x):\n    return 1 - x**2, {'x': x}\n")
    fake.settings["task"]["human"] = "human.py"
    assert fake.run(pruner="successive-halving", training={"segments": [0.5]}, final={"top": 2, "cache": False}).returncode == 0
    undisturbed = fake.summary()
    assert len(undisturbed["final"]["others"]) == 1 and undisturbed["final"]["correlation"]["score"] is not None
    shutil.move(fake.run_dir, fake.folder / "undisturbed")
    for log in ("sales.log", "trained.log"):
        (fake.folder / log).unlink()

    command = ["run", fake.config, "--run-dir", fake.run_dir]
    for kills in itertools.count():
        died = fake.eureka(["after", "before"][kills % 2], str(every), *command, script=DYING_HOST)
        assert fake.wait_until_gone() == []
        if died.returncode != -9:
            break
        command = ["resume", fake.run_dir]

    assert died.returncode == 0, died.stderr
    assert kills >= least
    disturbed = fake.summary()
    # A question whose answers a dead host did not live to journal may have been billed: it counts, at its maximum.
    lost = disturbed.pop("llm_calls") - 6
    assert lost >= 1 and disturbed["tokens"]["unanswered_at_most"] > 100 * lost  # what is written, and the question besides
    assert disturbed.pop("tokens") | {"unanswered_at_most": 0} == undisturbed.pop("tokens")
    assert undisturbed.pop("llm_calls") == 6
    assert (disturbed.pop("unanswered"), undisturbed.pop("unanswered")) == (lost, 0)
    assert (disturbed.pop("unanswered_at_most_usd"), undisturbed.pop("unanswered_at_most_usd")) == (None, 0)  # at no known price
    assert disturbed == undisturbed
    sales, trained = fake.log("sales.log"), fake.log("trained.log")
    assert len(sales) == len(set(sales)) == 6
    assert len(trained) == len(set(trained))
    substance = [record["kind"] for record in fake.journal() if record["kind"] not in ("session", "asked")]
    expected = [
        record["kind"] for record in fake.journal(run_dir=fake.folder / "undisturbed") if record["kind"] not in ("session", "asked")
    ]
    assert sorted(substance) == sorted(expected)
