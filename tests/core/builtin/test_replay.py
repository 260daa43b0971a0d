import json
import sys
import time

import pytest

from eureka.builtin.replay import ReplayLLM
from eureka.completion_key import completion_key
from eureka.errors import ConfigError, EurekaError, JournalError, ModelFault
from eureka.generator_types import CompletionRequest, Price, Quote
from eureka.types import Asked, Completion, Message

core = sys.modules["tests.core.conftest"]
OPTIONS = {"model": "m", "temperature": 0.5}
TASK = (Message(role="system", content="You design."), Message(role="user", content="Go.\nTo zero.\nQuickly."))


def replay(folder, **options):
    return ReplayLLM(ReplayLLM.Options.model_validate({"from": str(folder), **options}))


def ask(llm, samples, restart=0, iteration=0, attempt=0):
    request = CompletionRequest(messages=(), samples=samples, restart=restart, iteration=iteration, attempt=attempt)
    return {answer.sample: answer.text for answer in llm.eureka_complete(request)}


def line(iteration, sample, text, attempt=0, restart=0):
    record = Completion(
        restart=restart, iteration=iteration, sample=sample, attempt=attempt, text=text, provider="x", cost_usd=2.0, started=0, ended=1
    )
    return record.model_dump_json() + "\n"


def exchange(samples, messages=TASK, iteration=0, attempt=0, provider="acme"):
    """A question and its answers as a run journals them."""
    place = {"restart": 0, "iteration": iteration, "attempt": attempt}
    yield Asked(**place, samples=samples, messages=messages, parameters=OPTIONS, time=0).model_dump_json() + "\n"
    for sample in samples:
        key = completion_key(provider, "m-1", OPTIONS, messages, (0, iteration, sample, attempt))
        told = {"text": f"{iteration}/{sample}/{attempt}", "provider": provider, "model": "m-1", "finish_reason": "stop"}
        yield Completion(**place, sample=sample, key=key, **told, started=0, ended=1).model_dump_json() + "\n"


def put(llm, messages, sample=0):
    return list(llm.eureka_complete(CompletionRequest(messages=messages, samples=(sample,), restart=0, iteration=0)))


def test_the_question_an_answer_was_given_to_gets_it_again_with_who_gave_it(tmp_path):
    (tmp_path / "journal.jsonl").write_text("".join([*exchange((0, 1)), *exchange((0,), iteration=1)]))
    (answer,) = put(replay(tmp_path), TASK, sample=1)
    assert (answer.text, answer.provider, answer.model, answer.finish_reason) == ("0/1/0", "acme", "m-1", "stop")
    assert (answer.cost_usd, answer.input_tokens, answer.output_tokens) == (0.0, 0, 0)


@pytest.mark.parametrize(
    ("messages", "difference"),
    [
        (
            (TASK[0], Message(role="user", content="Go.\nTo one.\nQuickly.")),
            'message 2 (user) differs in line 2: "To zero." then, "To one." now',
        ),
        ((TASK[0], Message(role="user", content="Go.\nTo zero.")), 'message 2 (user) differs in line 3: "Quickly." then, nothing now'),
        ((TASK[0],), "it had 2 messages, and now there are 1"),
        ((Message(role="user", content="You design."), TASK[1]), "message 1 was of the system, and now of the user"),
    ],
)
def test_another_question_gets_no_answer_and_is_told_what_is_other(tmp_path, messages, difference):
    (tmp_path / "journal.jsonl").write_text("".join(exchange((0,))))
    with pytest.raises(ModelFault) as fault:
        put(replay(tmp_path), messages)
    assert not fault.value.billed
    assert str(fault.value) == (
        f"llm.from: {tmp_path} was asked something else for restart 0, iteration 0, sample 0, attempt 0 (counted from 0): {difference}. "
        "Take its answers by place alone, with eureka resume DIR --set llm.match=place, or start a new run."
    )
    (answer,) = put(replay(tmp_path, match="place"), messages)
    assert answer.text == "0/0/0"


