"""Each way in which answers wrap, spoil or spread a program, in several variants."""

import itertools
import json

import pytest

from eureka.extraction import extract

CODE = "import numpy as np\n\ndef compute_reward(height, action):\n    up = np.abs(height)\n\n    return up, {'up': up}\n"
DRAFT = "def compute_reward(draft):\n    return draft, {}\n"


def fence(code=CODE, info="python", mark="```"):
    return f"{mark}{info}\n{code}{mark}\n"


def indented(text, by):
    return "".join(by + line if line.strip() else line for line in text.splitlines(keepends=True))


def taken(answer, variables=("height", "action")):
    found = extract(answer, variables)
    assert found.error is None, found.error
    compile(found.code, "reward", "exec")
    return found


MARKED = {
    "tag py": fence(info="py"),
    "tag with a title": fence(info='Python3 title="reward.py"'),
    "tag in braces": fence(info="{.python}"),
    "no tag": fence(info=""),
    "tildes": fence(mark="~~~"),
    "four ticks": fence(mark="````"),
    "nested": "````markdown\nAnswer:\n" + fence() + "````",
    "nested twice": "`````\n````md\n" + fence() + "````\n`````",
    "in a list item": "1. Reward:\n\n" + indented(fence(), "   "),
    "in a bullet below a bullet": "- a\n  - b\n" + indented(fence(), "    "),
    "far to the right": indented(fence(), "        "),
    "in a quote": "> " + fence().replace("\n", "\n> "),
    "in an answer tag": "<answer>\n" + fence() + "</answer>",
    "an example first": "Usage:\n" + fence("r, c = compute_reward(*state)\n") + fence() + fence("pip install numpy\n", "bash"),
    "an example last": fence() + "Try it:\n" + fence("print(compute_reward(np.ones(3), np.ones((3, 1))))\n"),
    "a fence in the docstring": fence(CODE.replace("    up =", '    """As in\n\n    ```\n    x = 1\n    ```\n    """\n    up =')),
    "CRLF": ("Sure.\n" + fence()).replace("\n", "\r\n"),
    "CR": ("Sure.\n" + fence()).replace("\n", "\r"),
    "BOM": "\ufeff" + fence(),
    "tabs": fence(CODE.replace("    ", "\t")),
    "after thinking": "<think>\nPerhaps\n" + fence(DRAFT) + "</think>\n" + fence(),
    "after thinking that began in the prompt": "Perhaps\n" + fence(DRAFT) + "no.</think>\n" + fence(),
    "after reasoning with an open fence": "<reasoning depth='3'>\n```python\n" + DRAFT + "\n</reasoning>" + "\n" + fence(),
    "before thinking that never ends": fence() + "<thinking>\nor rather\n" + fence(DRAFT),
}


@pytest.mark.parametrize("kind", MARKED)
def test_a_block_of_its_own_needs_no_repair(kind):
    found = taken(MARKED[kind])
    assert found.arguments == ("height", "action")
    assert found.repairs == ()


