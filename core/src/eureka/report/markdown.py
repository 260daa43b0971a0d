"""`report.md`: the same without plots, for a terminal, a pull request or a model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eureka.builtin.outside_text import fenced, one_line
from eureka.clip import CLIP
from eureka.report import numbers, people, rewards, words
from eureka.report.again import commands, described, facts, versions
from eureka.report.clip import told_of
from eureka.report.contents import COLUMNS, FINAL, entries
from eureka.report.reading import Reported
from eureka.report.rows import rows

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!])")


def markdown(run: Reported) -> str:
    """The whole text. What comes from outside is escaped or fenced."""
    said, shown = words.compared(run), entries(run)
    parts = [
        f"# {escaped(run.state.task.name)}",
        escaped(one_line(run.state.task.description, 1000)),
        escaped(words.standing(run)),
        f"**{escaped(said.headline)}**",
        *map(escaped, said.lines),
    ]
    if shown:
        parts += ["## Final evaluation", FINAL, table(*numbers.final_table([(entry.name, entry.measured) for entry in shown]))]
        parts += map(escaped, words.notes(run))
        parts.append(_list([(label, f"{value}{f' ({more})' if more else ''}") for value, label, more in numbers.tiles(run)]))
    if (filmed := told_of(run)) is not None:
        parts += [
            "## The best policy at work",
            *([f"The clip is `{CLIP}` in the run's directory."] if (run.dir / CLIP).is_file() else []),
            escaped(filmed),
        ]
    for reward in (rewards.found(run), rewards.human(run)):
        parts += [f"## {reward.title}", escaped(reward.told), *([fenced(reward.code, "python")] if reward.code else [])]
    candidates = rows(run)
    if candidates:
        parts += ["## The search", table(*numbers.iteration_table(run)), *map(escaped, people.selections(run))]
        told = [[r.id, r.status, *(map(_number, (r.fitness, r.again))), ", ".join(r.parents), r.why] for r in candidates]
        parts += ["## Candidates", COLUMNS, table(["candidate", "status", "fitness", "on a fresh seed", "from", "remark"], told)]
    if summed_up := people.summed_up(run):
        parts += ["## People", escaped(summed_up)]
        for note in people.told(run):
            parts += [escaped(note.head), *([fenced(note.text)] if note.text else [])]
        parts += [table(*people.preference_table(run))] if run.state.preferences else []
    parts += ["## What it took", _list(numbers.spent(run))]
    if len(run.summary["models"]) > 1:
        parts.append(table(*numbers.model_table(run)))
    parts += [
        "## Reproduce it",
        described(run),
        fenced("\n".join(commands(run)), "sh"),
        _list(facts(run)),
        _list(versions(run)),
        _list(numbers.sessions(run)),
    ]
    return "\n\n".join(parts) + "\n"


def table(header: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A table, its cells escaped."""
    lines = [list(map(escaped, row)) for row in (header, *body)]
    lines.insert(1, ["---"] * len(header))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _list(pairs: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"- {escaped(label)}: {escaped(value)}" for label, value in pairs)


def escaped(text: str) -> str:
    """On one line, with nothing in it that Markdown or HTML would read as markup."""
    return _SPECIAL.sub(r"\\\1", one_line(text, 2000))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
