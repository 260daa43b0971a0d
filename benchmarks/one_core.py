"""Runs a script of this folder on one core with one thread, so that no side of a comparison gets more of the machine than the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

# Read by the libraries when they are imported, hence a process of its own. An executor gives the same to its workers.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")


def on_one_core(script: str, arguments: dict[str, Any]) -> Any:
    """What `script` prints as JSON on its last line when it is given `arguments` as JSON. What it starts stays on the same core."""
    core = max(os.sched_getaffinity(0))
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name(script)), json.dumps(arguments)],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    return json.loads(done.stdout.splitlines()[-1])
