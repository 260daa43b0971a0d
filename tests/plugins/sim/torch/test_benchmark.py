"""The benchmark of training runs, for a look, in a moment; what it finds is nobody's figure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
SCRIPT = Path(__file__).parents[4] / "benchmarks" / "torch_training.py"


@pytest.mark.slow
@pytest.mark.parametrize("trainer", ["rl_games", "population"])
def test_a_short_look_gives_a_row_for_each_cohort(trainer):
    command = [sys.executable, SCRIPT, "--envs", "64", "--trials", "1", "2", "--updates", "2", "--trainer", trainer]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert [line.split("|")[1].strip() for line in done.stdout.splitlines()[-2:]] == ["1", "2"]
