"""The layers a reward process is confined with: what each allows, what missing ones mean, and that good rewards do not notice."""

import contextlib
import errno
import math
import os
import socket
import struct
import sys
import textwrap
import typing
import warnings
from pathlib import Path

import numpy as np
import pytest

from eureka.errors import IsolationMissing, RewardFailed
from eureka.static_check import allowed_numpy
from eureka.worker import landlock, seccomp
from eureka.worker.reward_channel import Channel
from eureka.worker.reward_client import RewardHost, RewardLimits
from eureka.worker.system_calls import MACHINES, number

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")

X86_64, AARCH64, I386 = 0xC000003E, 0xC00000B7, 0x40000003
ALLOW, DENY = 0x7FFF0000, 0x00050000 | errno.EPERM


def has_landlock():
    try:
        return bool(landlock.call("landlock_create_ruleset", None, 0, 1))
    except OSError:
        return False


FULL = "seccomp+landlock+limits" if has_landlock() else "seccomp+limits"


@pytest.fixture(scope="module")
def host():
    with contextlib.closing(RewardHost()) as host:
        yield host


def run(host, body, rows=8, module=""):
    """What a reward with this body returns as total for `angle` 0, 1, …"""
    body = textwrap.indent(textwrap.dedent(body), "    ")
    code = f"import numpy as np, math, sys, os\n{module}\ndef compute_reward(angle, joints):\n{body}\n"
    process = host.start(code, "compute_reward", ["angle", "joints"])
    try:
        return process.call({"angle": np.arange(float(rows)), "joints": np.ones((rows, 3))})[0]
    finally:
        process.close()


def verdict(program, arch, nr, arguments=()):
    """What the kernel would do: the few instructions of the packet filter that the program uses."""
    data = struct.pack("=iIQ6Q", nr, arch, 0, *arguments, *[0] * (6 - len(arguments)))
    code, at, value = list(struct.iter_unpack("=HBBI", program)), 0, 0
    while True:
        operation, then, otherwise, operand = code[at]
        at += 1
        if operation == 0x20:
            value = struct.unpack_from("=I", data, operand)[0]
        elif operation == 0x15:
            at += then if value == operand else otherwise
        elif operation == 0x45:
            at += then if value & operand else otherwise
        else:
            assert operation == 0x06
            return operand


@pytest.mark.parametrize(("machine", "arch", "openat"), [("x86_64", X86_64, 257), ("aarch64", AARCH64, 56)])
def test_the_filter_allows_its_list_and_denies_all_else(machine, arch, openat):
    program = seccomp.program(machine)
    allowed = {nr for nr in range(1024) if verdict(program, arch, nr) == ALLOW}
    assert allowed == {number(name, machine) for name in seccomp.ALLOWED} and len(allowed) == len(seccomp.ALLOWED)
    assert openat not in allowed and verdict(program, arch, openat) == DENY
    assert all(verdict(program, other, nr) == DENY for other in {X86_64, AARCH64, I386} - {arch} for nr in range(1024))
    assert all(verdict(program, arch, 0x40000000 | nr) == DENY for nr in allowed)  # the calls of x32


@pytest.mark.parametrize(("machine", "arch"), [("x86_64", X86_64), ("aarch64", AARCH64)])
def test_memory_may_be_fresh_and_for_data_only(machine, arch):
    program, mmap = seccomp.program(machine), number("mmap", machine)
    private, anonymous, read_write, execute = 0x02, 0x20, 0x03, 0x04
    assert verdict(program, arch, mmap, (0, 4096, read_write, private | anonymous)) == ALLOW
    assert verdict(program, arch, mmap, (0, 4096, read_write | execute, private | anonymous)) == DENY
    assert verdict(program, arch, mmap, (0, 4096, read_write, private)) == DENY


def test_a_machine_whose_system_calls_are_not_known_has_no_filter():
    with pytest.raises(OSError, match="riscv64 are not known; known are those of x86_64 and aarch64"):
        seccomp.program("riscv64")
    assert MACHINES == ("x86_64", "aarch64")


