"""Rejected answers go back to the model before anything is trained."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

NEAR, SMALL, RAISES, PROSE = (getattr(sys.modules["tests.core.conftest"], n) for n in ("NEAR", "SMALL", "RAISES", "PROSE"))
HOSTILE = NEAR.replace("import numpy as np", "import numpy as np\nimport os")

NONE = dict.fromkeys(("accepted", "rejected", "failed", "pruned", "fewer_envs", "repaired", "identical"), 0)


def _run(fake, repairs=2, iterations=1, **changes):
    small = {"search": {"iterations": iterations, "samples": 3, "retest": 0}, "final": {"seeds": 0, "episodes": 3}}
    done = fake.run(generator={"use": "llm", "repairs": repairs}, **small, **changes)
    assert done.returncode == 0, done.stderr
    return done


def _asked(fake):
    return [(record["attempt"], record["samples"]) for record in fake.journal("asked")]


@pytest.fixture(scope="module")
def mended(tmp_path_factory):
    """A run whose second and third answer of the first iteration are mended, and what it printed."""
    fake = sys.modules["tests.core.conftest"].Fake(tmp_path_factory.mktemp("mended"))
    fake.answers([[NEAR, [RAISES, SMALL], [HOSTILE, PROSE, NEAR]], [NEAR, SMALL, SMALL]])
    fake.settings["llm"]["rendezvous"] = 2  # an error unless the questions of a round are asked at the same time
    return fake, _run(fake, iterations=2).stdout


def test_a_mended_answer_trains_in_its_samples_place(mended):
    fake, printed = mended
    assert _asked(fake) == [(0, [0, 1, 2]), (1, [1]), (1, [2]), (2, [2]), (0, [0, 1, 2])]
    summary = fake.summary()
    assert summary["candidates"] == {**NONE, "accepted": 6, "repaired": 2, "identical": 2}
    rates = [(row["execute_rate"], row["execute_rate_first_try"]) for row in summary["iterations"]]
    assert rates == [(1.0, pytest.approx(1 / 3)), (1.0, 1.0)]
    assert "r0i0s01 accepted at attempt 2" in printed and "asking again for 2 rejected rewards" in printed


def test_every_attempts_answer_lies_beside_the_candidate(mended):
    folder = mended[0].run_dir / "candidates" / "r0i0s02"
    assert (folder / "answer.md").read_text() == NEAR and (folder / "attempt0" / "answer.md").read_text() == HOSTILE
    assert (folder / "attempt1" / "answer.md").read_text() == PROSE and "import os" in (folder / "attempt0" / "reward.py").read_text()


def test_every_attempts_conversation_lies_beside_it(mended):
    folder = mended[0].run_dir / "candidates" / "r0i0s02"
    first, last = ((folder / place / "conversation.md").read_text() for place in ("attempt0", "."))
    messages = next(record for record in mended[0].journal("asked") if record["attempt"] == 2)["messages"]
    assert first.startswith(
        f"answered by: {mended[0].settings['llm']['use']}\ntokens: 10 read, 5 written\ncost: $0.001\nfinish reason: not told\n"
    )
    assert [line for line in first.splitlines() if line.startswith("=====")] == [
        f"===== {role} =====" for role in ("system", "user", "answer")
    ]
    assert all(message["content"] in last for message in messages) and len(messages) == 4
    assert last.endswith(f"===== answer =====\n\n{NEAR}")


def test_a_failure_that_was_mended_still_reaches_the_next_prompt(mended):
    prompt = mended[0].journal("asked")[-1]["messages"][-1]["content"]
    assert "1 of 3 answers failed: the program was refused before it was run (line 2)" in prompt and "import os" in prompt


def test_the_repair_shows_the_answer_and_what_is_wrong_with_it(mended):
    first, raised, hostile, *_ = mended[0].journal("asked")
    for record, text, line, message in ((raised, RAISES, 4, "`nothing` is not defined"), (hostile, HOSTILE, 2, "import os")):
        assert record["messages"][:2] == first["messages"]
        assert record["messages"][2] == {"role": "assistant", "content": text}
        assert f"(line {line})" in record["messages"][3]["content"] and message in record["messages"][3]["content"]


def test_without_repairs_an_answer_is_asked_for_once(fake):
    fake.answers([[RAISES, NEAR, PROSE]])
    _run(fake, repairs=0)
    assert _asked(fake) == [(0, [0, 1, 2])]
    assert fake.summary()["candidates"] == {**NONE, "accepted": 1, "rejected": 2}


def test_a_run_killed_between_answer_and_repair_goes_on_where_it_was_and_ends_with_a_fresh_answer(fake):
    fake.answers([[[PROSE, RAISES, RAISES, NEAR]] * 3])
    _run(fake)
    whole = fake.journal()
    first = next(record for record in whole if record["kind"] == "asked")
    fresh = [record for record in whole if record["kind"] == "asked" and record["attempt"] == 3]
    assert [record["messages"] for record in fresh] == [first["messages"]] * 3
    end = next(i for i, record in enumerate(whole) if record["kind"] == "verdict" and record["attempt"] == 1)
    (fake.run_dir / "journal.jsonl").write_text("".join(json.dumps(record) + "\n" for record in whole[: end + 1]))
    summary, sales = fake.summary(), len(fake.log("sales.log"))
    assert sales == 12
    again = fake.eureka("resume", fake.run_dir)
    assert again.returncode == 0, again.stderr
    # Of the first repairs one was bought before; what was asked and not answered is asked again.
    assert len(fake.log("sales.log")) - sales == 2 + 3 + 3
    assert fake.summary()["candidates"] == summary["candidates"] and summary["candidates"]["repaired"] == 3


def test_a_cap_in_the_middle_of_repairs_ends_the_search_with_what_it_has(fake):
    fake.answers([[NEAR, PROSE, PROSE]])
    done = _run(fake, budget={"llm_calls": 4})
    assert "budget.llm_calls" in done.stdout
    assert _asked(fake) == [(0, [0, 1, 2]), (1, [1])]
    assert fake.summary()["candidates"]["accepted"] == 1


def test_a_key_in_the_prompt_stops_the_run_before_anything_is_sent(fake, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-very-secret")
    (fake.folder / "prompts").mkdir()
    (fake.folder / "prompts" / "system.md").write_text("Write for sk-very-secret.")
    done = fake.run(generator={"prompts": "prompts"})
    assert done.returncode == 1 and "SOME_API_KEY" in done.stderr and "sk-very-secret" not in done.stderr
    assert fake.log("sales.log") == [] and fake.journal("asked") == []


def test_repairs_that_a_cap_cut_short_are_made_once_there_is_more(fake):
    fake.answers([[NEAR, [PROSE, SMALL], [PROSE, SMALL]]])
    _run(fake, budget={"llm_calls": 4})
    assert fake.summary()["candidates"] == {**NONE, "accepted": 2, "rejected": 1, "repaired": 1}
    again = fake.eureka("resume", fake.run_dir, "--set", "budget.llm_calls=10")
    assert again.returncode == 0, again.stderr
    assert _asked(fake) == [(0, [0, 1, 2]), (1, [1]), (1, [2])]
    assert fake.summary()["candidates"] == {**NONE, "accepted": 3, "repaired": 2, "identical": 1}
    assert fake.eureka("resume", fake.run_dir).returncode == 0 and len(_asked(fake)) == 3


def test_a_key_in_an_answer_is_neither_kept_nor_sent_back(fake, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-very-secret")
    fake.answers([[NEAR, [f"{PROSE} sk-very-secret", SMALL], [RAISES.replace("nothing", "nothing  # sk-very-secret"), SMALL]]])
    _run(fake)
    sent = [record["messages"][-2]["content"] for record in fake.journal("asked")[1:]]
    assert len(sent) == 2 and all("[KEY]" in content for content in sent)
    assert not [path for path in fake.run_dir.rglob("*") if path.is_file() and b"sk-very-secret" in path.read_bytes()]
    assert fake.summary()["candidates"]["repaired"] == 2


def test_what_is_sent_back_of_a_huge_answer_is_its_program_and_of_no_answer_a_control_character(fake):
    fake.answers([[[RAISES + "blah " * 20_000, SMALL], ["x" * 3_000_000, SMALL], ["\x00\x1b[31m\u202eno\u200b", SMALL]]])
    _run(fake)
    sent = {record["samples"][0]: record["messages"] for record in fake.journal("asked")[1:]}
    assert len(sent[0][2]["content"]) < 300 and "near = x / nothing" in sent[0][2]["content"]
    assert len(sent[1]) == 2  # nothing worth showing: asked anew
    assert sent[2][2]["content"] == "[31mno"
    assert max(len(record["text"]) for record in fake.journal("completion")) == 1_000_000


CUT = {"text": "Let me think. The point is at x", "finish_reason": "length", "output_tokens": 8192}
BROKEN = NEAR.replace("np.abs(x)", "np.abs(x)[:1]")


def test_an_answer_that_was_cut_off_or_refused_is_told_so_and_asked_again(fake):
    empty = {"text": "", "finish_reason": "length", "output_tokens": 8192}
    refusal = {"text": "I cannot help with that.", "finish_reason": "refusal"}
    fake.answers([[[CUT, NEAR], [refusal, {**CUT, "text": BROKEN}, SMALL], [empty, {"text": "", "finish_reason": "refusal"}, NEAR]]])
    done = _run(fake)
    said = {(record["candidate"], record["attempt"]): record for record in fake.journal("verdict") if not record["accepted"]}
    cut = "the answer was cut off after 8,192 tokens, its limit (llm.max_tokens)"
    refused = "the answer is a refusal of the model or of its provider; what is asked for is a program that scores states of a simulation"
    assert said["r0i0s00", 0]["message"] == f"{cut}, before the program was whole; write it first, and little besides"
    assert said["r0i0s02", 0]["message"] == f"{cut}, before it began; think less"
    assert said["r0i0s01", 0]["message"] == said["r0i0s02", 1]["message"] == refused
    assert said["r0i0s01", 1]["stage"] == "smoke" and said["r0i0s01", 1]["message"].startswith(f"{cut}: ")
    assert [said[key]["code"] for key in (("r0i0s00", 0), ("r0i0s01", 0))] == ["cut_off", "refused"]
    assert f"r0i0s00 rejected (extract): {cut}" in done.stdout
    again = next(record["messages"] for record in fake.journal("asked") if (record["attempt"], record["samples"]) == (1, [0]))
    assert again[2]["content"] == CUT["text"] and f"{cut}, before the program was whole" in again[3]["content"]
    assert fake.summary()["candidates"]["accepted"] == 3
    assert "finish reason: refusal" in (fake.run_dir / "candidates" / "r0i0s01" / "attempt0" / "conversation.md").read_text()


def test_a_program_that_is_whole_all_the_same_is_taken(fake):
    fake.answers([[{**CUT, "text": NEAR}, {"text": SMALL, "finish_reason": "refusal"}, NEAR]])
    _run(fake)
    assert fake.summary()["candidates"]["accepted"] == 3


def test_what_a_whole_answer_shares_with_one_that_was_cut_off_is_not_that(fake):
    fake.answers([[{**CUT, "text": BROKEN}, BROKEN, NEAR]])
    _run(fake, repairs=0)
    cut, whole = (record["message"] for record in fake.journal("verdict") if not record["accepted"])
    assert cut == f"the answer was cut off after 8,192 tokens, its limit (llm.max_tokens): {whole}"


def test_where_all_answers_were_cut_off_the_setting_to_change_is_named(fake):
    fake.answers([[CUT]])
    small = {"search": {"iterations": 1, "samples": 2, "retest": 0}, "final": {"seeds": 0}}
    done = fake.run(**small)
    assert done.returncode == 1
    assert "    2  extract   the answer was cut off after 8,192 tokens" in done.stderr
    assert "Answers were cut off: raise llm.max_tokens" in done.stderr


def _substance(fake):
    kinds, keys = (
        ("completion", "candidate", "verdict", "outcome"),
        ("sample", "id", "candidate", "attempt", "text", "code", "message", "fitness"),
    )
    return sorted(str([record["kind"], *(record.get(key) for key in keys)]) for record in fake.journal() if record["kind"] in kinds)


@pytest.mark.slow
def test_a_run_cut_off_at_any_record_of_its_repairs_buys_what_is_missing_and_ends_the_same(fake):
    fake.answers([[NEAR, [BROKEN, BROKEN, SMALL], [HOSTILE, PROSE, BROKEN, NEAR]]])
    _run(fake)
    whole, substance, summary = fake.journal(), _substance(fake), fake.summary()
    shutil.move(fake.run_dir, fake.folder / "whole")
    kinds = [record["kind"] for record in whole]
    for end in range(kinds.index("asked") + 1, kinds.index("result")):
        shutil.copytree(fake.folder / "whole", fake.run_dir, ignore=shutil.ignore_patterns("0*", "training"))
        (fake.run_dir / "journal.jsonl").write_text("".join(json.dumps(record) + "\n" for record in whole[:end]))
        sold = len(fake.log("sales.log"))
        done = fake.eureka("resume", fake.run_dir)
        assert done.returncode == 0, (end, done.stderr)
        assert len(fake.log("sales.log")) - sold == kinds.count("completion") - kinds[:end].count("completion"), end
        assert _substance(fake) == substance and fake.summary()["iterations"] == summary["iterations"], end
        shutil.rmtree(fake.run_dir)


GENERATORS = """
import eureka
from eureka.generator_types import Draft

