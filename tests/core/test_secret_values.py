"""Which values are keys, and that nothing of them is left in a text."""

from __future__ import annotations

import random
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eureka.errors import RunStopped
from eureka.secret_values import cleaned, refuse_secrets, secret_in, without_secrets
from eureka.types import Completion, Message

MESSAGES = (Message(role="system", content="Write rewards."), Message(role="user", content="Balance it.\nUse sk-123456789 to log in."))
LONG = "sk-proj-4fQ7xZ0bN2mL9vKc_Tt81Wd-Hy3Ru6Aa5Ee"


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "HF_TOKEN", "CLIENT_SECRET", "my_key"])
def test_a_prompt_with_a_keys_value_is_refused_naming_the_variable_and_not_the_value(name):
    with pytest.raises(RunStopped, match=rf"line 2 of the user message .*variable {name}\..*resume") as raised:
        refuse_secrets(MESSAGES, {name: " sk-123456789\n", "HOME": "/root"})
    assert "sk-123456789" not in str(raised.value)


def test_a_prompt_with_a_piece_of_a_key_is_refused():
    with pytest.raises(RunStopped, match="variable SOME_KEY"):
        refuse_secrets(MESSAGES, {"SOME_KEY": "sk-123456789abcdefghij"})


@pytest.mark.parametrize(
    "environment",
    [{}, {"OPENAI_API_KEY": "sk-another-one"}, {"KEYBOARD": "sk-123456789"}, {"SHORT_KEY": "Balance"}, {"EMPTY_TOKEN": ""}],
)
def test_what_holds_no_secret_is_sent(environment):
    refuse_secrets(MESSAGES, environment)


@pytest.mark.parametrize(
    "value",
    [
        LONG,
        "sk-ant-api03-" + "aB3dE6gH9" * 8,
        "sk-very-secret",
        "0123456789abcdef0123456789abcdef",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "550e8400-e29b-41d4-a716-446655440000",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "Bearer " + LONG,
        "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIB\nAQC7VJTUt9Us8cKjMzEfYYjiWA4R4/M2bS1GB4t7NXp98C3S",
    ],
)
def test_of_a_key_no_piece_of_eight_characters_is_left(value):
    words = [word for word in value.split() if len(word) > 8 and "-----" not in word]
    for word in words:
        for k in range(len(word) - 7):
            left = without_secrets(f"got '{word[k : k + 8]}', and {word[k:]}!", {"A_KEY": value})
            assert not _pieces(word) & _pieces(left)


ORDINARY = [
    "position",
    "cart_position",
    "Development",
    "PRODUCTION",
    "pole_angle_v2_model_2024",
    "linux-python-3.11-deps-v2",
    "/opt/keys/signing/prod-2024.pem",
    "my keys are in the safe",
    "https://keys.example.org/v1/compute_reward",
    "np.exp(-pole_angle)",
]
CODE = """
import numpy as np

def compute_reward(cart_position, pole_angle, prev_pole_angle, action):
    development = np.exp(-np.abs(pole_angle) / 0.1)  # Development of the position in PRODUCTION, 2024
    total = development - 0.01 * action[:, 0] ** 2 - pole_angle_v2
    return total, {"development": development}  # see /opt/keys, my keys, linux-python-3.11
"""


@pytest.mark.parametrize("value", ORDINARY[:-1])
def test_an_ordinary_value_damages_no_program(value):
    assert without_secrets(CODE, {"SORT_KEY": value}) == CODE


def test_an_ordinary_value_is_found_as_a_whole_unless_it_is_a_name_or_a_place(tmp_path):
    found = {value for value in ORDINARY if secret_in(f"<{value}>", {"A_KEY": value})}
    assert set(ORDINARY) - found == {"position", "cart_position", "Development", "PRODUCTION"}
    assert secret_in(f"{tmp_path}/config.yaml", {"A_KEY": str(tmp_path)}) is None
    assert secret_in(f"{tmp_path}/none", {"A_KEY": f"{tmp_path}/none"}) == "A_KEY"


KEYS = st.text(string.ascii_letters + string.digits + "-_.", min_size=12, max_size=40).map(lambda text: f"sk-{text}")


@settings(max_examples=300, deadline=None)
@given(keys=st.lists(KEYS, min_size=1, max_size=3), data=st.data())
def test_whatever_pieces_stand_in_whatever_order_only_what_is_of_no_key_stays(keys, data):
    environment = {f"K{n}_KEY": key for n, key in enumerate(keys)}
    filler = st.sampled_from([" ", "\n", "x = 1", "é", "aaaaaaaa", "sk-", "[KEY]"])
    cuts = st.sampled_from(keys).flatmap(
        lambda key: st.tuples(st.integers(0, len(key)), st.integers(0, len(key))).map(lambda c: key[min(c) : max(c)])
    )
    text = "".join(data.draw(st.lists(filler | cuts, max_size=12)))
    pieces = set().union(*map(_pieces, keys))
    left = without_secrets(text, environment)
    assert not pieces & _pieces(left)
    covered = {k for start in range(len(text)) if text[start : start + 8] in pieces for k in range(start, start + 8)}
    kept = "".join(c if k not in covered else "\0" for k, c in enumerate(text))
    assert left.replace("[KEY]", "") == kept.replace("\0", "").replace("[KEY]", "")
    assert without_secrets(left, environment) == left


def test_a_key_inside_of_another_hides_both():
    inner, outer = "sk-1234567890", "my-sk-1234567890-and-more"
    assert without_secrets(f"<{outer}>", {"A_KEY": inner, "B_TOKEN": outer}) == "<[KEY]>"


def test_a_million_characters_are_searched_for_five_keys_in_a_moment():
    rng = random.Random(0)
    keys = {f"K{n}_KEY": "sk-" + "".join(rng.choices(string.ascii_letters + string.digits, k=160)) for n in range(5)}
    text = (CODE * 4000)[:1_000_000]
    started = time.process_time()
    assert without_secrets(text, keys) == text
    assert time.process_time() - started < 0.5  # 0.04 where this was written


def test_a_record_is_cleaned_of_keys_in_all_of_its_texts_and_else_stays_the_same(monkeypatch):
    record = Completion(
        restart=0, iteration=0, sample=20240131, text=f"use {LONG}", provider="p", model=LONG[4:20], started=20240131, ended=2
    )
    assert cleaned(record) is record
    monkeypatch.setenv("SOME_KEY", LONG)
    assert cleaned(record) == record.model_copy(update={"text": "use [KEY]", "model": "[KEY]"})
    monkeypatch.setenv("BUILD_KEY", "20240131")  # numbers are no texts
    assert cleaned(record).sample == 20240131


def _pieces(text: str) -> set[str]:
    return {text[k : k + 8] for k in range(len(text) - 7)}