MENDED = {
    "prose before": ("I propose this:\n\n" + CODE, "no code fence"),
    "prose after": (CODE + "\nThis climbs.", "no code fence"),
    "prose at once after": (CODE + "This climbs.", "no code fence"),
    "bullets after": ("From this:\n" + CODE + "\n- `up` climbs\n  * much\n\n## Notes\n1. Good luck", "no code fence"),
    "indented prose after": (CODE + "\n   This climbs.\n", "no code fence"),
    "prose between": (CODE.replace("\ndef", "\nNote: balance\nThen the reward:\n\ndef"), "no code fence"),
    "a formula in the prose": ("We take\nreward = a + b\nand so\n" + CODE, "no code fence"),
    "nothing but code": (CODE, "no code fence"),
    "indented by 4": ("Here:\n\n" + indented(CODE, "    ") + "\nEnjoy!", "no code fence"),
    "indented in a list": ("1. Here:\n\n" + indented(CODE, "       ") + "\nEnjoy", "no code fence"),
    "code tag": ("<code>" + CODE + "</code>", "no code fence"),
    "tags on one line": ("<answer><reward>" + CODE + "</reward></answer>\nDone.", "no code fence"),
    "CDATA": ("<program><![CDATA[" + CODE + "]]></program>", "no code fence"),
    "HTML": ('<pre><code class="language-python">' + CODE.replace("'", "&quot;") + "</code></pre>", "unescaped HTML"),
    "unclosed": ("```python\n" + CODE, "unclosed code fence"),
    "unclosed with prose": ("Here:\n```python\n" + CODE + "\nThis climbs.\n", "unclosed code fence"),
    "closed with words": ("```python\n" + CODE + "``` and that is it.\nBye.", "code fence"),
    "opened in a sentence": ("Here it is: ```python\n" + CODE + "```\nBye.", "broken code fence"),
    "opened on the line of an import": ("```python " + CODE + "```\nBye.", "added `import numpy as np`"),
    "opened on the line of the function": ("```python " + CODE.partition("\n\n")[2] + "```\nBye.", "broken code fence"),
    "prose in the fence": (fence("Here it is:\n\n" + CODE + "\nThis climbs!\n"), "dropped text around the program"),
    "sentences in the fence": (
        fence("Note:\n" + CODE + "\n- `up = 3` rewards a well-known height\n1. It's good, so it climbs\n"),
        "dropped text",
    ),
    "the word python": ("python\n" + CODE, "dropped the word `python`"),
    "the word Python3 in the fence": (fence("\nPython3 \n\n" + CODE, ""), "dropped the word `python`"),
    "the word py after a sentence": (fence("Here it is:\npy\n" + CODE, ""), "dropped the word `python`"),
    "the word Python among prose": ("Here:\n\nPython\n" + CODE + "\nThis climbs (a lot).", "no code fence"),
    "fence at the margin of a list": ("1. Here:\n   ```python\n" + CODE + "   ```\n", "code fence"),
    "NBSP": (fence(CODE.replace("    up", "\u00a0\u00a0\u00a0\u00a0up")), "replaced odd spaces"),
    "other spaces": (fence(CODE.replace("up = ", "up\u2009=\u3000\u200b")), "replaced odd spaces"),
    "line separators": (fence(CODE.replace("\n", "\u2028")), "replaced odd spaces"),
    "smart quotes": (fence(CODE.replace("'up'", "‘up’")), "replaced typographic signs"),
    "smart double quotes": (fence(CODE.replace("'up'", "“up”")), "replaced typographic signs"),
    "escapes": (fence(CODE.replace("np.abs(height)", "np.where(height &lt; 2, 1.0, -1.0)")), "unescaped HTML"),
    "escaped escapes": (fence(CODE.replace("'", "&amp;quot;")), "unescaped HTML"),
    "numeric escapes": (fence(CODE.replace("'", "&#39;")), "unescaped HTML"),
    "indented in the fence": (fence(indented(CODE, "  ")), "dedented"),
    "prompts": (
        fence("".join(f"{'>>>' if line[:1].strip() else '...'} {line}" for line in CODE.splitlines(keepends=True))),
        "removed line prefixes",
    ),
    "a diff": (fence("@@ -1 +1 @@\n-old = 1\n" + indented(CODE, "+"), "diff"), "removed line prefixes"),
    "line numbers": (fence("".join(f"{n:2} {line}" for n, line in enumerate(CODE.splitlines(keepends=True), 1))), "removed line prefixes"),
    "numbers and bars": (
        fence("".join(f"{n:2} | {line}" for n, line in enumerate(CODE.splitlines(keepends=True), 8))),
        "removed line prefixes",
    ),
    "a quote without a fence": (indented(CODE.replace("\n\n", "\n>\n"), "> "), "removed line prefixes"),
    "JSON object": (json.dumps({"thoughts": "climb", "code": CODE}), "unpacked JSON"),
    "JSON array": (json.dumps(["climb", {"x": 1}, CODE]), "unpacked JSON"),
    "nested JSON": (json.dumps({"a": [{"answer": {"reward": CODE}}]}), "unpacked JSON"),
    "JSON in JSON": (json.dumps([{"name": "reward", "arguments": json.dumps({"code": CODE})}]), "unpacked JSON"),
    "JSON in JSON in JSON": (json.dumps({"a": json.dumps({"arguments": json.dumps({"code": fence()})})}), "unpacked JSON"),
    "a string": (fence("code = '''\n" + CODE.replace("'up'", '"up"') + "'''\n"), "unpacked a string"),
    "a string with a fence": (fence("code = " + repr(fence()) + "\n"), "unpacked a string"),
    "JSON list of lines": (json.dumps({"code": CODE.splitlines()}), "unpacked JSON"),
    "JSON string": (json.dumps(CODE), "unpacked JSON"),
    "JSON with a fence": (json.dumps({"answer": "Here:\n" + fence()}), "unpacked JSON"),
    "JSON in a fence": ("Sure:\n" + fence(json.dumps({"code": CODE}, indent=1) + "\n", "json"), "unpacked JSON"),
    "JSON among prose": ("Sure:\n" + json.dumps({"code": CODE}) + "\nGood luck!", "unpacked JSON"),
    "JSON with line ends": ('{"code": "' + CODE + '"}', "unpacked JSON"),
    "JSON with a comma too many": ('{"code": ' + json.dumps(CODE) + ",\n}", "unpacked JSON"),
    "Python's quotes": (repr({"code": CODE}), "unpacked JSON"),
    "escaped line ends": (fence(CODE.replace("\n", "\\n") + "\n"), "unescaped line ends"),
    "thought of only": ("<think>\n" + fence() + "</think>\nThat is all.", "taken from the model's thinking"),
    "thought of without an end": ("<thinking>\n" + fence(), "taken from the model's thinking"),
    "a main block": (
        fence(CODE + "\nif __name__ == '__main__':\n    print(compute_reward(1, 2))\n"),
        "dropped the `if __name__ == ...` block",
    ),
    "no import": (fence(CODE.replace("import numpy as np\n", "")), "added `import numpy as np`"),
    "no typing": (fence(CODE.replace("action)", "action) -> Tuple[np.ndarray, dict]")), "added `from typing import Tuple`"),
    "two versions": ("Draft:\n" + fence(DRAFT) + "Better:\n" + fence(), "took the last of 2 versions"),
    "a signature last": (fence() + "So it is\n" + fence("def compute_reward(...) -> ...:\n    ...\n"), "took an earlier version"),
    "a stub last": (fence() + "So it is\n" + fence("def compute_reward(x):\n    ...\n"), "took an earlier version"),
    "a correction that was cut off": (fence() + "Better:\n```python\n" + CODE[:-9], "took an earlier version"),
}


