"""A key of the host, searched for by the code of a reward wherever a process of the same user might find it."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")

SECRET = "sk-dummy-0123456789"

SEARCH = """
import os

def ancestors():
    pid = os.getpid()
    while pid > 1:
        pid = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
        yield pid

def environments():
    for pid in ancestors():
        try:
            yield open(f"/proc/{pid}/environ", "rb").read()
        except OSError:
            pass

def memory():
    for pid in ancestors():
        try:
            regions = [line.split() for line in open(f"/proc/{pid}/maps")]
            with open(f"/proc/{pid}/mem", "rb", 0) as file:
                for region in regions:
                    if region[-1] in ("[heap]", "[stack]"):
                        start, end = (int(number, 16) for number in region[0].split("-"))
                        file.seek(start)
                        yield file.read(end - start)
        except OSError:
            pass

def descriptors():
    for fd in range(4, 64):
        try:
            yield os.pread(fd, 100_000, 0)
        except OSError:
            pass

def own():
    yield repr(os.environ).encode()
    yield open("/proc/self/environ", "rb").read()

def found(place):
    try:
        return float(any(SECRET in text for text in place()))
    except OSError:
        return 0.0

def compute_reward(angle):
    return angle, {place.__name__: angle * 0 + found(place) for place in (own, environments, memory, descriptors)}
"""
WORKER = """
import json, sys
import numpy as np
from eureka.worker.reward_client import RewardHost
for isolation, without in (("none", ()), ("require", ()), ("require", ("landlock",))):
    host = RewardHost(isolation=isolation, without=without)
    components = host.start(code, "compute_reward", ["angle"]).call({"angle": np.ones(2)})[1]
    host.close()
    print(json.dumps({name: bool(values[0]) for name, values in components.items()}))
"""
HOST = """
import os, subprocess, sys
secret = open(sys.argv[2])  # the worker does not get it
scrubbed = {name: value for name, value in os.environ.items() if name != "EUREKA_TEST_KEY"}
sys.exit(subprocess.run([sys.executable, "-c", sys.argv[1]], env=scrubbed).returncode)
"""


def test_a_key_of_the_host_is_out_of_reach(tmp_path):
    """host (has the key) → worker → zygote → reward. Unconfined it is read from the host's /proc entry."""
    (tmp_path / "key").write_text(SECRET)
    # Not in one piece, or the program would find its own text.
    code = SEARCH.replace("SECRET", f"({SECRET[:6].encode()!r} + {SECRET[6:].encode()!r})")
    done = subprocess.run(
        [sys.executable, "-c", HOST, f"code = {code!r}\n{WORKER}", str(tmp_path / "key")],
        env=os.environ | {"EUREKA_TEST_KEY": SECRET},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    unconfined, *confined = map(json.loads, done.stdout.splitlines())
    assert unconfined["environments"] and (unconfined["memory"] or os.geteuid() != 0)  # others may be kept from a parent's memory
    assert not unconfined["own"] and not unconfined["descriptors"]  # not even there
    assert len(confined) == 2 and not any(value for level in confined for value in level.values())
