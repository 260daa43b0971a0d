"""`suite.md`: a suite's table, aggregates and remarks as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eureka.report.markdown import escaped, table
from eureka.suite import words


def markdown(told: Mapping[str, Any]) -> str:
    """The whole text. What comes from outside is escaped. told: `suite.json`."""
    figures = [f"- {escaped(label)}: {escaped(value)}{f' ({escaped(more)})' if more else ''}" for value, label, more in words.tiles(told)]
    remarks = [f"- {escaped(task)}: {escaped(text)}" for task, text in words.remarks(told)]
    parts = [table(*words.table(told)), escaped(words.counts(told)), "\n".join(figures), "\n".join(remarks)]
    return "\n\n".join(filter(None, parts)) + "\n"
