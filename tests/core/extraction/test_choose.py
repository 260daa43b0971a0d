import pytest

from eureka.extraction import MAX_BYTES, check_arguments, definition_line, extract, inspect_arguments

CODE = "import numpy as np\n\ndef compute_reward(height, action):\n    up = np.abs(height)\n    return up, {'up': up}\n"


def fence(code, info="python"):
    return f"```{info}\n{code}```\n"


def test_an_ordinary_answer_needs_no_repair():
    found = extract("Here is the reward.\n\n" + fence(CODE) + "\nGood luck!")
    assert (found.code, found.function, found.arguments) == (CODE, "compute_reward", ("height", "action"))
    assert (found.error, found.repairs) == (None, ())


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
        (fence("class A:\n    def compute_reward(x):\n        return x, {}\n"), "is in class `A`; move it to the top level", 2),
        (fence("class A:\n    def reward(x):\n        return x, {}\n"), "define it outside class `A`", None),
        (
            fence("def outer(x):\n    def compute_reward(x):\n        return x, {}\n    return 1\n"),
            "is nested in function `outer`; move it to",
            2,
        ),
        (fence("if True:\n\n    def compute_reward(x):\n        return x, {}\n"), "is inside an `if`; move it to the top level", 3),
        (fence("try:\n    def compute_reward(x):\n        return x, {}\nfinally:\n    pass\n"), "is inside a `try`; move it to", 2),
        (
            fence("def up(x):\n    return x\ncompute_reward = lambda x: (up(x), {})\n"),
            "is a lambda; write it with `def compute_reward(...):`",
            3,
        ),
        (fence("async def compute_reward(x):\n    return x, {}\n"), "async", 1),
        (fence("def compute_reward():\n    return 0, {}\n"), "takes no arguments", 1),
        (fence("def compute_reward(*args):\n    return 0, {}\n"), "must name each variable", 1),
        (fence("x = 1\0\n" + CODE), "null byte", 1),
        ("x" * (MAX_BYTES + 1), "longer than 200 kB", None),
        ("I say:\n\ndef compute_reward(x):\n    r = (x\n    return r, {}\n", "SyntaxError", 2),
    ],
)
def test_an_unusable_answer_says_why(answer, message, line):
    found = extract(answer)
    assert message in found.error
    assert found.line == line


def test_nothing_of_an_answer_is_executed(tmp_path):
    target = tmp_path / "written"
    extract(fence(f"open({str(target)!r}, 'w').write('x')\n" + CODE))
    assert not target.exists()


def test_arguments_are_read_from_the_last_definition():
    code = "def compute_reward(a): ...\ndef compute_reward(b, *, c=1): ...\n"
    assert inspect_arguments(code, "compute_reward") == ("b", "c")
    assert inspect_arguments(code, "other") == ()
    assert (definition_line(code, "compute_reward"), definition_line(code, "other")) == (2, None)


def test_an_unknown_argument_is_named_with_the_closest_variable():
    assert check_arguments(("height",), ("height", "action")) is None
    message = check_arguments(("heigth",), ("height", "action"))
    assert message == "argument `heigth` is no variable of this task; did you mean `height`? Allowed: height, action"
    assert check_arguments(("torque",), ("height",)) == "argument `torque` is no variable of this task. Allowed: height"


def test_what_models_write_for_compiled_rewards_is_taken_as_it_is_meant() -> None:
    answer = "```python\n@torch.jit.script\ndef compute_reward(x: Tensor) -> Tuple[Tensor, Dict[str, Tensor]]:\n    return x, {'x': x}\n```"
    found = extract(answer, ("x",))
    assert "jit" not in found.code
    assert found.repairs[0] == "dropped `@torch.jit.script`"
    assert "from torch import Tensor" in found.code
