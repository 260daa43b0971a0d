"""Attacks as the code of a reward, each first unconfined, to prove that it works, then confined, where it must not."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from eureka.errors import RewardFailed
from eureka.extraction import extract
from eureka.worker.reward_client import RewardHost

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")

CORPUS = Path(__file__).parents[2] / "corpus"
MARKED = [case for case in json.loads((CORPUS / "index.json").read_text())["files"] if case["pwned_marker"]]
MARKERS = "/tmp/eureka-corpus/"
SECRET = "sk-dummy-0123456789"

FILES = {
    "write": "open(home + '/new', 'w').write('x')",
    "create by descriptor": "os.open(home + '/new', os.O_CREAT | os.O_WRONLY)",
    "append": "open(home + '/victim', 'a').write('x')",
    "truncate": "os.truncate(home + '/victim', 0)",
    "rename": "os.rename(home + '/victim', home + '/new')",
    "replace": "os.replace(home + '/victim', home + '/folder/new')",
    "unlink": "os.unlink(home + '/victim')",
    "rmdir": "os.rmdir(home + '/folder')",
    "mkdir": "os.mkdir(home + '/new')",
    "chmod": "os.chmod(home + '/victim', 0o777)",
    "utime": "os.utime(home + '/victim', (1, 1))",
    "symlink": "os.symlink('/', home + '/new')",
    "hard link": "os.link(home + '/victim', home + '/new')",
    "fifo": "os.mkfifo(home + '/new')",
    "xattr": "os.setxattr(home + '/victim', 'user.x', b'x')",
    "numpy.save": "np.save(home + '/new', angle)",
    "numpy.savetxt": "np.savetxt(home + '/new', angle)",
    "tofile": "angle.tofile(home + '/new')",
    "memmap": "np.memmap(home + '/new', mode='w+', shape=4)",
    "os through numpy": "np.lib._npyio_impl.os.mkdir(home + '/new')",
    "os through the object graph": """
        wrap = next(c for c in object.__subclasses__() if c.__name__ == '_wrap_close')
        wrap.__init__.__globals__['mkdir'](home + '/new')
    """,
    "os through the caller's frame": """
        frame = sys._getframe()
        while frame.f_globals["__name__"] != "eureka.worker.reward_process":
            frame = frame.f_back
        frame.f_globals["os"].mkdir(home + '/new')
    """,
    "ctypes through sys.modules": "assert sys.modules['ctypes'].CDLL(None).mkdir((home + '/new').encode(), 0o777) == 0",
    "shell": "assert os.system('touch ' + home + '/new') == 0",
    "exec": "os.execv('/bin/sh', ['sh', '-c', 'touch ' + home + '/new'])",
    "spawn": "os.waitpid(os.posix_spawn('/bin/sh', ['sh', '-c', 'touch ' + home + '/new'], {}), 0)",
    "fork": """
        if os.fork() == 0:
            os.mkdir(home + '/new')
            os._exit(0)
        os.wait()
    """,
    "daemon": """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.mkdir(home + '/new')
            os._exit(0)
        os.wait()
    """,
    "thread": "done = []; _thread.start_new_thread(lambda: (os.mkdir(home + '/new'), done.append(1)), ())\nwhile not done: pass",
}
"""They change a folder; that is looked at from outside."""

OTHERS = {
    "read a file": "assert open(home + '/victim').read() == 'precious'",
    "list a folder": "assert 'victim' in os.listdir(home)",
    "look at a file": "assert os.stat(home + '/victim').st_size == 8",
    "tcp": "socket.create_connection(('127.0.0.1', ports['tcp']))",
    "tcp server": "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()",
    "udp": "assert socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', ports['udp'])) == 1",
    "unix socket": "socket.socket(socket.AF_UNIX).connect(home + '.socket')",
    "abstract socket": "socket.socket(socket.AF_UNIX).connect(ports['abstract'])",
    "socket pair": "socket.socketpair()",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    "signal to the parent": "os.kill(os.getppid(), 0)",
    "stop another": "os.kill(other, signal.SIGSTOP); os.kill(other, signal.SIGCONT)",
    "stop the group": "os.killpg(0, signal.SIGCONT)",
    "signal to itself": "os.kill(os.getpid(), signal.SIGCONT)",
    "signal by pidfd": "signal.pidfd_send_signal(os.pidfd_open(other), signal.SIGCONT)",
    "trace": "called(libc.ptrace(0x4206, other, None, None))",  # PTRACE_SEIZE
    "memory of another": """
        byte = ctypes.create_string_buffer(1)
        vector = (ctypes.c_uint64 * 2)
        assert libc.process_vm_readv(other, vector(ctypes.addressof(byte), 1), 1, vector(address, 1), 1, 0) == 1
    """,
    "memory of another as a file": "assert os.pread(os.open(f'/proc/{other}/mem', os.O_RDONLY), 1, address)",
    "environment of the parent": "assert open(f'/proc/{os.getppid()}/environ', 'rb').read()",
    "descriptors of the parent": "os.listdir(f'/proc/{os.getppid()}/fd')",
    "its own memory as a file": "open('/proc/self/mem', 'r+b')",
    "pipe": "os.pipe()",
    "duplicate": "os.dup(0)",
    "anonymous file": "os.memfd_create('x')",
    "shared memory": """
        assert libc.shm_open(b'/eureka-test-%d' % os.getpid(), os.O_CREAT | os.O_RDWR, 0o600) >= 0
        libc.shm_unlink(b'/eureka-test-%d' % os.getpid())
    """,
    "system v memory": "segment = called(libc.shmget(0, 4096, 0o600)); libc.shmctl(segment, 0, None)",
    "inotify": "called(libc.inotify_init())",
    "event descriptor": "called(libc.eventfd(0, 0))",
    "timer": "signal.setitimer(signal.ITIMER_REAL, 100)",
    "signal handler": "signal.signal(signal.SIGTERM, lambda *a: None)",
    "limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
    "dumpable": "called(libc.prctl(4, 1, 0, 0, 0))",
    "outlive the parent": "called(libc.prctl(1, 0, 0, 0, 0))",  # PR_SET_PDEATHSIG
    "no parent group": "os.setpgid(0, 0)",
    "unshare": "called(libc.unshare(0x400))",  # CLONE_FILES
    "name space": "assert libc.setns(-1, 0) == -1 and ctypes.get_errno() == errno.EBADF",
    "keys": "called(libc.syscall(numbers['keyctl'], 0, -3, 0))",
    "io_uring": "assert libc.syscall(425, 0, None) == -1 and ctypes.get_errno() in (errno.EINVAL, errno.EFAULT)",
    "code of its own": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)",
    "priority": "os.nice(1)",
    "processors": "os.sched_setaffinity(0, os.sched_getaffinity(0))",
    "change folder": "os.chdir('/')",
    "mask": "os.umask(0)",
    "sleep": "time.sleep(0.001)",
    "import from disk": "import wave",
}
"""They succeed when they raise nothing and do not end the process."""

PRIVILEGED = {
    "mount": "assert libc.mount(b'x', home.encode(), b'no-such-type', 0, None) == -1 and ctypes.get_errno() == errno.ENODEV",
    "bpf": "assert libc.syscall(numbers['bpf'], 99, None, 0) == -1 and ctypes.get_errno() == errno.EINVAL",
    "chroot": "os.chroot('/')",
}
ALL = FILES | OTHERS | PRIVILEGED
NOT_EVERYWHERE = {
    *PRIVILEGED,
    "keys",
    "io_uring",
    "name space",
    "unshare",
    "trace",
    "memory of another",
    "memory of another as a file",
    "xattr",
}
"""What some systems refuse to some users by themselves."""

PROGRAM = """
import _thread, ctypes, errno, gc, mmap, os, resource, signal, socket, sys, time
import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
home, ports, other, address, numbers = {situation!r}

