"""The reward boundary, with real processes."""

import contextlib
import json
import mmap
import os
import signal
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from eureka.errors import RewardFailed
from eureka.worker import reward_process
from eureka.worker.array_libraries import NumpyArrays
from eureka.worker.reward_client import RewardHost, RewardLimits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")

LIMITS = RewardLimits(cpu_s=0.3, asleep_s=0.2, wall_factor=1.0, wall_s=0.8)
GOOD = """
import numpy as np

def compute_reward(angle, joints):
    upright = np.exp(-np.abs(np.sin(angle)) / 0.3)
    effort = (joints ** 2).sum(axis=1)
    return 2.0 * upright - 0.1 * effort, {"upright": upright, "effort": effort}
"""


@pytest.fixture(scope="module")
def host():
    host = RewardHost(LIMITS)
    yield host
    host.close()


@pytest.fixture(scope="module")
def unconfined():
    with contextlib.closing(RewardHost(LIMITS, isolation="none")) as host:
        yield host


@pytest.fixture(scope="module")
def limited():
    """Confined by limits alone, which must hold by themselves."""
    with contextlib.closing(RewardHost(LIMITS, isolation="best-effort", without=("seccomp", "landlock"))) as host:
        yield host


def program(body):
    return f"import numpy as np\n\ndef compute_reward(angle, joints):\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"


def batch(rows, seed=0):
    rng = np.random.default_rng(seed)
    return {"angle": rng.normal(size=rows), "joints": rng.normal(size=(rows, 3))}


def start(host, code):
    return host.start(code, "compute_reward", ["angle", "joints"])


def failure(host, code, rows=8):
    with pytest.raises(RewardFailed) as caught:
        start(host, code).call(batch(rows))
    return caught.value


def gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until(condition, seconds=5.0):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()


def test_numbers_are_those_of_the_same_code_in_process_for_every_batch_size(host):
    namespace = {}
    exec(GOOD, namespace)
    process = start(host, GOOD)
    for rows in (1, 257, 5000, 3, 20_000):
        total, components = process.call(batch(rows, rows))
        expected, parts = namespace["compute_reward"](**batch(rows, rows))
        assert np.array_equal(total, expected)
        assert list(components) == list(parts) and all(np.array_equal(components[n], parts[n]) for n in parts)
    process.close()


def test_results_belong_to_the_caller(host):
    process = start(host, GOOD)
    total, components = process.call(batch(16, 1))
    before = total.copy(), components["effort"].copy()
    process.call(batch(16, 2))
    assert np.array_equal(total, before[0]) and np.array_equal(components["effort"], before[1])
    total += 1


def test_a_reward_without_arguments_is_refused(host):
    with pytest.raises(RewardFailed, match="takes no variable"):
        host.start("def compute_reward(): pass", "compute_reward", [])


def test_several_rewards_live_side_by_side(host):
    processes = [start(host, program(f"return angle * {k}, {{'k': angle}}")) for k in range(4)]
    for k, process in enumerate(processes):
        assert np.array_equal(process.call(batch(5))[0], batch(5)["angle"] * k)
        process.close()
        assert wait_until(lambda pid=process.pid: gone(pid))


def test_an_input_may_itself_be_returned_and_integers_and_booleans_are_numbers(host):
    process = start(host, program("return angle, {'angle': angle, 'up': angle > 0, 'n': np.full(len(angle), 3)}"))
    total, components = process.call(batch(6))
    assert np.array_equal(total, batch(6)["angle"]) and components["n"].tolist() == [3] * 6
    assert components["up"].dtype == np.float64
    process.close()


def test_inputs_are_read_only(host):
    error = failure(host, program("x = 1\nangle += 1\nreturn angle, {'a': angle}"))
    assert (error.code, error.line) == ("error", 5) and "read-only" in error.message
    assert failure(host, program("angle.flags.writeable = True\nreturn angle, {'a': angle}")).line == 4


def test_an_exception_carries_the_candidates_own_innermost_line(host):
    error = failure(host, "def helper(a):\n    return a[99]\n\ndef compute_reward(angle, joints):\n    return helper(angle), {}\n")
    assert (error.code, error.line) == ("error", 2) and error.message.startswith("IndexError: index 99")


