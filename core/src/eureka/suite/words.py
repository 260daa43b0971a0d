"""A suite in words: the cells of its table and the figures below it, the same on the terminal, the page and in `suite.md`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eureka.builtin.outside_text import one_line
from eureka.builtin.progress_lines import duration
from eureka.estimate import dollars
from eureka.spending import counted
from eureka.suite.rows import CLIP, IMPROVEMENT_CLIP, Row

_LONGEST = 600


def short(value: float | None, digits: int = 3) -> str:
    """So many digits that count, for a table of many tasks; 1000 rather than 1e+03."""
    return "n/a" if value is None else f"{float(f'{value:.{digits}g}') + 0.0:g}"


def measured(entry: Mapping[str, Any]) -> str:
    """Mean and deviation over trainings, and how many of them failed."""
    spread = f" ± {short(entry['std'], 2)}" if entry["std"] is not None else ""
    lost = f" ({entry['failed']} failed)" if entry["failed"] else ""
    return f"{short(entry['mean'])}{spread}{lost}"


def bounded(value: float | None, interval: Any) -> str:
    """`1.01 [0.9, 1.1]`, the figure alone, or n/a."""
    return short(value) + (f" [{short(interval[0])}, {short(interval[1])}]" if value is not None and interval else "")


def score(row: Row) -> str:
    """The human-normalised score with its interval."""
    return bounded(row["human_normalised"]["score"], row["human_normalised"]["interval"])


def percent(value: float | None) -> str:
    """`+52%`."""
    return "n/a" if value is None else f"{value:+.0%}"


def fitness(row: Row) -> str:
    """`forward_speed (m/s)`, and which way is better where that is less."""
    told = row["fitness"]
    notes = ", ".join(filter(None, (told["unit"], "less is better" if told["goal"] == "minimize" else "")))
    return one_line(told["name"]) + (f" ({one_line(notes)})" if notes else "")


def standing(row: Row) -> str:
    """How a task stands that has nothing to show."""
    return "not begun" if row["status"] == "waiting" else str(row["status"])


def table(told: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Header and a row for each task; the task's name is the first cell. told: `suite.json`."""
    rows = told["tasks"]
    priced = any(row["cost_usd"] or row["unpriced_answers"] for row in rows)
    header = ["task", "human-normalised [95 %]", "improvement", "found reward", "human reward", "fitness as reward", "fitness"]
    header += ["likely to beat human", "correlation", "found, interquartile mean [95 %]", "steps", "time", *["cost"] * priced]
    return header, [_cells(row, priced) for row in rows]


def _cells(row: Row, priced: bool) -> list[str]:
    name, against = one_line(row["task"]), row["against_human"]
    figures = [
        score(row),
        percent(row["normalised_improvement"]),
        *(measured(row[reward]) for reward in ("found", "human", "sparse")),
    ]
    more = [
        "n/a" if against["probability_interval"] is None else f"{against['probability_of_improvement']:.0%}",
        short(row["correlation"]["score"]),
        bounded(row["found"]["iqm"], row["found"]["interval"]),
    ]
    if row["status"] != "done":
        figures, more = [standing(row), *[""] * (len(figures) - 1)], [""] * len(more)
    return [name, *figures, fitness(row), *more, *_took(row, priced)]


def _took(row: Row, priced: bool) -> list[str]:
    if row["env_steps"] is None:
        return [""] * (2 + priced)
    cost = dollars(row["cost_usd"]) + "+?" * bool(row["unpriced_answers"])
    return [f"{row['env_steps']['training'] + row['env_steps']['evaluation']:,}", duration(row["seconds"]), *[cost] * priced]


def tiles(told: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The aggregates that there are: value, what it is, and what else to know of it."""
    all_ = told["aggregates"]
    above, clipped, gained = all_["at_or_above_human"], all_["clipped_score"], all_["normalised_improvement"]
    middle = all_["human_normalised"]
    low, high = (f"{bound:+.0%}" for bound in IMPROVEMENT_CLIP)
    share = "n/a" if above["share"] is None else f"{above['count']} of {above['of']}"
    interval = middle["interval"]
    between = f"95 %: {short(interval[0])} to {short(interval[1])}, resampling the found rewards' trainings alone; " if interval else ""
    between = f"no interval: {one_line(middle['why'], _LONGEST)}; " if middle["why"] else between
    shown = [
        (share, "tasks at or above the human reward", "" if above["share"] is None else f"{above['share']:.0%}"),
        (
            short(clipped["mean"]),
            "mean human-normalised score, as in the paper",
            f"over {counted(clipped['of'], 'task')}, each clipped to {CLIP[0]:g} … {CLIP[1]:g}",
        ),
        (percent(gained["mean"]), "mean normalised improvement", f"over {counted(gained['of'], 'task')}, each clipped to {low} … {high}"),
        (short(middle["iqm"]), "human-normalised score, interquartile mean", f"{between}over {counted(middle['of'], 'task')}"),
        (f"{all_['done']} of {all_['tasks']}", "tasks done", _others(told)),
    ]
    return [tile for tile in shown if tile[0] != "n/a"]


def counts(told: Mapping[str, Any]) -> str:
    """How many tasks have what, and why there are no figures over all of them where there are none."""
    all_ = told["aggregates"]
    compared, scored = all_["at_or_above_human"]["of"], all_["human_normalised"]["of"]
    said = f"Of {counted(all_['tasks'], 'task')}: {all_['done']} done, {compared} compared with the human reward, {scored} with a score"
    why = "; why others have none is said below the table" if scored < all_["done"] else ""
    alone = " Means over tasks take two that have a score." if scored < 2 else ""
    return f"{said}{why}.{alone}"


def _others(told: Mapping[str, Any]) -> str:
    """How the tasks stand that are not done."""
    states = [standing(row) for row in told["tasks"] if row["status"] != "done"]
    return ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))


def remarks(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What to know beside the figures, task by task: what went wrong, which score is n/a, what was left out, what a cap held back."""
    said = []
    for row in told["tasks"]:
        if row["error"]:
            said.append((row["task"], f"{row['status']}, {row['error']}"))
        elif row["status"] == "done":
            n_a = {"human-normalised score": row["human_normalised"], "correlation with the human reward": row["correlation"]}
            missing: dict[str, list[str]] = {}
            for label, figure in n_a.items():
                if figure["score"] is None:
                    missing.setdefault(figure["why"], []).append(label)
            said += [(row["task"], f"{' and '.join(labels)} n/a, {why}") for why, labels in missing.items()]
            said += [(row["task"], row["note"])] * bool(row["note"])
    said += [(one["task"], f"left out, {one['why']}") for one in told["left_out"]]
    return [(one_line(task), one_line(text, _LONGEST)) for task, text in said]
