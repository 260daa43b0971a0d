import json

import pytest

from eureka.builtin.replay import ReplayLLM
from eureka.errors import ConfigError, EurekaError, JournalError
from eureka.generator_types import CompletionRequest
from eureka.types import Completion


def replay(folder):
    return ReplayLLM(ReplayLLM.Options.model_validate({"from": str(folder)}))


def ask(llm, samples, restart=0, iteration=0, attempt=0):
    request = CompletionRequest(messages=(), samples=samples, restart=restart, iteration=iteration, attempt=attempt)
    return {answer.sample: answer.text for answer in llm.eureka_complete(request)}


def line(iteration, sample, text, attempt=0, restart=0):
    record = Completion(
        restart=restart, iteration=iteration, sample=sample, attempt=attempt, text=text, provider="x", cost_usd=2.0, started=0, ended=1
    )
    return record.model_dump_json() + "\n"


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