def test_a_long_line_is_shown_where_it_differs(tmp_path):
    long = "word " * 200
    (tmp_path / "journal.jsonl").write_text("".join(exchange((0,), messages=(Message(role="user", content=f"{long}zero {long}"),))))
    with pytest.raises(ModelFault) as fault:
        put(replay(tmp_path), (Message(role="user", content=f"{long}one {long}"),))
    then, now = str(fault.value).split(" then, ")
    assert "word zero word" in then[-110:] and "word one word" in now and len(str(fault.value)) < 700


def test_an_answer_whose_question_was_changed_in_the_journal_is_not_given(tmp_path):
    lines = "".join(exchange((0,))).replace("Quickly.", "Slowly.")
    (tmp_path / "journal.jsonl").write_text(lines)
    with pytest.raises(ModelFault, match="its journal has been changed since"):
        put(replay(tmp_path), (TASK[0], Message(role="user", content="Go.\nTo zero.\nSlowly.")))


def test_an_answer_belongs_to_the_question_before_it(tmp_path):
    """A run whose model was changed by a resume asks again, with other parameters."""
    first, second = list(exchange((0, 1))), list(exchange((1,)))
    other = [line.replace('"temperature":0.5', '"temperature":0.7') for line in second[:1]]
    (tmp_path / "journal.jsonl").write_text("".join([*first, *other]))
    (answer,) = put(replay(tmp_path), TASK, sample=1)
    assert answer.text == "0/1/0"


def test_what_is_recorded_is_given_before_what_is_not_is_told(tmp_path):
    (tmp_path / "journal.jsonl").write_text("".join(exchange((0, 2))))
    given = []
    with pytest.raises(ModelFault, match=r"sample 1, attempt 0 .* holds 2"):
        for answer in replay(tmp_path).eureka_complete(CompletionRequest(messages=TASK, samples=(0, 1, 2), restart=0, iteration=0)):
            given.append(answer.sample)
    assert given == [0, 2]


def test_a_replay_quotes_no_cost(tmp_path):
    (tmp_path / "journal.jsonl").write_text("".join(exchange((0,))))
    quotes = replay(tmp_path).eureka_quote(CompletionRequest(messages=TASK, samples=(0, 3), restart=0, iteration=0))
    assert quotes == dict.fromkeys((0, 3), Quote(provider="replay", price=Price(input=0, output=0)))


def test_a_thousand_answers_are_read_in_under_a_second(tmp_path):
    messages = (Message(role="user", content="word " * 2000),)
    lines = [line for iteration in range(63) for line in exchange(tuple(range(16)), messages, iteration)]
    (tmp_path / "journal.jsonl").write_text("".join(lines))
    started = time.process_time()
    assert len(put(replay(tmp_path), messages)) == 1
    assert time.process_time() - started < 1


def test_a_run_answers_by_restart_iteration_sample_and_attempt(tmp_path):
    other = json.dumps({"kind": "session", "event": "started", "time": 0}) + "\n"
    lines = other + line(0, 1, "b") + line(0, 0, "a") + line(0, 1, "b again", attempt=1) + line(1, 0, "later") + line(0, 0, "r1", restart=1)
    (tmp_path / "journal.jsonl").write_text(lines)
    llm = replay(tmp_path)
    assert ask(llm, (0, 1)) == {0: "a", 1: "b"}
    assert ask(llm, (1,), attempt=1) == {1: "b again"}
    assert ask(llm, (0,), iteration=1) == {0: "later"}
    assert ask(llm, (0,), restart=1) == {0: "r1"}


def test_a_replayed_answer_costs_nothing(tmp_path):
    (tmp_path / "journal.jsonl").write_text(line(0, 0, "a"))
    request = CompletionRequest(messages=(), samples=(0,), restart=0, iteration=0)
    (answer,) = replay(tmp_path).eureka_complete(request)
    assert answer.cost_usd == 0


