"""`eureka tasks`."""

from __future__ import annotations

import json
import shutil
from typing import Any

import click

from eureka.cli.table import print_table

_WIDTH = 100


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def tasks(as_json: bool) -> None:
    """List the tasks that come ready, to be run by name: eureka run NAME. No simulator is loaded."""
    from eureka.tasks import list_tasks, not_installed
    from eureka.yaml_source import read_yaml

    missing = not_installed()
    rows = []
    for name, path in list_tasks().items():
        data = read_yaml(path).data
        sim = data.get("sim")
        spec = sim if isinstance(sim, dict) else {"use": sim}
        rows.append(
            {
                "name": name,
                "description": str(data.get("description") or ""),
                "simulator": str(spec.get("use") or ""),
                "environment": str(spec.get("env") or spec.get("task") or ""),
                "file": str(path),
                "install": missing.get(name),
            }
        )
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif rows:
        several = len({row["simulator"] for row in rows}) > 1
        width = min(_WIDTH, shutil.get_terminal_size().columns)
        print_table(("NAME", "TASK (ENVIRONMENT)"), [(str(row["name"]), _told(row, several)) for row in rows], width)
        click.echo("\nRun one: eureka run NAME. What a model sees of it: eureka env describe NAME.\nIts file: eureka tasks --json")
    else:
        click.echo("No tasks are installed. They come with simulator plugins, such as: pip install eureka-plugin-gymnasium")


def _told(row: dict[str, Any], several: bool) -> str:
    """What a task is and in which environment, of which simulator where there are several; then what it lacks."""
    environment = " ".join(filter(None, (row["simulator"] * several, row["environment"])))
    lacks = f"\nNot installed here. It comes with:\n{row['install']}" if row["install"] else ""
    return f"{' '.join(row['description'].split())} ({environment}){lacks}"
