"""What holds for every answer, tried on pieces of real ones in any order."""

import ast
import json
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eureka.extraction import FUNCTION, extract, program_sha256

SENTINEL = "eureka_extraction_sentinel"
GOOD = "import numpy as np\n\ndef compute_reward(height, action):\n    up = np.abs(height)\n    return up, {'up': up}\n"
PIECES = [
    # marks
    *("```python\n", "```\n", "````md\n", "````\n", "~~~\n", "```Python3 title='x'\n", "``` bye\n", "Code: ```py\n", "> ", "- ", "1. "),
    *("<think>\n", "</think>\n", "<reasoning>", "<answer>", "</answer>\n", "<code>", "</code>", "<![CDATA[", "]]>"),
    *("{", "}", '"', "(", "]"),
    # prose
    *("Here is the reward:\n\n", "This climbs.\n", "- `up` helps\n", "reward = a + b\n", "Note: balance\n", "## Notes\n", "\n\n"),
    # odd characters
    *("\r\n", "\r", "\ufeff", "\u00a0", "\u2009", "\u2028", "“", "’", "&lt;", "&amp;quot;", "\\n", "\0", "\ud800", "é", "\x0c", "\x1b[31m"),
    # code
    *("def compute_reward(height):\n", "    return height, {}\n", "def helper(x):\n    return x * GAIN\n\n", "GAIN = 2.0\n"),
    *("def reward_fn(height, action):\n    return helper(height), {}\n", "class A:\n    ", "async ", "lambda x: (\n", "@decorated\n"),
    *("if __name__ == '__main__':\n    print(compute_reward(1))\n", ">>> ", "+ ", "1 | ", "...\n", "\t", "   ", "\\", "(" * 300),
    *(f"__import__('{SENTINEL}')\n", f"x = open('/{SENTINEL}', 'w')\n", "```python\nprint(compute_reward(1, 2))\n```\n"),
    # programs
    *(GOOD, GOOD.replace("    ", "\t"), GOOD.replace("\n", "\r\n"), GOOD.replace("\n", "\n    "), GOOD[:-9], GOOD.replace("'", "&#39;")),
    *(f"```python\n{GOOD}```\n", json.dumps({"code": GOOD}), json.dumps([GOOD]) + "\n"),
]
PROSE = ["Sure.\n", "- a\n", "\n", "Note: x\n", "`up` climbs.\n", "1. b\n", "> c\n", "<b>d</b>\n", "“e”\n"]
answers = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=14).map("".join)
quick = settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
events: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def watched():
    """Hooks cannot be taken away again; this one hears only of the names that pieces of answers would use."""
    sys.addaudithook(lambda event, args: events.append(event) if event in ("import", "open") and SENTINEL in str(args[0]) else None)
    with pytest.raises(OSError):
        Path(f"/{SENTINEL}/x").read_text()
    assert events.pop() == "open"


@quick
@given(answers)
def test_every_answer_gives_a_program_or_the_reason_why_not(answer):
    started = time.process_time()
    found = extract(answer, ("height", "action"))
    assert time.process_time() - started < 1
    assert events == []
    assert len(program_sha256(found.code)) == 64
    if found.error is None:
        definitions = [node for node in ast.parse(found.code).body if isinstance(node, ast.FunctionDef) and node.name == FUNCTION]
        assert tuple(a.arg for a in (*definitions[-1].args.args, *definitions[-1].args.kwonlyargs)) == found.arguments != ()
    else:
        assert found.error.strip() and found.arguments == ()
    if found.line is not None:
        assert 1 <= found.line <= len(found.code.rstrip().split("\n"))


@quick
@given(answers)
def test_what_was_extracted_needs_no_repair(answer):
    found = extract(answer)
    if found.error is None:
        mark = "`" * 40
        again = extract(f"{mark}python\n{found.code}{mark}\n")
        assert (again.code, again.repairs, again.arguments, again.error) == (found.code, (), found.arguments, None)


@quick
@given(st.lists(st.sampled_from(PROSE), max_size=6).map("".join))
def test_prose_around_a_block_changes_nothing(prose):
    found = extract(f"{prose}\n\n```python\n{GOOD}```\n\n{prose}")
    assert (found.code, found.repairs, found.error) == (GOOD, (), None)