def test_a_torn_last_line_is_skipped_and_a_broken_one_before_it_is_an_error(tmp_path):
    journal = tmp_path / "journal.jsonl"
    journal.write_text(line(0, 0, "a") + line(0, 1, "b")[:30])
    assert ask(replay(tmp_path), (0,)) == {0: "a"}
    journal.write_text(line(0, 1, "b")[:30] + "\n" + line(0, 0, "a"))
    with pytest.raises(JournalError, match="line 1"):
        ask(replay(tmp_path), (0,))


def test_a_missing_answer_names_its_place_and_how_many_there_are(tmp_path):
    (tmp_path / "journal.jsonl").write_text(line(0, 0, "a") + line(0, 1, "b"))
    with pytest.raises(EurekaError, match=r"restart 0, iteration 3, sample 1, attempt 0 .* holds 2"):
        ask(replay(tmp_path), (1,), iteration=3)


def test_files_named_after_candidates_answer_for_them_at_every_attempt(tmp_path):
    (tmp_path / "r0i0s00.txt").write_text("first")
    (tmp_path / "r0i2s07.txt").write_text("seventh")
    llm = replay(tmp_path)
    assert ask(llm, (7,), iteration=2) == {7: "seventh"}
    assert ask(llm, (0,), attempt=1) == {0: "first"}
    with pytest.raises(EurekaError, match="sample 5"):
        ask(llm, (5,))


def test_other_files_are_dealt_in_order_of_their_names_and_dealt_again(tmp_path):
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.txt").write_text(name)
    llm = replay(tmp_path)
    assert ask(llm, (0, 1, 2, 3)) == {0: "a", 1: "b", 2: "c", 3: "a"}
    assert ask(llm, (3,), iteration=1) == {3: "a"}


def test_a_folder_without_answers_is_a_config_error(tmp_path):
    with pytest.raises(ConfigError, match=r"llm\.from: .*neither journal\.jsonl nor"):
        replay(tmp_path / "nowhere")


def test_the_option_is_called_from():
    with pytest.raises(ValueError, match="source"):
        ReplayLLM.Options.model_validate({"source": "x"})


# ── In a run ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def told(fake, run_dir):
    """What a run came to."""
    candidates = {(c["id"], c["attempt"]): c for c in fake.journal("candidate", run_dir)}  # repairs come in any order
    outcomes = {o["candidate"]: (o["status"], o["fitness"]) for o in fake.journal("outcome", run_dir)}
    return candidates, outcomes, fake.summary(run_dir)["best"]


@pytest.mark.slow
def test_a_finished_run_is_replayed_with_the_same_candidates_fitness_and_best(fake):
    fake.answers([[core.NEAR, [core.RAISES, core.SMALL], core.PROSE], [core.SMALL, core.FAR, core.NEAR]])
    recorded = fake.run(generator={"use": "llm", "repairs": 1}, search={"retest": 0}, final={"seeds": 0}, training={"steps": 100})
    assert recorded.returncode == 0, recorded.stderr
    sold = len(fake.log("sales.log"))
    fake.settings["llm"] = {"use": "replay", "from": "run"}
    again = fake.folder / "again"
    done = fake.eureka("run", fake.write(), "--run-dir", again)
    assert done.returncode == 0, done.stderr
    assert told(fake, again) == told(fake, fake.run_dir)
    assert len(fake.log("sales.log")) == sold  # nobody was asked
    assert fake.summary(again)["cost_usd"] == 0 and fake.summary(fake.run_dir)["cost_usd"] > 0
    providers = {c["provider"] for c in fake.journal("completion", again)}
    assert providers == {c["provider"] for c in fake.journal("completion")} == {f"{core.PARTS}:RecitingLLM"}

    refused = fake.eureka("run", fake.write(task={"description": "Go to one."}), "--run-dir", fake.folder / "other")
    assert refused.returncode == 1
    assert 'message 2 (user) differs in line 3: "Go to zero." then, "Go to one." now' in refused.stderr, refused.stderr
    assert "llm.match=place" in refused.stderr and "Go on with: eureka resume" in refused.stderr
    resumed = fake.eureka("resume", fake.folder / "other", "--set", "llm.match=place")
    assert resumed.returncode == 0, resumed.stderr
    assert told(fake, fake.folder / "other") == told(fake, again)