def test_landlock_is_asked_for_all_that_a_version_knows():
    rights = {version: struct.unpack(f"={len(landlock.ruleset(version)) // 8}Q", landlock.ruleset(version)) for version in range(1, 8)}
    assert rights == {
        1: (0x1FFF,),
        2: (0x3FFF,),
        3: (0x7FFF,),
        4: (0x7FFF, 3),
        5: (0xFFFF, 3),
        6: (0xFFFF, 3, 3),
        7: (0xFFFF, 3, 3),
    }


@pytest.mark.parametrize(
    ("isolation", "without", "level"),
    [
        ("require", (), FULL),
        ("require", ("landlock",), "seccomp+limits"),
        ("best-effort", ("seccomp",), FULL.removeprefix("seccomp+")),
        ("best-effort", ("seccomp", "landlock", "limits"), "none"),
        ("none", (), "none"),
    ],
)
def test_the_level_names_the_layers_that_hold(isolation, without, level):
    with contextlib.closing(RewardHost(isolation=isolation, without=without)) as host:
        assert host.probe() == level


@pytest.mark.parametrize("without", [("seccomp",), ("seccomp", "landlock")])
def test_without_the_filter_require_fails_naming_it_and_what_was_possible(without):
    with contextlib.closing(RewardHost(without=without)) as host, pytest.raises(IsolationMissing) as caught:
        host.probe()
    message = str(caught.value)
    assert "seccomp is missing (left out)" in message and ("landlock is missing" in message) == ("landlock" in without)
    assert "changing a file's mode" in message and "reading a file" not in message  # no descriptor is left to read with
    assert ("signals to another process" in message) == ("landlock" in without or not FULL.count("landlock"))
    assert "`isolation: best-effort`, only for programs you trust" in message


def test_where_require_fails_no_generated_code_has_run(tmp_path):
    code = f"open({str(tmp_path / 'ran')!r}, 'w').close()\ndef compute_reward(a): return a, {{'a': a}}\n"
    layers = ("seccomp", "landlock", "limits")
    with contextlib.closing(RewardHost(without=layers)) as host, pytest.raises(IsolationMissing, match="reading a file"):
        host.start(code, "compute_reward", ["a"])
    assert not (tmp_path / "ran").exists()
    with contextlib.closing(RewardHost(isolation="best-effort", without=layers)) as host, contextlib.suppress(RewardFailed):
        host.start(code, "compute_reward", ["a"])
    assert (tmp_path / "ran").exists()


def test_a_reward_cannot_pretend_that_isolation_is_missing(host):
    forged = '{"level": "none", "missing": {}, "possible": ["everything"]}'
    with pytest.raises(RewardFailed) as caught:
        run(host, "return angle, {'a': angle}", module=f"os.write(3, {forged.encode()!r})")
    assert caught.value.code == "contract"


def test_a_process_that_ends_before_it_says_how_it_is_confined_is_the_machines_fault():
    class Zygote:
        def end(self, pid, grace):
            return 1 << 8, False  # it exited with status 1

    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.close()
    with pytest.raises(RewardFailed, match="ended before it had loaded anything") as caught:
        Channel(Zygote(), os.getpid(), ours, RewardLimits(total_cpu_s=float("inf"))).greet()
    assert caught.value.code == "resource"


@pytest.mark.parametrize("isolation", ["require", "none"])
def test_only_its_socket_is_open_and_the_standard_ones_lead_nowhere(isolation):
    with contextlib.closing(RewardHost(isolation=isolation)) as host:
        process = host.start("def compute_reward(a): return a, {'a': a}\n", "compute_reward", ["a"])
        links = {entry.name: str(entry.readlink()) for entry in Path(f"/proc/{process.pid}/fd").iterdir()}
    assert links.pop("3").startswith("socket:") and links == {"0": "/dev/null", "1": "/dev/null", "2": "/dev/null"}


