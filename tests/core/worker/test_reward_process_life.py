"""When a reward process starts and ends, and what is left of it, with real processes."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from eureka.errors import RewardFailed
from eureka.process import children
from eureka.worker.reward_client import RewardHost, RewardLimits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")

LIMITS = RewardLimits(cpu_s=0.3, asleep_s=0.2, wall_factor=1.0, wall_s=0.8)
GOOD = """
import numpy as np

def compute_reward(angle, joints):
    return angle, {"effort": (joints ** 2).sum(axis=1)}
"""


def program(body):
    return f"import numpy as np\n\ndef compute_reward(angle, joints):\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"


def batch(rows, seed=0):
    rng = np.random.default_rng(seed)
    return {"angle": rng.normal(size=rows), "joints": rng.normal(size=(rows, 3))}


def start(host, code):
    return host.start(code, "compute_reward", ["angle", "joints"])


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


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def test_daemons_a_reward_starts_end_with_it():
    code = program("""
    import os, time
    for _ in range(2):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.setsid()
                time.sleep(600)
            os._exit(0)
        os.wait()
    return angle, {'a': angle}
    """)
    host = RewardHost(LIMITS, isolation="none")
    beside, process = start(host, GOOD), start(host, code)
    zygote = parent_of(process.pid)
    before = set(children(zygote))
    process.call(batch(4))
    daemons = set(children(zygote)) - before
    assert len(daemons) == 2 and not any(gone(pid) for pid in daemons)
    process.close()
    assert all(gone(pid) for pid in daemons)
    assert len(beside.call(batch(4))[0]) == 4
    host.close()


def test_what_a_worker_started_ends_with_it_also_when_it_made_itself_independent():
    worker = """
import os, subprocess, sys
from eureka.process import children
from eureka.worker.protocol import end_with_the_host
end_with_the_host()
subprocess.run(["sh", "-c", "setsid sleep 600 >/dev/null 2>&1 &"])
while not children(os.getpid()): pass
print(*children(os.getpid()))
"""
    ours, theirs = os.pipe()
    env = os.environ | {"EUREKA_LIFELINE_FD": str(ours)}
    done = subprocess.run([sys.executable, "-c", worker], env=env, pass_fds=[ours], capture_output=True, text=True, timeout=20)
    os.close(ours)
    os.close(theirs)
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 1 and gone(pids[0]), done.stderr


def test_neither_zygote_nor_child_holds_a_secret_of_the_workers(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    host = RewardHost(LIMITS)
    with contextlib.closing(host):
        process = start(host, program("import os\nn = angle * 0 + len(os.environ)\nreturn n, {'n': n}"))
        assert process.call(batch(3))[0].tolist() == [0, 0, 0]
        for pid in (process.pid, parent_of(process.pid)):
            names = {entry.split(b"=")[0] for entry in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")}
            assert b"OPENBLAS_NUM_THREADS" in names and not names & {b"OPENAI_API_KEY", b"HOME", b"PATH"}


def test_a_zygote_that_was_killed_is_the_machines_fault_and_is_replaced():
    host = RewardHost(LIMITS)
    with contextlib.closing(host):
        process = start(host, GOOD)
        os.kill(parent_of(process.pid), signal.SIGKILL)
        assert wait_until(lambda: gone(process.pid))
        with pytest.raises(RewardFailed) as caught:
            process.call(batch(3))
        assert caught.value.code == "resource"
        assert len(start(host, GOOD).call(batch(3))[0]) == 3


def test_nothing_is_left_when_the_host_is_closed():
    own = RewardHost(LIMITS)
    process = start(own, GOOD)
    zygote = parent_of(process.pid)
    own.close()
    assert wait_until(lambda: gone(process.pid) and gone(zygote))


def test_nothing_is_left_when_the_worker_is_killed():
    worker = f"""
import os, threading, time
import numpy as np
from eureka.worker.reward_client import RewardHost
host = RewardHost()
idle = host.start({GOOD!r}, "compute_reward", ["angle", "joints"])
busy = host.start("def compute_reward(a):\\n    while True: pass", "compute_reward", ["a"])
threading.Thread(target=lambda: busy.call({{"a": np.ones(1)}}), daemon=True).start()
time.sleep(0.2)
print(idle.pid, busy.pid, flush=True)
time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", worker], stdout=subprocess.PIPE, text=True)
    pids = [int(p) for p in process.stdout.readline().split()]
    pids.append(parent_of(pids[0]))
    assert len(pids) == 3 and not any(gone(p) for p in pids)
    process.kill()
    process.wait()
    process.stdout.close()
    assert wait_until(lambda: all(gone(p) for p in pids))
