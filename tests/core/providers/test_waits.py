"""How long a provider asks to be left alone."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from eureka.providers.waits import asked_wait, in_words, too_long


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "2"}, 2.0),
        ({"retry-after": "soon"}, None),
    ],
)
def test_a_pause_is_read_from_the_headers(headers, seconds):
    assert asked_wait(headers) == seconds


def test_a_date_is_read_too():
    assert 3590 < asked_wait({"retry-after": formatdate(time.time() + 3600, usegmt=True)}) <= 3600


@pytest.mark.parametrize(("wait", "long"), [("120", False), ("121", True), ("-5", False), ("inf", True), ("nan", False), ("1e400", True)])
def test_more_than_two_minutes_is_too_long(wait, long):
    assert too_long({"retry-after": wait}) == long


def test_a_pause_is_said_as_one_says_it():
    assert (in_words(300), in_words(3600), in_words(9000)) == ("5 min", "1 h", "2.5 h")