def test_descriptors_beyond_its_own_do_not_exist(host):
    body = """
    errors = set()
    for fd in range(4, 256):
        for use in (lambda: os.read(fd, 1), lambda: os.write(fd, b"x")):
            try:
                errors.add(use())
            except OSError as error:
                errors.add(error.errno)
    return angle * 0 + (errors == {9}), {"a": angle}
    """
    assert run(host, body).all()


def test_a_reward_that_prints_or_warns_is_as_good_as_another(host, capfd):
    body = """
    import warnings
    print("angle", angle, joints, f"{angle.mean():.3f} {joints!r}", flush=True)
    print("x" * 100_000, file=sys.stderr)
    warnings.warn("careful")
    np.polyfit([1, 1, 1], [1, 2, 3], 2)  # warns in numpy's own way
    np.log(-angle)
    return angle, {"a": angle}
    """
    assert np.array_equal(run(host, body), np.arange(8.0)) and capfd.readouterr() == ("", "")


def test_memory_comes_and_goes(host):
    body = """
    import gc
    for size in (10, 1000, 100_000, 5_000_000):
        kept = [np.ones(size) for _ in range(3)]
        grown = []
        for i in range(min(size, 200_000)):
            grown.append([i])
        joined = bytearray()
        for _ in range(20):
            joined += bytes(size // 10)
        del kept, grown, joined
        gc.collect()
    try:
        np.ones(10**11)
    except MemoryError as error:
        assert "Unable to allocate" in str(error)
    return angle, {"a": angle}
    """
    assert len(run(host, body)) == 8


def test_exceptions_of_all_kinds_are_raised_caught_and_worded(host):
    body = """
    nested = []
    for _ in range(100_000):
        nested = [nested]
    def endless(n):
        return endless(n + 1)
    class Own(Exception):
        pass
    def own():
        raise Own("mine")
    attempts = [
        lambda: 1 / 0, lambda: {}[1], lambda: int("x"), lambda: angle.nope, lambda: np.nope, lambda: nope, own, lambda: endless(0),
        lambda: repr(nested), lambda: np.ones(3) + np.ones(4), lambda: np.linalg.inv(np.zeros((2, 2))), lambda: np.array([1, [2]]),
        lambda: np.add("a", 1), lambda: np.concatenate([angle, joints]), lambda: angle.reshape(7, 7), lambda: np.sum(angle, axis=4),
        lambda: np.zeros(10**13), lambda: exec("def :"), lambda: np.linalg.cholesky(-np.eye(2)),
    ]
    caught = 0
    for attempt in attempts:
        try:
            attempt()
        except Exception as error:
            caught += bool(f"{error} {error!r}") and not isinstance(error, (ImportError, OSError))
    return angle * 0 + (caught == len(attempts)), {"a": angle}
    """
    assert run(host, body).all()
    with pytest.raises(RewardFailed, match="RecursionError: maximum recursion depth") as caught:
        run(host, "return f(angle), {}", module="def f(x): return f(x)")
    assert caught.value.code == "error" and caught.value.line == 2


def test_what_python_loads_late_is_there(host):
    body = """
    höhe = "\\N{BULLET} ﬁ"  # both need a table of characters
    halves = 10**9000 // (10**4500 + 7), int("9" * 4000), str(10**4000)
    return angle * 0 + len(höhe), {"a": angle}
    """
    assert run(host, body, module="import typing, numpy.linalg, __future__").tolist() == [3] * 8


