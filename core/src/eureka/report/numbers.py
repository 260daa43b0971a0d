"""The tables of a report: label and value, every value a figure of `summary.json` in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eureka.builtin.outside_text import one_line
from eureka.builtin.progress_lines import duration, number
from eureka.estimate import dollars
from eureka.report.reading import Reported
from eureka.report.words import clock, unit_of
from eureka.spending import counted

Pairs = list[tuple[str, str]]


def tiles(run: Reported) -> list[tuple[str, str, str]]:
    """The few figures at the top: value, what it is, and what else to know of it."""
    final, rows, best = run.summary["final"], run.summary["iterations"], run.summary["best"]
    name = f"best fitness in the search{unit_of(run.state.task.fitness)}"
    told = f"{best['id']}{_of_which(best)}" if best["id"] else "nothing trained"
    shown = [(number(best["fitness"]), name, told)]
    if final is not None:
        against, normalised, correlation = final["against"]["human"], final["human_normalised"], final["correlation"]
        if (sure := against["probability_interval"]) is not None:
            shown.append((f"{against['probability_of_improvement']:.0%}", "likely to beat the human reward", between(sure)))
        told = between(normalised["interval"]) if normalised["score"] is not None else "see the final evaluation"
        shown.append((or_na(normalised["score"]), "human-normalised score", told))
        told = "" if correlation["score"] is not None else "see below"
        shown.append((or_na(correlation["score"]), "correlation with the human reward", told))
    if rows:
        trained = sum(outcome.status == "ok" for outcome in run.state.outcomes.values())
        shown.append(
            (f"{trained} of {len(run.state.candidates)}", "candidates trained", f"{len(rows)} of {counted(_iterations(run), 'iteration')}")
        )
    return shown


def final_table(entries: Sequence[tuple[str, dict[str, Any]]]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the final evaluation, best first."""
    any_failed = any(row["failed"] for _, row in entries)
    header = ["reward", "IQM", "95 % interval", "mean ± deviation", "best checkpoints", *["failed"] * any_failed, "each training"]
    rows = []
    for name, row in entries:
        spread = f" ± {number(row['std'])}" if row["std"] is not None else ""
        seeds = ", ".join(number(value) for value in row["seeds"])
        mean = f"{number(row['mean'])}{spread}"
        checkpoints = number(row["best_checkpoint_mean"])
        rows.append(
            [
                name,
                or_na(row["iqm"]),
                between(row["interval"]) or "n/a",
                mean,
                checkpoints,
                *[str(row["failed"])] * any_failed,
                seeds,
            ]
        )
    return header, rows


def iteration_table(run: Reported) -> tuple[list[str], list[list[str]]]:
    """Header and a row per iteration."""
    rows = run.summary["iterations"]
    several = len({row["restart"] for row in rows}) > 1
    header = [*["restart"] * several, "iteration", "best", "best so far", "execute rate", "at first try"]
    table = [
        [
            *[str(row["restart"] + 1)] * several,
            str(row["index"] + 1),
            number(row["best"]),
            number(row["best_so_far"]),
            f"{row['execute_rate']:.0%}",
            f"{row['execute_rate_first_try']:.0%}",
        ]
        for row in rows
    ]
    return header, table


def spent(run: Reported) -> Pairs:
    """Cost, tokens, seconds and steps."""
    summary = run.summary
    steps, seconds, tokens = summary["env_steps"], summary["seconds"], summary["tokens"]
    shown = [
        ("environment steps, training", f"{steps['training']:,}"),
        ("environment steps, evaluation", f"{steps['evaluation']:,}"),
        ("time in all", duration(seconds["total"])),
        ("time training", duration(seconds["training"])),
        ("time evaluating", duration(seconds["evaluation"])),
    ]
    if run.state.waited:
        shown.append(("time waiting for people", duration(seconds["people"])))
    if not summary["models"]:
        return [*shown, ("model", "none was asked")]
    unknown = f" and {summary['unpriced_answers']} answers of unknown price" if summary["unpriced_answers"] else ""
    cached = f" ({tokens['cached_input']:,} from the cache)" if tokens["cached_input"] else ""
    shown += [
        ("time waiting for models", duration(seconds["llm"])),
        ("answers of models", f"{sum(row['answers'] for row in summary['models']):,}"),
        ("tokens read", f"{tokens['input']:,}{cached}"),
        ("tokens written", f"{tokens['output']:,}"),
        ("cost", f"{dollars(summary['cost_usd'])}{unknown}"),
    ]
    if summary["unanswered"]:
        most = summary["unanswered_at_most_usd"]
        told = f", at most {dollars(most)}" if most is not None else ""
        shown.append(("asked for, never came, may be billed", f"{summary['unanswered']:,}{told}"))
    return [*shown, *([("faults of models", f"{summary['faults']:,}")] if summary["faults"] else [])]


def model_table(run: Reported) -> tuple[list[str], list[list[str]]]:
    """Header and a row for each model that was asked."""
    header = ["model", "answers", "accepted", "trained", "best fitness", "tokens read", "tokens written", "cost"]
    table = []
    for row in run.summary["models"]:
        name = one_line(" ".join(filter(None, (row["provider"], row["model"]))))
        unknown = f" and {row['unpriced_answers']} of unknown price" if row["unpriced_answers"] else ""
        counts = [f"{row[key]:,}" for key in ("answers", "accepted", "trained")]
        tokens = [f"{row['tokens'][key]:,}" for key in ("input", "output")]
        table.append([name, *counts, number(row["best"]), *tokens, f"{dollars(row['cost_usd'])}{unknown}"])
    return header, table


def sessions(run: Reported) -> Pairs:
    """When the run was opened and left."""
    return [(clock(session.time), session.event) for session in run.state.sessions]


def between(interval: Sequence[float] | None) -> str:
    """`3.1 to 4.2`; empty where there is no interval."""
    return "" if interval is None else f"{number(interval[0])} to {number(interval[1])}"


def or_na(value: float | None) -> str:
    """A figure, or `n/a` where there is none."""
    return "n/a" if value is None else number(value)


def _of_which(best: dict[str, Any]) -> str:
    """What the best reward's fitness is a mean of, where that is not one training of the search."""
    several = len(best["in_search"]) + len(best["in_retest"]) > 1
    if several and best["in_retest"]:
        return ", a mean with its retest on a fresh seed"
    return f", a mean of {len(best['in_search'])} trainings" if several else ", trained again on a fresh seed" * bool(best["in_retest"])


def _iterations(run: Reported) -> int:
    return run.config.search.iterations * run.config.search.restarts
