"""What a reward's program may do, told before any of it runs: cases of every kind a model has been seen to write."""

from __future__ import annotations

import pytest

from eureka.static_check import MAX_MESSAGE, check

VARIABLES = ("angle", "speed", "action", "prev_angle", "terminated")


def program(body: str, before: str = "import numpy as np", arguments: str = "angle, action") -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"{before}\ndef compute_reward({arguments}):\n{lines}\n"


GOOD = "up = np.cos(angle)\nreturn up, {'up': up}"


@pytest.mark.parametrize(
    "code",
    [
        program(GOOD),
        program(GOOD, "from __future__ import annotations\nimport numpy as np\nimport math\nfrom typing import Dict, Tuple"),
        program(GOOD, '"""A docstring."""\nimport numpy as np\nSCALE = np.array([1.0, 2.0]) * math.pi\nimport math'),
        program("up = la.norm(action, axis=1)\nreturn up, {'up': up}", "import numpy.linalg as la"),
        program("import numpy as np\nup = np.linalg.norm(action, axis=1)\nreturn up, {'up': up}", ""),
        program("parts = {'a': angle}\nparts.update(b=speed)\nreturn sum(parts.values()), parts", "", "angle, speed"),
        program("up = np.zeros_like(angle)\nup += 1\nup[angle > 0] -= 0.5\nreturn up, {'up': up}"),
        program("print('mean', angle.mean(), f'{angle[0]:.2f}')\nreturn angle, {'angle': angle}"),
        program("with np.errstate(divide='ignore'):\n    up = 1.0 / angle\nreturn up, {'up': up}"),
        program("if isinstance(angle, np.ndarray) and angle.ndim == 1:\n    raise ValueError(f'{angle.shape}')\nreturn angle, {}"),
        program("_, counts = np.unique(angle, return_counts=True)\nreturn angle, {'c': angle}"),
        program("θ = angle\nreturn θ, {'up': θ}"),
        program("max = angle.max()\nreturn angle - max, {'a': angle}"),
        program("return fade(angle), {'a': angle}", "def fade(x: 'np.ndarray', width: float = 2.0) -> 'np.ndarray':\n    return x / width"),
        program("square = lambda x: x**2\nreturn square(angle), {k: square(v) for k, v in zip('ab', (angle, angle))}"),
        program("try:\n    up = 1 / len(angle)\nexcept ZeroDivisionError as error:\n    up = 0.0\nreturn angle * up, {'a': angle}"),
        # Wrong, but harmless: trying it on recorded transitions says so.
        program("return angle.norm(), {'a': angle}"),
        program("MEMORY.append(angle)\nreturn angle, {'a': angle}", "MEMORY = []"),
        program("for _ in range(10**15):\n    pass\nreturn angle, {'a': angle}"),
        "def compute_reward(angle: 'float', *, speed=0.0) -> tuple[float, dict[str, float]]:\n    return angle, {'a': angle}\n",
        program("up: Array = angle\nreturn up, {'up': up}"),  # never evaluated
        program(GOOD, "from __future__ import annotations\nimport numpy as np\ndef f(x: Array) -> Array:\n    return x"),
        program(
            GOOD, "import numpy as np\nfrom typing import Dict\nParts = Dict[str, np.ndarray]\ndef f(x: Parts) -> Parts:\n    return x"
        ),
        program(GOOD, "import numpy as np\nimport numpy.typing as npt\nArray = npt.NDArray[np.float64]\nTwo: 'Array' = np.zeros(2)"),
        program(GOOD, "import numpy as np\nfrom math import radians\nLIMIT = radians(12)\nW = dict(up=float(1), down=[LIMIT] * len('ab'))"),
        program("if hasattr(angle, 'ndim') and isinstance(angle, (np.ndarray, float)):\n    angle = angle * 1\nreturn angle, {'a': angle}"),
        program("return angle, {'{}_{:.1f}'.format('a', 1): angle, 'b': np.finfo(np.float32).eps + angle}"),
        program("n = 0\ndef add():\n    nonlocal n\n    n += 1\nadd()\nreturn angle * n, dict.fromkeys('ab', angle)"),
        program(
            "up = np.divide(angle, 2, out=np.zeros_like(angle), where=angle > 0)\nreturn up, {'s': np.sum(angle, where=angle > 0) + up}"
        ),
    ],
)
def test_ordinary_programs_are_let_through(code):
    assert check(code, VARIABLES) is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        # Files, processes, the network, clocks
        ("open('x', 'w')", "`open` is not available to a reward"),
        ("import os", "`import os` is not allowed; a reward may import numpy"),
        ("import numpy.random as r", "`import numpy.random` is not allowed"),
        ("from time import time", "`from time import …` is not allowed"),
        ("from . import secrets", r"`from \. import …` is not allowed"),
        ("angle.tofile('x')", "the attribute `tofile`"),
        ("np.save('x', angle)", r"`np.save` is not allowed"),
        ("np.memmap('x')", r"`np.memmap` is not allowed"),
        ("np.lib.format", r"`np.lib` is not allowed"),
        ("from numpy import loadtxt", "`numpy.loadtxt` is not allowed"),
        # Chance and global state
        ("np.random.rand()", "`np.random` is not allowed"),
        ("np.seterr(all='raise')", "`np.seterr` is not allowed"),
        ("np.empty(3)", "`np.empty` is not allowed"),
        ("np.ndarray((3,))", "`np.ndarray` may stand in annotations and isinstance only"),
        ("global N", "`global` is not allowed"),
        ("np.isfinite = abs", "setting the attribute `isfinite`"),
        ("np.linalg.norm.x = 1", "setting the attribute `x`"),
        ("angle.flags['WRITEABLE'] = True", "the attribute `flags`"),
        ("angle.base[...] = 0", "the attribute `base`"),
        # Ways to the interpreter's insides
        ("().__class__.__base__", "the attribute `__class__`"),
        ("angle.__ｃlass__", "the attribute `__class__`"),
        ("ｏｐｅｎ('x')", "`open` is not available"),
        ("f'{angle.__class__}'", "the attribute `__class__`"),
        ("'{0.x}'.format(angle)", "`format` may fill in whole values only"),
        ("'{:{0.x}}'.format(angle)", "`format` may fill in whole values only"),
        ("('{0.x}' + '').format(angle)", "the attribute `format`"),
        ("str.format('{0.x}', angle)", "the attribute `format`"),
        ("np.array('now', 'M8[us]')", "dates and times"),
        ("angle.resize((0,), refcheck=False)", "the attribute `resize`"),
        ("np.sqrt(angle, where=angle > 0)", "unfilled memory"),
        ("np.pad(angle, 1, mode='empty')", "unfilled memory"),
        ("np.r_.makemat", "the attribute `makemat`"),
        ("[angle][0].save('x')", "the attribute `save`"),
        ("np.frompyfunc(abs, 1, 1)", "something else than a plain array"),
        ("hasattr(np, 'x')", "the module `np` may only be used as in"),
        ("from typing import cast\ndef cast(a, b):\n    return a", "the name `cast` is not allowed"),
        ("isinstance = angle", "the name `isinstance` is not allowed"),
        ("isinstance(1, {}[np])", "only types such as Dict"),
        ("d = {}\nisinstance(1, d[np])", "only types such as Dict"),
        ("d = {}\ndef f(x: d[np]):\n    pass", "only types such as Dict"),
        ("def f(x: dict[np]):\n    pass", "the module `np` is no type"),
        ("def f(x=np):\n    pass", "the module `np` may only be used as in"),
        ("def f(*np):\n    pass", "`np` is a module here"),
        ("(np := 1)", "`np` is a module here"),
        ("del np", "`np` is a module here"),
        ("for np.pi in ():\n    pass", "setting the attribute `pi`"),
        ("try:\n    pass\nexcept AttributeError as error:\n    error.obj", "the attribute `obj`"),
        ("[].append.__self__", "the attribute `__self__`"),
        ("(x for x in ()).gi_frame", "the attribute `gi_frame`"),
        ("getattr(angle, 'x')", "`getattr` is not available"),
        ("eval('1')", "`eval` is not available"),
        ("__import__('os')", "`__import__` is not available"),
        ("__builtins__", "`__builtins__` is not defined"),
        ("type('X', (), {})", "`type` is not available"),
        ("iter(int, 1)", "`iter` is not available"),
        ("raise SystemExit", "`SystemExit` is not available"),
        ("quit()", "`quit` is not available"),
        ("match angle:\n    case object(__class__=c):\n        pass", "`match` is not allowed"),
        ("class S(str):\n    pass", "a class is not allowed"),
        ("yield angle", "`yield` is not allowed"),
        ("with open('x') as f:\n    pass", "`with` is allowed for `np.errstate"),
        # A module under another name
        ("np = angle", "`np` is a module here"),
        ("for np in angle:\n    pass", "`np` is a module here"),
        ("lambda np: 1", "`np` is a module here"),
        ("import math as np", "`np` is imported as two modules"),
        ("[np][0]", "the module `np` may only be used as in `np.name`"),
        ("x = np.linalg", "the module `np.linalg` may only be used as in"),
        # Slips
        ("return pole_length", "`pole_length` is not defined"),
        ("return anglee", "did you mean `angle`"),
        ("return prev_angle", "`prev_angle` is a variable of this task, but no argument here; add it"),
        ("np.arcin(angle)", r"does not exist in numpy \d.*; did you mean `arcsin`"),
        ("np.clamp(angle, 0, 1)", "use `np.clip`"),
        ("np.sigmoid(angle)", r"use `1 / \(1 \+ np.exp\(-x\)\)`"),
        ("np.float(1)", "use `np.float64`"),
        ("import torch", "the arrays of this task are numpy's; write `import numpy as np`"),
    ],
)
def test_what_a_reward_must_not_do_is_refused_with_its_line(body, message):
    problem = check(program(f"up = angle\n{body}"), VARIABLES)
    assert problem is not None and problem.line in (4, 5, 7)
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(str(problem))
    assert len(problem.message) <= MAX_MESSAGE