SPECIAL = {
    "numpy": {
        "apply_along_axis": "np.apply_along_axis(np.sum, 1, m)",
        "apply_over_axes": "np.apply_over_axes(np.sum, m, [0])",
        "array_split": "np.array_split(v, 2)",
        "bincount": "np.bincount(k)",
        "block": "np.block([[m, m]])",
        "broadcast_shapes": "np.broadcast_shapes((3,), (3, 3))",
        "c_": "np.c_[v, v]",
        "r_": "np.r_[v, v]",
        "s_": "np.s_[1:2]",
        "choose": "np.choose(k % 2, [v, v])",
        "einsum": "np.einsum('ij,jk->ik', m, m, optimize=True)",
        "histogram": "np.histogram(v, bins='auto')",
        "histogram2d": "np.histogram2d(v, v)",
        "interp": "np.interp(v, v, v)",
        "ix_": "np.ix_(k, k)",
        "pad": "np.pad(v, 2, mode='median')",
        "piecewise": "np.piecewise(v, [v > 1], [1, 2])",
        "select": "np.select([v > 1], [v])",
        "vectorize": "np.vectorize(lambda x: x + 1)(v)",
        "where": "np.where(v > 1, v, 0)",
        "polyfit": "np.polyfit(v, v, 1)",
    },
    "numpy.linalg": {"multi_dot": "np.linalg.multi_dot([m, m, m])", "lstsq": "np.linalg.lstsq(m, v, rcond=None)"},
}
ARGUMENTS = (
    *("v", "m", "v, v", "m, m", "m, v", "v, 2", "k, k", "m, k", "m, 0, 1", "v, k, v", "2", "5, 2", "v > 1, v", "v, v > 1, v", "[v, v]"),
    *("v.copy(), v", "m, (3, 3)", "np.float64", ""),
)


def test_every_function_a_reward_may_use_works_and_loads_nothing_late(host):
    """Called with the first of some arguments it takes, here and there: it must take the same there, and no module may come new."""
    modules = {"numpy": np, "numpy.linalg": np.linalg, "math": math}
    v, m, k = np.array([1.0, 3.0, 2.0]), np.diag([3.0, 2.0, 1.0]) + 1, np.array([0, 2, 1])
    calls = []
    for module, value in modules.items():
        for name in sorted(allowed_numpy.NUMPY[module]):
            if not callable(getattr(value, name, None)) and name not in SPECIAL.get(module, {}):
                continue
            short = "np" + module.removeprefix("numpy") if module.startswith("numpy") else module
            options = SPECIAL.get(module, {}).get(name)
            for call in [options] if options else [f"{short}.{name}({arguments})" for arguments in ARGUMENTS]:
                try:
                    with warnings.catch_warnings(), np.errstate(all="ignore"):
                        warnings.simplefilter("ignore")
                        eval(call, {"np": np, "math": math, "v": v.copy(), "m": m.copy(), "k": k.copy()})
                except Exception:
                    continue
                calls.append(call)
                break
            else:
                calls.append(f"{short}.{name}")  # a class, or nothing for such arguments
    assert sum("(" in call for call in calls) > 300
    body = f"""
    v, m, k, before = np.array([1.0, 3.0, 2.0]), np.diag([3.0, 2.0, 1.0]) + 1, np.array([0, 2, 1]), set(sys.modules)
    for call in {calls!r}:
        try:
            eval(call, {{"np": np, "math": math, "v": v.copy(), "m": m.copy(), "k": k.copy()}})
        except Exception as error:
            raise ValueError(f"{{call}}: {{error!r}}")
    assert set(sys.modules) == before, set(sys.modules) - before
    return angle, {{"a": angle}}
    """
    assert len(run(host, body)) == 8


def test_every_name_of_typing_a_reward_may_use_is_there(host):
    names = sorted(name for name in allowed_numpy.NUMPY["typing"] if hasattr(typing, name))
    module = f"from typing import {', '.join(names)}\nfrom numpy.typing import {', '.join(sorted(allowed_numpy.NUMPY['numpy.typing']))}"
    assert len(run(host, "return angle, {'a': angle}", module=module)) == 8


def test_without_isolation_a_reward_imports_and_opens_what_it_likes():
    with contextlib.closing(RewardHost(isolation="none")) as host:
        assert run(host, "import wave\nwith open('/dev/null') as f: pass\nreturn angle, {'a': angle}").tolist() == list(range(8))
