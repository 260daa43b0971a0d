"""Print what `run.py --json DIR` wrote as Markdown tables.

python benchmarks/table.py benchmarks/out
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def table(file: Path) -> str:
    """One benchmark's figures, a line each."""
    content = json.loads(file.read_text())
    lines = [f"`{file.stem}`, {content['rounds']} rounds", "", "| figure | median | lowest to highest |", "|---|---|---|"]
    for name, figure in content["figures"].items():
        lines.append(f"| {name} | {figure['median']:.4g} {figure['unit']} | {figure['min']:.4g} to {figure['max']:.4g} |")
    return "\n".join(lines)


if __name__ == "__main__":
    files = sorted(Path(sys.argv[1] if len(sys.argv) > 1 else "benchmarks/out").glob("*.json"))
    machine = json.loads(files[0].read_text())["machine"] if files else {}
    print("\n\n".join([", ".join(f"{name} {value}" for name, value in machine.items()), *map(table, files)]))