def test_a_message_is_one_clean_line_of_bounded_length(host):
    error = failure(host, program("raise ValueError('\\x1b[31mred\\x07\\n' + '\\u202e' + 'x' * 100000)"))
    assert error.message.startswith("ValueError: [31mred xxx") and len(error.message) == 800
    broken = "class E(Exception):\n    def __str__(self): raise self\n" + program("raise E()")
    assert failure(host, broken).code == "error"


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("x = 1\nraise RuntimeError('no')\n", 2, "RuntimeError: no"),
        ("def compute_reward(:\n", 1, "SyntaxError"),
        ("def other(): pass\n", None, "no function 'compute_reward'"),
        ("import math, typing\nimport socketserver\n", 2, "No module named 'socketserver'"),
    ],
)
def test_code_that_does_not_load_fails_with_its_line(host, code, line, words):
    error = failure(host, code)
    assert error.line == line and words in error.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return angle", "the reward returned an ndarray; expected a tuple (total, components)"),
        ("return angle, [angle]", "components is a list; expected a dict of name → array"),
        ("return angle, {}", "there are 0 components; expected 1 to 32"),
        ("return angle, {f'c{i}': angle for i in range(33)}", "there are 33 components; expected 1 to 32"),
        ("return angle.sum(), {'a': angle}", "total is a float64; expected a numpy array of shape (8,)"),
        ("return angle, {'a': angle.tolist()}", 'component "a" is a list; expected a numpy array of shape (8,)'),
        ("return angle, {'a': angle * 1j}", 'component "a" has dtype complex128; expected real numbers'),
        ("return angle, {'a': np.array(['x'] * 8)}", 'component "a" has dtype <U1; expected real numbers'),
        ("return angle, {'a': angle[:, None] * angle}", 'component "a" has shape (8, 8); expected (8,)'),
        ("return angle, {3: angle}", "a component's name is an int; expected a string"),
        ("return angle, {'total': 2 * angle}", 'component "total": the name stands for the reward itself; leave it out, or choose another'),
        ("return angle, {'total': angle}", "there are 0 components; expected 1 to 32"),
        ("return angle, {'a b': angle}", "component 'a b': expected a name of letters, digits and underscores, at most 128 long"),
        ("return None, {'a': angle}", "total is None; expected a numpy array of shape (8,)"),
    ],
)
def test_a_broken_contract_says_what_was_expected_and_what_came(host, body, message):
    error = failure(host, program(body))
    assert (error.code, error.message) == ("contract", message)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("a = angle.copy(); a[5] = np.nan; return angle + a, {'b': angle, 'a': a}", 'component "a" is nan in row 5 of 8;'),
        ("a = angle.copy(); a[2] = np.inf; return a, {'b': angle}", "total is inf in row 2 of 8;"),
    ],
)
def test_a_value_that_is_not_finite_names_component_and_first_row(host, body, words):
    error = failure(host, program(body))
    assert error.code == "non_finite" and words in error.message


def test_a_non_finite_input_is_named_as_the_cause(host):
    inputs = batch(4)
    inputs["joints"][1, 2] = np.nan
    with pytest.raises(RewardFailed, match="where the variable joints is not finite either"):
        start(host, GOOD).call(inputs)


def test_an_endless_loop_is_killed_by_its_own_cpu_time_also_while_loading(host):
    error = failure(host, program("while True:\n    try:\n        while True: pass\n    except BaseException: pass"))
    assert error.code == "timeout" and "CPU time" in error.message
    assert failure(host, "while True: pass\n").code == "timeout"


@pytest.mark.parametrize("body", ["time.sleep(60)", "while True: time.sleep(0.01)", "os.read(3, 1)"])
def test_a_reward_that_waits_instead_of_computing_fails_for_that(host, unconfined, body):
    started = time.monotonic()
    error = failure(unconfined if "sleep" in body else host, program(f"import os, time\n{body}"))
    assert error.code == "timeout" and "waited instead of computing" in error.message
    assert time.monotonic() - started < 5