@pytest.mark.parametrize("kind", MENDED)
def test_a_mended_answer_says_what_was_mended(kind):
    answer, repair = MENDED[kind]
    found = taken(answer)
    assert found.arguments == ("height", "action")
    assert repair in ", ".join(found.repairs)
    assert "return up, {" in found.code


FAULTS = ["X = = 3", "print 'done'", "print a, b, c, d", "GAIN (see above", "return up esle b up", "    X: = 3", "Try this: x = = 3"]
WHOLE = {
    "fence": lambda code: fence(code),
    "fence after prose": lambda code: "Here it is:\n\n" + fence(code) + "\nThis climbs!\n",
    "fence with a sentence": lambda code: fence("This climbs!\n" + code),
    "tildes": lambda code: fence(code, mark="~~~"),
    "nested": lambda code: "````md\nAnswer:\n" + fence(code) + "````\n",
    "list": lambda code: "1. Here:\n\n" + indented(fence(code), "   "),
    "quote": lambda code: "> " + fence(code).replace("\n", "\n> "),
    "unclosed": lambda code: "```python\n" + code,
    "docstring first": lambda code: fence('"""Climb."""\n' + code),
    "another name": lambda code: fence(code.replace("compute_reward", "reward")),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_line_of_a_fence_that_is_neither_code_nor_a_sentence_is_the_reason(kind):
    for fault, before in itertools.product(FAULTS, (True, False)):
        code = f"{fault}\n{CODE}" if before else f"{CODE}{fault}\n"
        found = extract(WHOLE[kind](code), ("height", "action"))
        assert "Error: " in found.error
        assert found.code.split("\n")[found.line - 1].strip() == fault.strip()


@pytest.mark.parametrize("sign", ["“", "&lt;", "\u00a0", "\u2009", "\\n"])
def test_what_parses_is_left_as_it_is(sign):
    code = CODE.replace("'up'", f"'{sign}up'")
    assert taken(fence(code)).code == code


def test_helpers_imports_and_constants_come_from_other_blocks():
    answer = (
        fence("import numpy as np\nfrom math import tau\nprint('usage')\n")
        + fence("GAIN: float = 2.0\nA, B = 1.0, tau\n")
        + fence("def bump(x):\n    return x\n")
        + fence("def bump(x):\n    return np.exp(-GAIN * B * x**2)\n")
        + fence("from __future__ import annotations\ndef compute_reward(height):\n    return bump(height), {}\n")
    )
    found = taken(answer)
    assert found.repairs == ("joined blocks",)
    assert found.code.count("def bump") == 1 and "np.exp" in found.code
    assert "print" not in found.code
    values = {}
    exec(found.code, values)
    assert values["compute_reward"](0.0)[0] == 1.0


@pytest.mark.parametrize("statement", ["open('/nowhere', 'w')", "np.seterr(all='ignore')", "while False: pass", "assert True"])
def test_statements_at_the_top_level_are_kept_for_the_static_check_to_refuse(statement):
    for answer in (fence(f"{statement}\n{CODE}"), fence(f"{CODE}{statement}\n"), f"Here!\n{CODE}\n{statement}\n\nGood luck!"):
        if "Here!" not in answer or not statement.startswith("assert"):
            assert statement in taken(answer).code


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("def reward(height):\n    reward = height\n    return reward, {'reward': reward}\n", "reward"),
        ("def _gauss(x):\n    return x\n\ndef reward_fn(height):\n    return _gauss(height), {}\n", "reward_fn"),
        ("def f(height):\n    return f'{height}', {'f': f}  # f\n", "f"),
        ("def a(x):\n    return x\n\ndef b(height):\n    return height, {}\n\ndef c(y):\n    return b(y)\n", "b"),
        ("def rew(height):\n    return height, {}\n\ndef main():\n    print(rew(1))\n", "rew"),
        ("def main(episodes):\n    print(rew(1))\n\ndef rew(height, action):\n    return height, {}\n", "rew"),
    ],
)
def test_the_only_function_that_can_be_meant_is_renamed(code, name):
    found = taken(fence(code))
    assert found.repairs == (f"renamed `{name}`",)
    assert found.code.count(f"def {name}(") == 0
    assert found.arguments[0] == "height"