def called(result):
    assert result != -1
    return result

def attack(angle):
{attack}

def compute_reward(angle):
    try:
        attack(angle)
        won = 1.0
    except BaseException as error:
        won = 0.0
    return np.full(len(angle), won), {{"a": angle}}
"""

LEVELS = {"all layers": (), "without Landlock": ("landlock",)}


@pytest.fixture(scope="module")
def unconfined():
    with contextlib.closing(RewardHost(isolation="none")) as host:
        yield host


@pytest.fixture(scope="module", params=LEVELS)
def confined(request):
    with contextlib.closing(RewardHost(without=LEVELS[request.param])) as host:
        yield host


@pytest.fixture(scope="module")
def situation(tmp_path_factory):
    """What attacks are aimed at: a folder, listeners, and a process of the same user that lets itself be traced."""
    home = tmp_path_factory.mktemp("attacked") / "home"
    waiting = "import ctypes, time; ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1)); print(id(time), flush=True); time.sleep(600)"
    abstract = f"\0eureka-test-{os.getpid()}"
    with contextlib.ExitStack() as stack:
        other = subprocess.Popen([sys.executable, "-c", waiting], stdout=subprocess.PIPE, text=True)
        stack.callback(other.wait)
        stack.callback(other.kill)
        stack.enter_context(other.stdout)
        tcp, udp = (stack.enter_context(socket.socket(type=kind)) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM))
        named, hidden = (stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2))
        for listener, name in ((tcp, ("127.0.0.1", 0)), (udp, ("127.0.0.1", 0)), (named, f"{home}.socket"), (hidden, abstract)):
            listener.bind(name)
            if listener is not udp:
                listener.listen(100)
        ports = {"tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1], "abstract": abstract}
        numbers = {"x86_64": {"keyctl": 250, "bpf": 321}}.get(os.uname().machine, {"keyctl": 219, "bpf": 280})
        yield str(home), ports, other.pid, int(other.stdout.readline()), numbers


def prepare(home):
    shutil.rmtree(home, ignore_errors=True)
    (home / "folder").mkdir(parents=True)
    (home / "victim").write_text("precious")
    (home / "victim").chmod(0o600)
    os.utime(home / "victim", (10**9, 10**9))


def contents(home):
    """All there is to know about a folder."""
    stats = {entry: entry.lstat() for entry in sorted(home.rglob("*"))}
    return {
        str(entry): (s.st_mode, s.st_size, s.st_nlink, s.st_mtime_ns, os.listxattr(entry, follow_symlinks=False))
        for entry, s in stats.items()
    }


def wait_until(condition, seconds=5.0):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.005)
    return condition()


def won(host, situation, name):
    """Whether the attack has changed the folder or, where that is not its aim, says that it succeeded."""
    home = Path(situation[0])
    prepare(home)
    before = contents(home)
    code = PROGRAM.format(situation=situation, attack=textwrap.indent(textwrap.dedent(ALL[name]), "    "))
    process = host.start(code, "compute_reward", ["angle"])  # what it imports is there when confined, too: the zygote has it
    said = False
    with contextlib.closing(process):
        with contextlib.suppress(RewardFailed):  # it is another program by now
            said = bool(process.call({"angle": np.ones(4)})[0].all())
        if name not in FILES:
            return said or contents(home) != before
        return wait_until(lambda: contents(home) != before, seconds=1.0 if process.isolation == "none" else 0.0)


def test_every_attack_succeeds_unconfined(unconfined, situation):
    failed = {name for name in ALL if not won(unconfined, situation, name)}
    assert not failed - NOT_EVERYWHERE


def test_no_attack_succeeds_confined(confined, situation):
    assert [name for name in ALL if won(confined, situation, name)] == []


VARIABLES = {name: np.linspace(-0.2, 0.2, 8) for name in ("cart_position", "cart_velocity", "pole_angle", "pole_velocity")}
VARIABLES["action"] = np.ones((8, 1))


def read_case(case, folder):
    """A completion of the corpus with its marker led into `folder`, so that runs of this test side by side do not meet."""
    found = extract((CORPUS / case["file"]).read_text())
    return found.code.replace(MARKERS, f"{folder}/").replace("time.sleep(2)", "time.sleep(0.1)"), found  # the daemon's patience


def run_case(host, case, folder):
    code, found = read_case(case, folder)
    process = host.start(code, found.function, found.arguments)
    process.call(VARIABLES)
    return process


def test_no_marker_of_the_corpus_is_left_confined_though_each_is_unconfined(unconfined, confined, tmp_path):
    loose, tight = tmp_path / "loose", tmp_path / "tight"
    loose.mkdir()
    tight.mkdir()
    assert len(MARKED) > 15
    kept = []

    def missing():
        left = {marker.name.removesuffix(".npy") for marker in loose.iterdir()}
        # What this one looks for is not even there unconfined; the next test is its proof.
        return [case for case in MARKED if Path(case["pwned_marker"]).name not in left | {"PWNED_env_read"}]

    for _ in range(3):  # one that a busy machine ended before it had left its mark has another try
        for case in missing():
            for host, folder in ((unconfined, loose), (confined, tight)):
                with contextlib.suppress(RewardFailed):
                    kept.append(run_case(host, case, folder))  # and lives on: closing it would end its daemons
        if wait_until(lambda: not missing()):
            break
    assert not missing()
    for process in kept:
        process.close()
    assert not list(tight.iterdir())


def test_the_reader_of_the_environment_leaves_its_marker_where_there_is_a_key(tmp_path, monkeypatch):
    monkeypatch.setenv("EUREKA_TEST_KEY", SECRET)
    code, _ = read_case(next(case for case in MARKED if case["name"] == "env_read"), tmp_path)
    namespace = {}
    exec(code, namespace)
    namespace["compute_reward"](**VARIABLES)
    assert list(tmp_path.iterdir())


def test_forged_answers_reach_no_other_reward_and_no_other_call_of_the_worker(confined):
    good = confined.start("def compute_reward(a): return 2 * a, {'a': a}\n", "compute_reward", ["a"])
    forgeries = (
        '{"components": ["a"]}',
        '{"level": "none", "missing": {}, "possible": ["all"]}',
        '{"error": "resource", "message": "the machine is at fault", "line": null}',
        "[" * 30_000,
        '{"components": ' + "[" * 20_000 + "]" * 20_000 + "}",
        '{"components": ["\\ud800", NaN, 1e999]}',
        "\xff\xfe",
        "x" * 60_000,
    )
    for forgery in forgeries:
        code = f"import os\ndef compute_reward(a):\n    os.write(3, {forgery.encode('latin-1')!r})\n    return a, {{'a': a}}\n"
        liar = confined.start(code, "compute_reward", ["a"])
        try:
            for _ in range(3):
                total, _ = liar.call({"a": np.ones(4)})
                assert total.tolist() == [1] * 4 or not total.any()  # its own reward, or none yet: it lies about nobody else's
        except RewardFailed as error:
            assert error.code in ("contract", "error"), forgery[:40]
        liar.close()
        assert good.call({"a": np.ones(4)})[0].tolist() == [2] * 4
    good.close()