class Stubborn(eureka.Component):
    @eureka.hookimpl
    def eureka_generate_rewards(self, request, tools):
        return (Draft(sample=sample, text="I would rather not.") for sample in request.missing)

    @eureka.hookimpl
    def eureka_repair_rewards(self, request, tools):
        return [Draft(sample=one.sample, text=f"No. {one.attempt}") for one in request.rejected]

class Sloppy(Stubborn):
    @eureka.hookimpl
    def eureka_generate_rewards(self, request, tools):
        return ["I would rather not."]

class Asking(Stubborn):
    @eureka.hookimpl
    def eureka_generate_rewards(self, request, tools):
        return tools.ask((), request.missing)
"""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Stubborn", "no candidate could be trained"),
        ("Sloppy", "generator: gave str 'I would rather not.'; expected an iterable of `Draft`."),
        ("Asking", "generator: asked a model and the config names none; give the generator `needs_llm = True`."),
    ],
)
def test_a_generator_that_never_ends_or_breaks_the_contract_ends_the_run_in_words(fake, name, message):
    (fake.folder / "generators.py").write_text(GENERATORS)
    small = {"search": {"iterations": 1, "samples": 1, "retest": 0}, "final": {"seeds": 0}}
    done = fake.run(generator=f"{fake.folder}/generators.py:{name}", llm=None, **small)
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr
    assert len(fake.journal("completion")) == (21 if name == "Stubborn" else 0)
