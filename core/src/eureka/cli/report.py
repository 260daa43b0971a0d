"""`eureka report`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("run_dirs", nargs=-1, required=True, metavar="DIR…", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the page goes. Default: report.html in DIR; of several comparison.html here.",
)
def report(run_dirs: tuple[Path, ...], out: Path | None) -> None:
    """Write a page that tells what a run came to, or one that compares several.

    The page is one file to open in a browser, without a network, and to send on: it holds the prompts and answers, too. Beside it
    report.md has the same as text. A run may still be going on.

    \b
    Examples:
      eureka report runs/first
      eureka report runs/first runs/second --out both.html
    """
    from eureka.report import write_comparison, write_report

    several = dict.fromkeys(path.expanduser().absolute() for path in run_dirs)
    if out is not None and out.suffix.lower() not in (".html", ".htm"):
        raise click.UsageError(f'--out "{out}" is no page; give a name that ends in .html.')
    if len(several) > 1:
        click.echo(write_comparison(list(several), out or Path("comparison.html")))
        return
    for path in write_report(run_dirs[0], out):
        click.echo(path)
