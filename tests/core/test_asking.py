"""Questions asked at the same time."""

from __future__ import annotations

import queue
import threading
import time

import pytest

from eureka.asking import _at_once
from eureka.generator_types import Answer


def answers(*samples, until=None, error=None):
    for sample in samples:
        yield Answer(sample=sample, text=str(sample))
    if until is not None:
        until.wait(20)
    if error is not None:
        raise error


def test_answers_come_as_they_are_there_and_a_failure_after_all_of_them():
    release = threading.Event()
    stream = _at_once([answers(0, 1, until=release), answers(2, error=OSError("cut")), answers(3)], queue.SimpleQueue())
    assert {next(stream).sample for _ in range(4)} == {0, 1, 2, 3}  # though the first has not ended
    release.set()
    with pytest.raises(OSError, match="cut"):
        next(stream)


def test_what_had_come_when_it_was_left_is_still_in_the_inbox():
    inbox = queue.SimpleQueue()
    stream = _at_once([answers(0, 1, 2), answers(3)], inbox)
    got = {next(stream).sample}
    stream.close()
    until = time.monotonic() + 20
    while len(got) < 4 and time.monotonic() < until:
        if isinstance(left := inbox.get(timeout=20), Answer):
            got.add(left.sample)
    assert got == {0, 1, 2, 3}
