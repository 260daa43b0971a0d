import pytest

from eureka.extraction import program_sha256

CODE = "import numpy as np\n\ndef compute_reward(height, action):\n    up = np.abs(height)\n    return up, {'up': up}\n"


def test_programs_that_do_the_same_have_equal_hashes():
    other = '''"""Says much."""
import numpy as np
def compute_reward(height,action):
  """Doc."""
  up = (np.abs(height))  # up
  return (up, {"up": up})'''
    assert program_sha256(CODE) == program_sha256(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("abs", "exp"), ("'up': up", "'up': 1"), ("up = np", "up: float = np"), ("height, action", "action, height"), ("'up': up", "'up'")],
)
def test_programs_that_differ_have_different_hashes(one, other):
    assert one in CODE
    assert program_sha256(CODE) != program_sha256(CODE.replace(one, other))


@pytest.mark.parametrize(("one", "other"), [("1", "1.0"), ("1", "True"), ("[a, [b]]", "[a, b, []]"), ("-1", "~1"), ("''", "b''")])
def test_expressions_that_differ_have_different_hashes(one, other):
    assert program_sha256(f"x = {one}") != program_sha256(f"x = {other}")


TEXTS = ["", "no program (", "x = 0x" + "f" * 50_000, "a" + ".b" * 90_000, "x" + "+x" * 3500, "\ud800", "\0"]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_every_text_has_a_hash(text):
    assert len(program_sha256(text)) == 64
