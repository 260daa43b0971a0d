"""Run every benchmark and print its figures; with `--json DIR` also write one file each."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import reward_call
import startup
import training_overhead


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="DIR", help="write DIR/<benchmark>.json")
    parser.add_argument("--rounds", type=int, default=7, help="rounds per figure (default 7)")
    arguments = parser.parse_args()
    for benchmark in (startup, reward_call, training_overhead):
        figures = benchmark.measure(arguments.rounds)
        print(benchmark.__name__)
        for name, figure in figures.items():
            print(f"  {name:<45} {figure['median']:>10.4g} {figure['unit']:<8} ({figure['min']:.4g} to {figure['max']:.4g})")
        if arguments.json:
            arguments.json.mkdir(parents=True, exist_ok=True)
            (arguments.json / f"{benchmark.__name__}.json").write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
