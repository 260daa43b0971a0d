"""Run the benchmarks and print their figures; with `--json DIR` also write a file each.

python benchmarks/run.py --list
python benchmarks/run.py --only throughput memory --rounds 7
python benchmarks/run.py --quick                  # a round of each: a look, no spread
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import time
from pathlib import Path

from machine import machine
from one_core import ONE_THREAD

# What takes seconds first. `learning.py` and `regret.py`, which take hours, are commands of their own.
BENCHMARKS = (
    "startup",
    "reward_call",
    "training_overhead",
    "memory",
    "between",
    "scaling",
    "throughput",
    "time_to_score",
    "whole_run",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="say what there is and end")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=BENCHMARKS, metavar="NAME", help="these and no others")
    parser.add_argument("--json", type=Path, metavar="DIR", help="write DIR/<benchmark>.json")
    rounds = parser.add_mutually_exclusive_group()
    rounds.add_argument("--rounds", type=int, default=5, help="rounds per figure (default 5)")
    rounds.add_argument("--quick", action="store_const", const=1, dest="rounds", help="one round")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error(f"--rounds: {arguments.rounds} is not ≥ 1.")
    if arguments.list:
        for name in BENCHMARKS:
            print(f"{name:<18} {(importlib.import_module(name).__doc__ or '').splitlines()[0]}")
        return
    os.environ.update(ONE_THREAD)  # what is measured in this process has one thread, too; no library has been imported yet
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    for name in arguments.only:
        _run(name, arguments.rounds, arguments.json)


def _run(name: str, rounds: int, folder: Path | None) -> None:
    print(name, flush=True)
    started = time.perf_counter()
    figures = importlib.import_module(name).measure(rounds)
    seconds = time.perf_counter() - started
    width = max(map(len, figures))
    for title, figure in figures.items():
        print(f"  {title:<{width}} {figure['median']:>10.4g} {figure['unit']:<8} ({figure['min']:.4g} to {figure['max']:.4g})")
    print(f"  took {seconds:.0f} s", flush=True)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        content = {"machine": machine(), "rounds": rounds, "seconds": round(seconds, 1), "figures": figures}
        (folder / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
