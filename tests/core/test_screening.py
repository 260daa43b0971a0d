from eureka.screening import screen
from eureka.types import EnvContext, VariableInfo

HEIGHT = VariableInfo(name="height", shape=(), low=(-1.0,), mean=(0.0,), high=(1.0,))
CONTEXT = EnvContext(task="t", description="", text="", variables=(HEIGHT,), has_prev=())


def test_an_unknown_argument_is_refused_with_the_line_of_the_definition():
    code = "def up(x):\n    return x\n\n@up\ndef compute_reward(heigth):\n    return up(heigth), {}\n"
    found, refusal = screen(f"```python\n{code}```\n", CONTEXT)
    assert (refusal.stage, refusal.code, refusal.line) == ("static", "arguments", 5)
    assert "did you mean `height`?" in refusal.message
    assert "def compute_reward" in found.code.split("\n")[refusal.line - 1]
