"""Which options go together, and what is looked at before anything is spent."""

from __future__ import annotations

import socket

import pytest
from pydantic import ValidationError

from eureka.errors import ConfigError
from eureka.inbox import unfit
from eureka.types import Note
from eureka_human import HumanFeedback
from eureka_human.questions import LONGEST


def feedback(**options):
    return HumanFeedback(HumanFeedback.Options(**options))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"words": False}, "nothing would be asked"),
        ({"words": False, "preferences": 3, "mode": "replace"}, "mode: replace is about words"),
        ({"via": "file"}, "via: file needs answers: FILE"),
        ({"via": "web", "answers": "a.yaml"}, "answers is for via: file, and via is web"),
        ({"wait": False}, "wait is for via: web, and via is terminal"),
        ({"via": "file", "answers": "a.yaml", "people": 2}, "people is for via: web, and via is file"),
        ({"port": 80}, "port is for via: web"),
        ({"via": "web", "wait": False, "timeout_s": 3}, "timeout_s is for what the run waits for"),
        ({"via": "file", "answers": "a.yaml", "timeout_s": 3}, "timeout_s is for what the run waits for"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options, told):
    with pytest.raises(ValidationError, match=told.replace(".", r"\.")):
        feedback(**options)


def test_what_was_resolved_once_is_valid_again():
    for options in ({}, {"via": "web", "wait": False}, {"via": "file", "answers": "a.yaml"}):
        resolved = feedback(**options).options.model_dump(mode="json")
        assert feedback(**resolved).options.model_dump(mode="json") == resolved


def test_without_a_terminal_the_other_ways_are_named(monkeypatch):
    monkeypatch.setattr("os.isatty", lambda fd: False)
    with pytest.raises(ConfigError, match="standard input is none") as error:
        feedback().eureka_check_feedback()
    assert "`via: web`" in str(error.value) and "`via: file`" in str(error.value)
    monkeypatch.setattr("os.isatty", lambda fd: True)
    feedback().eureka_check_feedback()


def test_an_answers_file_that_is_missing_or_wrong_is_told_before_the_run(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        feedback(via="file", answers=tmp_path / "people.yaml").eureka_check_feedback()
    (tmp_path / "people.yaml").write_text("answers: [{after: r0i0, text: go}]")
    feedback(via="file", answers=tmp_path / "people.yaml").eureka_check_feedback()


def test_an_address_that_cannot_be_listened_on_is_told_before_the_run():
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    with taken, pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1 port {port}"):
        feedback(via="web", port=port).eureka_check_feedback()
    with pytest.raises(ConfigError, match=r"cannot listen on 192\.0\.2\.1 port 0"):
        feedback(via="web", host="192.0.2.1").eureka_check_feedback()
    feedback(via="web").eureka_check_feedback()


def test_what_is_asked_for_is_said_so_that_core_can_warn_where_it_changes_nothing():
    assert feedback().asks_words and not feedback(words=False, preferences=1).asks_words
    assert not feedback().asks_preferences and feedback(preferences=1).asks_preferences
    assert feedback(via="file", answers="a.yaml").asks_preferences


def test_the_longest_text_is_short_enough_for_the_inbox():
    assert not unfit(Note(id="n" * 32, author="\U0001f980" * 80, text='"' * LONGEST, time=1, question="r0i0.words"))
    assert not unfit(Note(id="n" * 32, author="\U0001f980" * 80, text="\U0001f980" * LONGEST, time=1, question="r0i0.words"))
