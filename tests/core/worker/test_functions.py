import numpy as np
import pytest

from eureka.errors import ConfigError
from eureka.worker.functions import is_function, load_function, load_human

VALUES = {"speed": np.arange(4.0), "height": np.ones(4)}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "tasks.py"

    def write(text):
        path.write_text("import numpy as np\n" + text)
        return path

    return write


def load(path, name="f"):
    return load_function(f"{path}:{name}", ("speed", "height"), "fitness.value")


def test_a_function_takes_variables_by_name_in_any_order_and_gives_float64(file):
    function = load(file("def f(height, speed): return speed > height\n"))
    assert function.arguments == ("height", "speed")
    assert function(VALUES).tolist() == [0, 0, 1, 1] and function(VALUES).dtype == np.float64


def test_sources_that_name_a_function_are_told_from_others():
    assert is_function("/a b/tasks.py:landed")
    assert not any(is_function(s) for s in ("obs[3]", "info.py", "tasks.py", "tasks.py:", "env.a.b", "native"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def g(speed): return speed\n", ["no function 'f'", "it has: g"]),
        ("def f(sped): return sped\n", ["argument 'sped'", "Did you mean 'speed'", "Valid: speed, height"]),
        ("def f(*speed): return speed\n", ["*speed", "by name"]),
        ("def f(): return 1\n", ["takes no variable"]),
        ("def f(speed) return\n", ["cannot be loaded", "SyntaxError"]),
    ],
)
def test_a_function_that_does_not_bind_says_where_what_and_what_is_valid(file, text, words):
    with pytest.raises(ConfigError) as error:
        load(file(text))
    assert all(word in str(error.value) for word in ["fitness.value", "tasks.py", *words])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "absent.py")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return speed.sum()", ["shape ()", "expected (4,)", "it was given speed (4,)"]),
        ("return speed @ np.ones(3)", ["ValueError", "it was given speed (4,)"]),
        ("return np.ones((4, 2, 2))", ["shape (4, 2, 2)"]),
        ("return speed + 1j", ["complex128", "real"]),
        ("return 1 / (speed - 2)", ["inf", "speed = 2.0", "finite"]),
        ("return speed.nope", ["AttributeError", "line 2"]),
    ],
)
def test_a_function_that_returns_something_else_is_a_config_error(file, body, words):
    with pytest.raises(ConfigError) as error, np.errstate(all="ignore"):
        load(file(f"def f(speed): {body}\n"))(VALUES)
    assert all(word in str(error.value) for word in words)


def test_rows_that_rest_need_not_be_finite(file):
    function = load(file("def f(speed): return np.stack([speed, np.log(speed - 1)], axis=1)\n"))
    with np.errstate(all="ignore"):
        assert function(VALUES, np.array([False, False, True, True])).shape == (4, 2)


def test_a_human_reward_is_held_to_a_candidates_contract(file):
    path = file("def compute_reward(speed, gain=2.0):\n    r = gain * speed\n    return r, {'r': r}\n")
    human = load_human(path, ("speed", "height"))
    total, components = human(VALUES)
    assert human.arguments == ("speed",)
    assert total.tolist() == components["r"].tolist() == [0, 2, 4, 6]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return speed", ["tuple (total, components)"]),
        ("return speed / 0 * 0, {'a': speed}", ["total", "not finite"]),
        ("r = speed[:, None] + speed; return r, {'a': r}", ["total has shape (4, 4); expected (4,); it was given speed (4,)."]),
    ],
)
def test_a_human_reward_that_breaks_it_is_a_config_error(tmp_path, body, words):
    (tmp_path / "human.py").write_text(f"def compute_reward(speed): {body}\n")
    with pytest.raises(ConfigError) as error, np.errstate(all="ignore"):
        load_human(tmp_path / "human.py", ("speed",))(VALUES)
    assert all(word in str(error.value) for word in ["human.py", *words])
