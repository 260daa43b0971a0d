import json

import pytest

from eureka.extraction import MAX_BYTES, check_arguments, extract, inspect_arguments, program_sha256

CODE = "import numpy as np\n\ndef compute_reward(height, action):\n    up = np.abs(height)\n    return up, {'up': up}\n"


def fence(code, info="python"):
    return f"```{info}\n{code}```\n"


def test_an_ordinary_answer_needs_no_repair():
    found = extract("Here is the reward.\n\n" + fence(CODE) + "\nGood luck!")
    assert (found.code, found.function, found.arguments) == (CODE, "compute_reward", ("height", "action"))
    assert (found.error, found.repairs) == (None, ())


@pytest.mark.parametrize(
    "answer",
    [
        fence(CODE, 'Python3 title="reward.py"'),
        fence(CODE, ""),
        "~~~py\n" + CODE + "~~~",
        "```python\n" + CODE,
        "````markdown\nAnswer:\n" + fence(CODE) + "````",
        "1. Reward:\n\n" + "".join(f"   {line}\n" for line in fence(CODE).splitlines()),
        "> " + fence(CODE).replace("\n", "\n> "),
        "<think>\nhm\n</think>\n" + fence(CODE),
        "Usage:\n```python\nr, c = compute_reward(*state)\n```\nCode:\n" + fence(CODE) + "```bash\npip install numpy\n```",
        "\ufeff" + fence(CODE).replace("\n", "\r\n"),
        "I propose this reward:\n\n" + CODE + "\nThis climbs.",
        CODE,
        json.dumps({"thoughts": "climb", "code": CODE}),
        json.dumps({"answer": fence(CODE)}),
        fence(json.dumps({"code": CODE}) + "\n", "json"),
        fence(CODE.replace("'", "&quot;").replace("np.abs(height)", "np.where(height &lt; 2, 1.0, 2.0)")),
        fence(CODE.replace("    up", "\u00a0\u00a0\u00a0\u00a0up")),
        fence("".join(f"  {line}\n" for line in CODE.splitlines())),
    ],
)
def test_a_program_is_found_however_it_is_wrapped(answer):
    found = extract(answer)
    assert found.error is None
    assert found.arguments == ("height", "action")
    compile(found.code, "reward", "exec")


def test_the_last_block_that_defines_the_function_wins():
    found = extract("Draft:\n" + fence("def compute_reward(a):\n    return a, {}\n") + "Better:\n" + fence(CODE) + fence("x = 1\n"))
    assert found.arguments == ("height", "action")


def test_helpers_of_other_blocks_are_joined_and_nothing_else_of_them():
    helper = "import numpy as np\nSCALE = 2.0\nprint('usage')\n\ndef bump(x):\n    return np.exp(-SCALE * x**2)\n"
    found = extract(fence(helper) + fence("def compute_reward(height):\n    return bump(height), {}\n"))
    assert found.repairs == ("joined blocks",)
    assert "SCALE = 2.0" in found.code
    assert "import numpy as np" in found.code
    assert "print" not in found.code


def test_a_forgotten_numpy_import_is_added():
    found = extract(fence("def compute_reward(height):\n    return np.abs(height), {}\n"))
    assert found.code.startswith("import numpy as np\n")
    assert found.repairs == ("added `import numpy as np`",)


def test_the_only_function_is_taken_under_whatever_name():
    found = extract(fence("def reward(height):\n    return height, {}\n"))
    assert (found.function, found.arguments) == ("compute_reward", ("height",))
    assert "def compute_reward(height)" in found.code
    assert found.repairs == ("renamed `reward`",)


@pytest.mark.parametrize(
    ("answer", "message", "line"),
    [
        ("", "is empty", None),
        ("The cosine of the angle.", "no function `compute_reward` found", None),
        (fence("def a(x):\n    return x\ndef b(x):\n    return x\n"), "several others are: a, b", None),
        (fence("def compute_reward(x)\n    return x, {}\n"), "SyntaxError", 1),
        (fence("class A:\n    def compute_reward(x):\n        return x, {}\n"), "outside class `A`", None),
        (fence("async def compute_reward(x):\n    return x, {}\n"), "async", 1),
        (fence("def compute_reward():\n    return 0, {}\n"), "takes no arguments", 1),
        (fence("def compute_reward(*args):\n    return 0, {}\n"), "must name each variable", 1),
        (fence("x = 1\0\n" + CODE), "null byte", None),
        ("x" * (MAX_BYTES + 1), "longer than 200 kB", None),
        ("I say:\n\ndef compute_reward(x):\n    r = (x\n    return r, {}\n", "SyntaxError", 2),
    ],
)
def test_an_unusable_answer_says_why(answer, message, line):
    found = extract(answer)
    assert message in found.error
    assert found.line == line


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "```python\n" + "(" * 5000,
        "[" * 100_000,
        "> " * 90_000,
        "a" + ".b" * 90_000,
        "-" * 150_000 + "1",
        "\ud800```\n",
        "`" * 190_000,
        "def " * 40_000,
        "from x\n" * 20_000,
        "```\n" * 40_000,
        '{"a":' * 30_000,
        "def compute_reward(x):\n  x" + "+x" * 60_000,
    ],
    ids=range(13),
)
def test_no_text_raises(text):
    found = extract(text)
    assert found.error or found.code  # how deep an expression may nest differs between Python versions
    assert len(program_sha256(text)) == 64
    assert inspect_arguments(text, "compute_reward") == found.arguments


def test_nothing_of_an_answer_is_executed(tmp_path):
    target = tmp_path / "written"
    extract(fence(f"open({str(target)!r}, 'w').write('x')\n" + CODE))
    assert not target.exists()


def test_equal_programs_have_equal_hashes():
    other = '''"""Says much."""
import numpy as np
def compute_reward(height,action):
  """Doc."""
  up = (np.abs(height))  # up
  return (up, {"up": up})'''
    assert program_sha256(CODE) == program_sha256(other)
    assert program_sha256(CODE) != program_sha256(CODE.replace("abs", "exp"))


def test_arguments_are_read_from_the_last_definition():
    code = "def compute_reward(a): ...\ndef compute_reward(b, *, c=1): ...\n"
    assert inspect_arguments(code, "compute_reward") == ("b", "c")
    assert inspect_arguments(code, "other") == ()


def test_an_unknown_argument_is_named_with_the_closest_variable():
    assert check_arguments(("height",), ("height", "action")) is None
    message = check_arguments(("heigth",), ("height", "action"))
    assert message == "argument `heigth` is no variable of this task; did you mean `height`? Allowed: height, action"
    assert check_arguments(("torque",), ("height",)) == "argument `torque` is no variable of this task. Allowed: height"
