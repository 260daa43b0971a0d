"""Writes a suite's three files, each whole or not at all: `suite.json`, the page `suite.html`, and its table as text, `suite.md`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eureka.errors import RunStopped
from eureka.files import write_atomically
from eureka.report.page import render
from eureka.suite.contents import Suite, as_json, contents
from eureka.suite.markdown import markdown
from eureka.suite.page import page
from eureka.suite.rows import Row


def write(suite: Suite, rows: Sequence[Row]) -> dict[str, Any]:
    """Write them; returns what `suite.json` holds. Raises RunStopped where they cannot be written."""
    told = contents(suite, rows)
    data, values = page(suite, told)
    texts = {"suite.json": as_json(told), "suite.html": render("suite.html", data, **values), "suite.md": markdown(told)}
    for name, text in texts.items():
        try:
            write_atomically(suite.dir / name, text)
        except OSError as error:
            raise RunStopped(
                f"{suite.dir / name}: cannot be written ({error.strerror}). The runs are kept: mend that (make room?), then "
                f"`eureka suite --dir {suite.dir}`."
            ) from None
    return told
