"""What a user waits for before anything happens."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from figures import Figure, figure


def measure(rounds: int) -> dict[str, Figure]:
    """Wall seconds of commands that do nothing but start, taken in turn."""
    eureka = str(Path(sys.executable).with_name("eureka"))
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "eureka --help": [eureka, "--help"],
        "eureka plugins": [eureka, "plugins"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds + 1):  # the first round warms the disk cache and is dropped below
        for name, command in commands.items():
            started = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            seconds[name].append(time.perf_counter() - started)
    return {name: figure(values[1:], "s") for name, values in seconds.items()}