def test_calls_are_renamed_and_strings_are_not():
    code = 'def rew(é, x):\n    """rew of rew"""\n    z = "éé", rew(é, 1); return rew(x, 2), {"rew": x}  # rew\n\nlast = rew\n'
    renamed = code.replace("def rew(", "def compute_reward(").replace("rew(é, 1)", "compute_reward(é, 1)")
    renamed = renamed.replace("rew(x", "compute_reward(x").replace("= rew", "= compute_reward")
    assert taken(fence(code), ()).code == renamed


@pytest.mark.parametrize(
    ("answer", "message", "line"),
    [
        (
            fence("def a(height):\n    return 1\ndef b(action):\n    return 2\n"),
            "several others are: a, b; call the reward `compute_reward`",
            None,
        ),
        (fence("def helper(height):\n    return 1\n") + fence("def rew(action):\n    return (1\n"), "was never closed, at `return (1`", 2),
        ("```python\ndef helper(x):\n    return x\n\ndef compute_reward(height):\n    return (x +", "was never closed", 5),
        ("Here!\n\nclass A:\n    def compute_reward(height):\n        return 1\n\nBye!", "in class `A`; move it to the top level", 2),
        (fence("def outer():\n    def compute_reward(height):\n        return 1\n    return 2\nx = outer(\n"), "was never closed", 5),
        (fence("def compute_reward(x):\n    if x:\n\ty = 1\n        z = 2\n    return x\n"), "TabError", 3),
        ("Use def or class as you like.", "answer with one python code block", None),
        ("def compute_reward(x):\n" + "    x = x + 1\n" * 2900, "too long for a reward", None),
        ("a\n" * 4000 + fence(), "longer than 3000 lines", None),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(answer, message, line):
    found = extract(answer, ("height", "action"))
    assert message in found.error
    assert found.line == line
