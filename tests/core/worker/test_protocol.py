"""How a worker ends."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from concurrent.futures import ThreadPoolExecutor
from eureka.worker.protocol import leave

pool = ThreadPoolExecutor(1)
pool.submit(print, "done in the pool").result()
print("told last", end="")
leave()
"""


def test_a_pool_of_threads_that_a_component_left_open_does_not_hold_the_worker_up():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done in the pool\ntold last", "")