def test_a_stopped_process_is_the_machines_fault(host):
    process = start(host, GOOD)
    os.kill(process.pid, signal.SIGSTOP)
    with pytest.raises(RewardFailed) as caught:
        process.call(batch(4))
    assert caught.value.code == "resource" and gone(process.pid)


def test_a_hog_of_memory_fails_as_such():
    hog = "while True: hog.append(np.ones(1 << 20))"
    with contextlib.closing(RewardHost(RewardLimits(memory=100 << 20))) as host:
        at_once = failure(host, program("return np.ones(10**10)[:8], {'a': angle}"))
        assert (at_once.code, at_once.line) == ("memory", 4)
        assert failure(host, program(f"hog = []\n{hog}")).code == "memory"
        assert failure(host, "hog = []\n" + program(hog)).code == "memory"
        assert failure(host, "hog = []\n" + program("while True: hog.append([0])")).code == "memory"


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ("import sys; sys.exit('enough')", "error", "SystemExit: enough"),
        ("import os; os._exit(7)", "error", "exited with status 7"),
        ("import ctypes; ctypes.string_at(0)", "killed", "signal 11 (it touched memory that is not its own"),
        ("import os; os.abort()", "killed", "signal 11"),  # even the signal to itself is refused
        ("import os; os.write(3, b'[' * 9000); return angle, {'a': angle}", "contract", "cannot be read"),
        ("import os; os.write(3, b'{}'); return angle, {'a': angle}", "contract", "without components"),
    ],
)
def test_every_way_to_end_is_told_apart(host, body, code, words):
    error = failure(host, program(body))
    assert error.code == code and words in error.message


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("SIGKILL", "signal 9 (by the system for lack of memory, or by itself)"),
        ("SIGBUS", "signal 7 (the machine ran out of memory under it)"),
        ("SIGSYS", "signal 31 (it made a call of the system that is forbidden)"),
        ("SIGXCPU", "signal 24 (it used its CPU time up)"),
        ("SIGTERM", "signal 15 (Terminated)"),
    ],
)
def test_a_signal_that_ends_the_process_is_told_in_words(unconfined, number, words):
    error = failure(unconfined, program(f"import os, signal; signal.signal(15, signal.SIG_DFL); os.kill(os.getpid(), signal.{number})"))
    assert error.code == "killed" and words in error.message


def test_the_reward_itself_among_its_components_is_left_out(host):
    total, components = start(host, program("return 2 * angle, {'a': angle, 'total': 2 * angle}")).call(batch(4))
    assert list(components) == ["a"] and (total == 2 * components["a"]).all()


@pytest.mark.parametrize("pause", ["", "end = time.process_time() + 0.002\n        while time.process_time() < end: pass"])
def test_a_process_that_answers_without_being_asked_does_not_hold_the_worker_up(unconfined, pause):
    forger = f"""
        import os, time
        while True:
            os.write(3, b'{{"components": ["a"]}}')
            {pause}
    """
    process = start(unconfined, program(forger))
    with pytest.raises(RewardFailed, match=r"without being asked|does not read") as caught:
        for _ in range(5000):
            process.call(batch(4))
    assert caught.value.code == "contract" and gone(process.pid)


def test_a_reward_that_takes_all_a_call_may_take_is_ended_in_the_long_run():
    limits = RewardLimits(cpu_s=5.0, total_cpu_s=0.05, total_cpu_s_per_call=0.01, total_cpu_s_per_row=0.0)
    work = "import time\nend = time.process_time() + {}\nwhile time.process_time() < end: pass\nreturn angle, {{'a': angle}}"
    with contextlib.closing(RewardHost(limits, isolation="none")) as host:
        modest, greedy = start(host, program(work.format(0.001))), start(host, program(work.format(0.04)))
        for _ in range(20):
            modest.call(batch(4))
        with pytest.raises(RewardFailed, match=r"CPU time over its [2-9] calls so far") as caught:
            for _ in range(20):
                greedy.call(batch(4))
    assert caught.value.code == "timeout"


def test_a_process_that_hangs_up_and_lives_on_is_killed(unconfined):
    process = start(unconfined, program("import os\nos.close(3)\nwhile True: pass"))
    with pytest.raises(RewardFailed):
        process.call(batch(4))
    assert gone(process.pid)


