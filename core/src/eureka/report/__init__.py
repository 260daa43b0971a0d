"""`report.html` and `report.md`: what a run came to, on a page. Reads the journal; loads no plugin and changes nothing of the run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def write_report(directory: Path, out: Path | None = None) -> tuple[Path, Path]:
    """Write a run's page and its text; returns where they are.

    out: the page; the text goes beside it as `.md`. None: `report.html` in the run's directory. Raises ConfigError for a directory that is
    no run or a place that cannot be written to, JournalError for a broken journal.
    """
    from eureka.report.contents import contents
    from eureka.report.markdown import markdown
    from eureka.report.page import render
    from eureka.report.reading import read

    run = read(directory)
    page = run.dir / "report.html" if out is None else out
    data, values = contents(run)
    _write(page, render("report.html", data, **values))
    _write(page.with_suffix(".md"), markdown(run))
    return page, page.with_suffix(".md")


def write_comparison(directories: Sequence[Path], out: Path) -> Path:
    """Write one page that puts several runs beside each other; returns where it is. Raises as `write_report` does."""
    from eureka.report.compare import comparison
    from eureka.report.page import render
    from eureka.report.reading import read

    data, values = comparison([read(directory) for directory in directories])
    _write(out, render("compare.html", data, **values))
    return out


def _write(path: Path, text: str) -> None:
    from eureka.errors import ConfigError
    from eureka.files import write_atomically

    try:
        write_atomically(path, text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror}). Name another place with --out FILE.html.") from None
