"""Text made to cost: no answer raises, takes a second or ends the interpreter."""

import json
import time

import pytest

from eureka.extraction import MAX_BYTES, extract

GOOD = "def compute_reward(x):\n    return x, {}\n"
COSTLY = {
    "parentheses": "(" * 199_000,
    "parentheses in a block": "```python\n" + GOOD + "y = " + "(" * 5000,
    "braces": '{"a":[[[[' * 22_000,
    "JSON objects": '{"a":' * 39_000,
    "JSON quotes": '{"' + '\\"' * 99_000,
    "JSON programs": '["' + "def f():\\n" * 19_900 + '"]',
    "backticks": "`" * 199_000,
    "ticks": "```\n" * 49_000,
    "fences": "```python\nx = 1\n```\n" * 9_500,
    "broken fences": "```\ndef f(x:\n```\n" * 999,
    "nested fences": "`````\n````\n```\ndef f(x:\n```\n````\n`````\n" * 400,
    "quotes": "> " * 99_000,
    "quotes in quotes": (">" * 19 + " def f(x:\n") * 2900,
    "bullets": "- a b def c\n" * 2999,
    "thoughts": "<think>\n" * 24_000,
    "ends of thoughts": "</think>" * 24_000,
    "tags": "</a>" * 49_000 + "x",
    "functions": "def f():\n" * 22_000,
    "functions among prose": "Prose !\n" + "def f(x\n" * 2500,
    "equations among prose": "Prose !\n" + "a = (b\n" * 2500 + GOOD,
    "a long line": "Prose !\n\n" + GOOD + "\na" + ".b" * 90_000,
    "no line ends": "def f(x): " * 19_000,
    "blank lines": "def f(x)\n" + "\n" * 190_000,
    "spaces": "def f(x)\n" + " " * 190_000 + "x",
    "escapes": "def f(x):\n &" + "amp;" * 49_000,
    "line ends": "def f(x):" + "\\n x" * 49_000,
    "numbers": "def \n" + "1 " * 99_000,
    "minus": "```\n" + GOOD + "y = " + "-" * 7000 + "1\n```",
    "a chain": "```\n" + GOOD + "y = a" + ".b" * 3500 + "\n```",
    "a sum": "```\n" + GOOD + "y = x" + "+x" * 3500 + "\n```",
    "an import": "```\n" + GOOD + "import a" + ".b" * 3500 + "\n```",
    "a continued import": "```\n" + GOOD + "import a" + ".\\\nb" * 2000 + "\n```",
    "digits": "```\n" + GOOD + "y = " + "9" * 50_000 + "\n```",
    "hexadecimal": "```\n" + GOOD + "y = 0x" + "f" * 50_000 + "\n```",
    "helpers of helpers": "".join(f"```\ndef f{i}(x):\n    return f{i + 1}(x)\n```\n" for i in range(700)) + "```\n" + GOOD + "```",
    "lambdas": "```\ndef r(x): return x\ny = " + "(lambda a: " * 190 + "r" + "+1" * 3000 + ")" * 190 + "\n```",
    "sentences in steps": "```\n" + "".join(" " * i + "A.\n" for i in range(600)) + "def f(x\n```",
    "sentences": "```\n" + "Say `x = 1` and it's well-known.\n" * 2900 + "def f(x\n```",
    "strings in strings": "```\na = " + repr("a = " + repr("a = " + repr("a = " + repr("def f(x):\n" * 2000)))) + "\n```",
    "JSON in JSON": json.dumps(json.dumps(json.dumps(json.dumps(["def f(x):\n" * 900] * 2)) + "x")),
    "surrogates": "\ud800```\n" * 20_000,
    "carriage returns": "a\r" * 99_000,
    "NUL": "```\n" + "def \0" * 20_000,
}


@pytest.mark.parametrize("kind", COSTLY)
def test_no_text_costs_a_second(kind):
    assert len(COSTLY[kind].encode("utf-8", "replace")) <= MAX_BYTES
    started = time.process_time()
    found = extract(COSTLY[kind], ("x",))
    assert time.process_time() - started < 1
    assert found.error or found.code  # how deep an expression may nest differs between Python versions
    if found.line is not None:
        assert 1 <= found.line <= found.code.count("\n") + 1