def test_a_failed_reward_stays_failed_with_the_same_error(host):
    process = start(host, program("raise ValueError('once')"))
    for _ in range(2):
        with pytest.raises(RewardFailed, match="once"):
            process.call(batch(4))
    assert gone(process.pid)
    process.close()


def test_a_batch_that_does_not_fit_gets_a_new_process_with_more_memory(host):
    process = start(host, GOOD)
    process.call(batch(4))
    first = process.pid
    assert len(process.call(batch(300_000))[0]) == 300_000  # 33 numbers a row are more than 64 MiB
    assert process.pid != first and gone(first)
    second = process.pid
    process.call(batch(5))
    assert process.pid == second
    process.close()
    with pytest.raises(RewardFailed, match="was closed"):
        process.call(batch(600_000))


def test_the_child_can_open_nothing_and_prints_go_nowhere(host, capfd):
    body = """
    import os, sys
    print("hello"); print("hello", file=sys.stderr)
    def fails(f):
        try:
            f()
        except OSError:
            return 1.0
        return 0.0
    attempts = [lambda: open("/etc/hostname"), lambda: os.open("/dev/null", os.O_RDONLY), os.pipe, lambda: os.dup(0)]
    return np.full(len(angle), np.mean([fails(f) for f in attempts])), {"a": angle}
    """
    process = start(host, program(body))
    for rows in (4, 4000, 4):
        assert np.all(process.call(batch(rows))[0] == 1.0)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/hostname')",
        "os.dup2(0, 9)",
        "os.dup2(0, 2)",
        "os.pipe()",
        "socket.socket()",
        "socket.socketpair()",
        "os.memfd_create('x')",
        "(resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9)), open('/etc/hostname'))",
        "(resource.setrlimit(resource.RLIMIT_AS, (-1, -1)), 1 / 0)",
    ],
)
def test_a_descriptor_that_is_closed_makes_no_room_for_another(limited, attempt):
    error = failure(
        limited, program(f"import os, socket, resource\nfor fd in (0, 1): os.close(fd)\n{attempt}\nreturn angle, {{'a': angle}}")
    )
    assert (error.code, error.line) == ("error", 6)
    assert any(words in error.message for words in ("Too many open files", "Bad file descriptor", "not allowed to raise")), error.message


@pytest.mark.skipif(os.geteuid() == 0, reason="RLIMIT_NPROC does not bind root")
def test_the_child_cannot_fork(limited):
    assert "BlockingIOError" in failure(limited, program("import os\nos.fork()\nreturn angle, {'a': angle}")).message


def test_hashes_are_the_same_in_every_run(host):
    code = program("return angle * 0 + hash('order of a set') % 1000, {'a': angle}")
    with contextlib.closing(RewardHost(LIMITS)) as other:
        assert start(host, code).call(batch(1))[0] == start(other, code).call(batch(1))[0]


def test_a_reward_that_fails_only_compiled_is_compiled_no_more(monkeypatch):
    calls = []

    class Compiling(NumpyArrays):
        def compiled(self, function, source, file):
            def other(**arguments):
                calls.append("compiled")
                raise RuntimeError("not when compiled")

            return other, ""

    monkeypatch.setitem(sys.modules, "reward", None)  # as it was, afterwards
    monkeypatch.setattr(reward_process, "arrays_of", lambda library: Compiling())
    code = b"def compute_reward(x):\n    return 2 * x, {'x': x}\n"
    with mmap.mmap(-1, 4096) as inputs, mmap.mmap(-1, 4096) as outputs:
        inputs.write(np.arange(3.0).tobytes())
        reward = reward_process._Reward(code, inputs, outputs, "numpy")
        assert json.loads(reward.answer({"load": "compute_reward", "arguments": ["x"]})) == {"remark": ""}
        for _ in range(3):
            assert json.loads(reward.answer({"call": 3, "shapes": [[]]})) == {"components": ["x"], "gave_up": "not when compiled"}
        assert np.frombuffer(outputs[: 3 * 8]).tolist() == [0.0, 2.0, 4.0]
    assert calls == ["compiled"]