@pytest.mark.parametrize(
    "before",
    [
        "print(1)",
        "if True:\n    pass",
        "for _ in ():\n    pass",
        "try:\n    import os\nexcept ImportError:\n    pass",
        "X = open",
        "X = [print(1)]",
        "X = (lambda: 1)()",
        "import numpy as np\nnp.pi = 3",
        "from numpy import *",
        "from __future__ import annotations\nimport numpy as np\nA = tuple[np.save('x', 1)]",
        "from typing import Union\nimport numpy as np\nA = Union[np.ndarray, np.ndarray]\nX = A((3,))",
        "import numpy as np, os",
        "def f(x=print()):\n    pass",
        "def f(x: open):\n    pass",
        "def f(x: print()):\n    pass",
        "def __getattr__(name):\n    pass",
        "@print\ndef f():\n    pass",
        "@(lambda f: f)\ndef f():\n    pass",
    ],
)
def test_loading_a_program_runs_nothing_but_definitions_and_constants(before):
    problem = check(program("return angle, {}", before), VARIABLES)
    assert problem is not None and problem.line is not None and problem.line <= before.count("\n") + 1


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (program(GOOD, arguments="angel"), "line 2: argument `angel` is no variable of this task; did you mean `angle`?"),
        (program(GOOD, arguments="angle, success"), "line 2: argument `success` is no variable of this task. Allowed: angle, speed"),
        (program(GOOD, arguments="*angle"), "line 2: `compute_reward` must name each variable it takes"),
        (program(GOOD, arguments=""), "line 2: `compute_reward` takes no arguments"),
        ("def compute_reward():\n    return 1", "line 1: `compute_reward` takes no arguments"),
        ("def reward(angle):\n    return angle", "there is no function `compute_reward` at the top level"),
        ("async def compute_reward(angle):\n    return angle", "line 1: an async function is not allowed"),
        ("class A:\n    def compute_reward(self, angle):\n        return angle", "line 1: a class is not allowed"),
        ("def compute_reward(angle)\n    return angle", "line 1: SyntaxError: expected ':'"),
        ("def compute_reward(angle):\n    break", "line 2: SyntaxError: 'break' outside loop"),
        ("x = 'a\0b'", "source code string cannot contain null bytes"),
        ("", "there is no function `compute_reward`"),
        (f"def compute_reward(angle):\n    return {'+'.join(['angle'] * 2_000)}", "nested too deeply"),
        (f"x = {'(' * 5000}{')' * 5000}", "too many nested parentheses|nested too deeply"),
        (f"x = {'[' * 15}1{' for a in b]' * 15}", "nested too deeply"),  # crashes some Pythons where there are more than 20
        (f"x = '{'a' * 300_000}'", "longer than 20 kB"),
    ],
)
def test_a_program_that_cannot_be_a_reward_is_told_why(code, message):
    problem = check(code, VARIABLES)
    assert problem is not None
    assert any(part in str(problem) for part in message.split("|")), str(problem)


def test_a_parameter_or_local_name_that_hides_a_builtin_is_the_programs_own():
    assert check(program("def f(open):\n    return open\nreturn f(angle), {}"), VARIABLES) is None
    hidden_elsewhere = program("def f(open):\n    return open\nreturn open(f), {}")
    assert "`open` is not available" in str(check(hidden_elsewhere, VARIABLES))
