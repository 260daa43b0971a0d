"""Questions asked at the same time."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from eureka.at_once import at_once
from eureka.errors import ModelFault
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
    sources = [partial(answers, 0, 1, until=release), partial(answers, 2, until=release, error=OSError("cut")), partial(answers, 3)]
    stream = at_once(sources, 3)
    assert {next(stream).sample for _ in range(4)} == {0, 1, 2, 3}  # though the first has not ended
    release.set()
    with pytest.raises(OSError, match="cut"):
        next(stream)


def test_after_a_failure_nothing_more_is_begun():
    begun = []

    def source(number):
        begun.append(number)
        yield from answers(number, error=OSError("refused") if number == 1 else None)

    stream = at_once([partial(source, number) for number in range(9)], 1)
    assert [next(stream).sample, next(stream).sample] == [0, 1]
    with pytest.raises(OSError, match="refused"):
        next(stream)
    assert begun == [0, 1]


def test_of_several_faults_one_is_told_that_may_be_billed_with_all_samples_that_may_be():
    together = threading.Barrier(3)

    def source(sample, billed):
        together.wait(20)
        yield from answers(error=ModelFault(f"billed: {billed}", billed=billed, samples=(sample,)))

    with pytest.raises(ModelFault, match="billed: True") as raised:
        list(at_once([partial(source, 0, False), partial(source, 1, True), partial(source, 2, True)], 3))
    assert [raised.value.may_bill(sample) for sample in range(4)] == [False, True, True, False]


def test_what_had_come_when_it_was_left_is_handed_over():
    left = []
    stream = at_once([partial(answers, 0, 1, 2), partial(answers, 3)], 2, on_left=left.append)
    got = next(stream).sample
    time.sleep(0.2)
    stream.close()
    assert {got, *(answer.sample for answer in left)} == {0, 1, 2, 3}
