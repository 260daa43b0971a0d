"""`eureka tasks`."""

from __future__ import annotations

import json

import click

from eureka.cli.table import print_table

_WIDTH = 100


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def tasks(as_json: bool) -> None:
    """List the tasks that come ready, to be run by name: eureka run NAME."""
    from eureka.tasks import list_tasks
    from eureka.yaml_source import read_yaml

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
                "environment": str(spec.get("env") or ""),
                "file": str(path),
            }
        )
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif rows:
        cells = [(r["name"], r["simulator"], r["environment"], " ".join(r["description"].split())) for r in rows]
        print_table(("NAME", "SIMULATOR", "ENVIRONMENT", "DESCRIPTION"), cells, width=_WIDTH)
        click.echo("\nRun one: eureka run NAME. What a model sees of it: eureka env describe NAME. Its file: eureka tasks --json")
    else:
        click.echo("No tasks are installed. They come with simulator plugins, such as: pip install eureka-plugin-gymnasium")
