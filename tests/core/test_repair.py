"""Rejected answers go back to the model before anything is trained."""

from __future__ import annotations

import json
import sys

NEAR, SMALL, RAISES, PROSE = (getattr(sys.modules["tests.core.conftest"], n) for n in ("NEAR", "SMALL", "RAISES", "PROSE"))
ONE = {"iterations": 1, "samples": 3, "retest": 0}
HOSTILE = NEAR.replace("import numpy as np", "import numpy as np\nimport os")


def _run(fake, repairs=2, **changes):
    done = fake.run(generator={"use": "llm", "repairs": repairs}, **{"search": ONE, "final": {"seeds": 0, "episodes": 3}, **changes})
    assert done.returncode == 0, done.stderr
    return done


def _asked(fake):
    return [(record["attempt"], record["samples"]) for record in fake.journal("asked")]


def test_a_mended_answer_trains_in_its_samples_place(fake):
    fake.answers([[NEAR, [RAISES, SMALL], [HOSTILE, PROSE, NEAR]]])
    done = _run(fake)
    assert _asked(fake) == [(0, [0, 1, 2]), (1, [1]), (1, [2]), (2, [2])]
    summary = fake.summary()
    assert summary["candidates"] == {"accepted": 3, "rejected": 0, "failed": 0, "repaired": 2, "identical": 1}
    (row,) = summary["iterations"]
    assert (row["execute_rate"], row["execute_rate_first_try"]) == (1.0, 1 / 3)
    assert "r0i0s01 accepted at attempt 2" in done.stdout and "asking again for 2 rejected rewards" in done.stdout
    folder = fake.run_dir / "candidates" / "r0i0s02"
    assert (folder / "answer.md").read_text() == NEAR and (folder / "attempt0" / "answer.md").read_text() == HOSTILE
    assert (folder / "attempt1" / "answer.md").read_text() == PROSE and "import os" in (folder / "attempt0" / "reward.py").read_text()


def test_the_repair_shows_the_answer_and_what_is_wrong_with_it_and_the_fresh_sample_neither(fake):
    fake.answers([[[RAISES], NEAR, NEAR]])
    _run(fake)
    first, *again = fake.journal("asked")
    assert [record["attempt"] for record in again] == [1, 2, 3]
    for record in again[:2]:
        assert record["messages"][:2] == first["messages"]
        assert record["messages"][2] == {"role": "assistant", "content": RAISES}
        assert "`nothing` is not defined" in record["messages"][3]["content"]
        assert "line 4" in record["messages"][3]["content"]
    assert again[2]["messages"] == first["messages"]
    assert fake.summary()["candidates"]["rejected"] == 1


def test_without_repairs_an_answer_is_asked_for_once(fake):
    fake.answers([[RAISES, NEAR, PROSE]])
    _run(fake, repairs=0)
    assert _asked(fake) == [(0, [0, 1, 2])]
    assert fake.summary()["candidates"] == {"accepted": 1, "rejected": 2, "failed": 0, "repaired": 0, "identical": 0}


def test_a_failure_that_was_mended_still_reaches_the_next_prompt(fake):
    fake.answers([[NEAR, [HOSTILE, SMALL], SMALL], [NEAR, SMALL, SMALL]])
    _run(fake, search={"iterations": 2, "samples": 3, "retest": 0})
    prompt = fake.journal("asked")[-1]["messages"][-1]["content"]
    assert "1 of 3 answers failed: static (line 2)" in prompt and "os" in prompt


def test_a_run_killed_between_answer_and_repair_goes_on_where_it_was(fake):
    fake.answers([[[PROSE, RAISES, NEAR]] * 3])
    _run(fake)
    whole = fake.journal()
    end = next(i for i, record in enumerate(whole) if record["kind"] == "verdict" and record["attempt"] == 1)
    (fake.run_dir / "journal.jsonl").write_text("".join(json.dumps(record) + "\n" for record in whole[: end + 1]))
    sales = len(fake.log("sales.log"))
    again = fake.eureka("resume", fake.run_dir)
    assert again.returncode == 0, again.stderr
    assert len(fake.log("sales.log")) - sales == 3  # the second repairs alone
    assert fake.summary()["candidates"]["repaired"] == 3
    asked = [(record["attempt"], record["samples"]) for record in fake.journal("asked")]
    assert sorted(asked) == sorted({(a, tuple(s)): [a, s] for a, s in asked}.values()) or len(asked) == 7


def test_a_cap_in_the_middle_of_repairs_ends_the_search_with_what_it_has(fake):
    fake.answers([[NEAR, PROSE, PROSE]])
    done = _run(fake, budget={"llm_calls": 4})
    assert "budget.llm_calls" in done.stdout
    assert _asked(fake) == [(0, [0, 1, 2]), (1, [1])]
    assert fake.summary()["candidates"]["accepted"] == 1


def test_a_key_in_the_prompt_stops_the_run_before_anything_is_sent(fake, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-very-secret")
    task = {**fake.settings["task"], "description": "Go to zero. sk-very-secret"}
    done = fake.run(task=task)
    assert done.returncode == 1 and "SOME_API_KEY" in done.stderr and "sk-very-secret" not in done.stderr
    assert fake.log("sales.log") == [] and fake.journal("asked") == []


def test_conversations_of_one_round_are_asked_at_the_same_time(fake):
    fake.answers([[[PROSE, NEAR]] * 3])
    fake.settings["llm"]["rendezvous"] = 3
    _run(fake)  # would end in an error were they asked one after the other
    assert fake.summary()["candidates"]["repaired"] == 3
