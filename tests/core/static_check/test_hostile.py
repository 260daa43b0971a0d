"""Whatever text it is given, the static check answers at once and in plain words, and runs none of it."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eureka.static_check import MAX_MESSAGE, MAX_PROGRAM, Problem, check

TESTS = Path(__file__).parents[2]
VARIABLES = ("angle", "speed", "action", "prev_angle")
ANSWERS = "\n".join(file.read_text(errors="replace") for file in sorted((TESTS / "corpus").glob("*.txt")))
PROGRAMS = [
    *(file.read_text() for file in sorted((TESTS / "corpus_good").glob("*/*.py"))),
    *re.findall(r"^```python\n(.*?)^```", ANSWERS, re.DOTALL | re.MULTILINE),
]
SECONDS = 1.0

FRAGMENTS = """
import numpy as np|import numpy.linalg as la|from math import pi|from typing import Dict, cast|from __future__ import annotations|import os
np|la|os|angle|x|f|__builtins__|np.save|np.linalg|np.random.rand|().__class__|np.r_|typing.Dict|open|print|'a'|0x{hex}|1e999|b'%s'|None|...
def f(x=[], *a, **k): return x|def compute_reward(angle, action):|    return angle, {}|class A: pass|lambda np: np|async def g(): await x
yield x|global x
nonlocal x|for x in y:|while True:|with np.errstate(all='ignore'):|try:|except* ValueError:|except np as e:|match x:|case A(b=c):|@f
del np|(|)|[|]|{|}|:|:=|=|->|*|**|@|,|.|'''
f'{x!r:{y}}'|;|#|\x00|\ud800|\u202e|１|ｏｐｅｎ|:int|: d[np] = 1
if|else|not |-|1 if 1 else |await|not
2**10**9|'a'*10**9|isinstance(x, d[np])|cast(np, x)|'{0.__class__}'.format(x)|x: (y := 1) = 2|type X = int
def f[T](x: T): ...|[i for i in x if (j := i)]|__debug__
""".strip("\n").replace("{hex}", "f" * 6000)
PIECES = [*(piece for line in FRAGMENTS.split("\n") for piece in line.split("|")), "\n", "\n    ", "\n\t", "\\\n"]


def judge(code, library="numpy"):
    """The check's answer, held to what every answer must keep."""
    started = time.process_time()
    problem = check(code, VARIABLES, library)
    assert time.process_time() - started < SECONDS
    assert problem is None or isinstance(problem, Problem)
    if problem is not None:
        assert 0 < len(problem.message) <= MAX_MESSAGE and problem.message.isprintable()
        assert max(map(len, problem.message.split())) <= 60
        assert problem.line is None or 1 <= problem.line <= code.count("\n") + code.count("\r") + code.count("\f") + 2
    return problem


def mutated(code, choose):
    """The program with a piece cut out, doubled or put in."""
    a, b = sorted((choose(len(code) + 1), choose(len(code) + 1)))
    return [code[:a] + code[b:], code[:b] + code[a:], code[:a] + PIECES[choose(len(PIECES))] + code[a:], code[:a] + code[a:b] * 3][
        choose(4)
    ]


@settings(max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(PIECES), max_size=40), st.sampled_from(["", " ", "\n"]), st.sampled_from(["numpy", "torch"]))
def test_no_string_of_pieces_of_programs_is_too_much(pieces, glue, library):
    judge(glue.join(pieces), library)


@settings(max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(PROGRAMS), st.randoms(use_true_random=False), st.integers(1, 4))
def test_no_program_that_somebody_spoilt_is_too_much(code, rng, times):
    for _ in range(times):
        code = mutated(code, rng.randrange)[: 2 * MAX_PROGRAM]
    judge(code)


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=600))
def test_no_text_is_too_much(data):
    text = data.decode("utf-16-le", "replace") + data.decode("utf-8", "surrogateescape")
    judge(text)
    judge(f"def compute_reward(angle):\n    return '{text}'")


def deep(opening, middle, closing, size):
    return opening * size + middle + closing * size


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "2 ** 10 ** 9",
            "10 ** 10 ** 8",
            "'a' * 10 ** 8",
            "(1,) * 10 ** 8",
            "1 << 10 ** 9",
            "'%999999999d' % 1",
            "((((1,) * 256) * 256) * 256) * 256",
        ),
        *(f"0x{'f' * 12_000} // 0x{'e' * 6_000}", "9" * 15_000, f"0x{'f' * 9_000}", "[" + "1," * 9_000 + "]", "[" + "b," * 9_000 + "]"),
        *(
            "1+" * 9_000 + "1",
            "angle" + ".T" * 9_000,
            "-" * 18_000 + "1",
            "not " * 4_500 + "1",
            "lambda:" * 2_500 + "1",
            "1 if 1 else " * 1_500 + "1",
        ),
        *(deep("(", "1", ")", 9_000), deep("[", "1", "]", 190), deep("[", "1", " for a in b]", 1_000), deep("(y:=", "1", ")", 100)),
        *(deep("{1:", "1", " for a in b}", 25), deep("f(", "1", ")", 150), "f'" + "{1}" * 6_000 + "'", "abs" + "(1)" * 6_000),
        *("1**" * 6_000 + "1", "1<" * 9_000 + "1", "1 and " * 3_000 + "1", "[" + "*a," * 6_000 + "]", "1;" * 9_000, "a" * 18_000),
        *("f(" + ",".join(f"a{i}=1" for i in range(2_500)) + ")", "[1 " + "for a in b " * 1_500 + "]", "1j*" * 6_000 + "1j"),
    ],
    ids=lambda expression: expression[:12],
)
def test_what_is_large_or_deep_or_folds_to_something_huge_is_answered_at_once(expression):
    judge(f"def compute_reward(angle):\n    x = {expression}\n    return angle, {{'a': angle}}\n")


def test_many_statements_and_deep_blocks_are_answered_at_once():
    judge("def f():\n    pass\n" * 1_100)
    judge("def compute_reward(angle):\n    if angle: pass\n" + "    elif angle: pass\n" * 900)
    judge("".join(" " * i + "def f():\n" for i in range(90)) + " " * 90 + "pass\n")
    judge("def compute_reward(" + ",".join(f"a{i}" for i in range(3_000)) + "):\n    pass")


def test_what_python_would_compile_into_gigabytes_is_refused_before():
    deepest = "".join("    " * (i + 1) + "try: pass\n" + "    " * (i + 1) + "finally:\n" for i in range(19)) + "    " * 20 + "pass\n"
    judge("def compute_reward(angle):\n" + deepest)
    ways_out = "".join(f"        if angle > {i}: return angle\n" for i in range(200))
    ways_out = f"def f(angle):\n    try:\n{ways_out}    finally:\n        pass\n"
    problem = check(ways_out + "def compute_reward(angle):\n    return angle, {'a': angle}", ["angle"])
    assert problem is not None and "`finally`" in problem.message


def test_a_long_name_is_cut_and_a_control_character_is_not_repeated():
    body = "def compute_reward(angle):\n    return "
    for code in (f"import {'a' * 5000}", f"{body}{'a' * 5000}()", f"{body}angle.__{'b' * 5000}", f"def compute_reward({'c' * 5000}): pass"):
        problem = judge(code)
        assert problem is not None and "…" in problem.message
    judge("x = '\x1b[2J")


WATCHED = """
import json, sys
from eureka.static_check import check
programs, events, watching = json.load(sys.stdin), [], False
for code in ("import os", "x = (", "return 1", "def compute_reward(angel): pass"):
    check(code, ["angle"])  # what it needs itself is loaded
quiet = {"compile", "object.__getattr__", "sys._getframe"}
sys.addaudithook(lambda event, arguments: events.append([event, repr(arguments)[:200]]) if watching and event not in quiet else None)
watching = True
exec("1")
assert events, "the hook sees nothing"
events.clear()
for code in programs:
    watching = True
    check(code, ["angle", "speed", "action", "prev_angle"])
    watching = False
print(json.dumps(events))
"""


def test_nothing_of_a_program_is_run(tmp_path):
    rng = random.Random(0)
    spoilt = [mutated(rng.choice(PROGRAMS), rng.randrange) for _ in range(150)]
    programs = [text.encode("utf-8", "replace").decode() for text in (*PROGRAMS, *spoilt, *PIECES)]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED], input=json.dumps(programs), capture_output=True, text=True, cwd=tmp_path, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    # To show the line of a syntax error Python looks for a file of the program's name: there is none.
    seen = [event for event in json.loads(done.stdout) if not (event[0] == "open" and ("<reward>" in event[1] or "<unknown>" in event[1]))]
    assert seen == [] and list(tmp_path.iterdir()) == []
