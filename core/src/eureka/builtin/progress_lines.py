"""What the display says, a line at a time: for logs and pipes, and above the live view."""

from __future__ import annotations

from typing import Any

from eureka.builtin.outside_text import one_line, plain
from eureka.builtin.progress_state import RunState
from eureka.estimate import dollars
from eureka.events import RunEnd, RunStart, StageStart
from eureka.reward_file import without_header
from eureka.spending import counted
from eureka.types import EnvContext, Outcome, Verdict

_NAMED = 8
_FAILURES = {
    "error": "its code raised",
    "contract": "broken contract",
    "non_finite": "not finite",
    "timeout": "too slow",
    "memory": "out of memory",
    "killed": "its process was killed",
    "crash": "the worker crashed",
    "hang": "no step",
    "fitness": "fitness not finite",
}
"""What the codes of a failed training are called."""


def banner(run: RunStart) -> list[str]:
    """What is about to be done, by whom, and what it may cost in steps."""
    restarts = f"{run.restarts} restarts of " if run.restarts > 1 else ""
    return [
        f"Eureka: {one_line(run.task)}{' (resumed)' if run.resumed else ''}",
        f"Task: {one_line(run.description, 400)}",
        *["Fitness: the environment's own return; it does not know your sentence"] * run.own_return,
        f"Rewards: {one_line(run.designed_by)}",
        *[f"Isolation: {run.confinement}"] * bool(run.confinement),
        f"Search: {restarts}{counted(run.iterations, 'iteration')} of {counted(run.samples, 'reward')}, {run.steps_per_candidate:,} "
        "environment steps each",
        *(one_line(line, 400) for line in run.estimate),
    ]


def context_lines(context: EnvContext) -> list[str]:
    """What was derived from the environment, what was left out of that and why, and what else to know before spending."""
    lines = []
    if context.isolation:
        held = [] if context.isolation == "none" else context.isolation.split("+")
        lacking = [layer for layer in ("seccomp", "landlock", "limits") if layer not in held]
        missing = f" (not by {', '.join(lacking)})" if lacking else ""
        lines.append("Rewards run in processes of their own, " + (f"confined by {', '.join(held)}{missing}" if held else "not confined"))
    if context.derived:
        lines.append(f"Variables: {len(context.derived)} derived from the environment")
    if context.dropped:
        named = [f"{d.name} ({d.reason})" for d in context.dropped[:_NAMED]]
        more = f", and {len(context.dropped) - _NAMED} more" if len(context.dropped) > _NAMED else ""
        lines.append(f"Left out, since they would tell the reward: {one_line(', '.join(named), 800)}{more}")
    return [*lines, *(f"Warning: {one_line(warning, 800)}" for warning in context.warnings)]


def place(state: RunState, restart: int, iteration: int) -> str:
    """Where the search is: "iteration 2 of 5"."""
    words = f"iteration {iteration + 1} of {state.run.iterations}"
    return f"restart {restart + 1} of {state.run.restarts}, {words}" if state.run.restarts > 1 else words


def stage_words(state: RunState, event: StageStart) -> str:
    """What is going on, without a full stop."""
    where = place(state, event.restart, event.iteration)
    number = len(event.trials)
    match event.stage:
        case "context":
            return "looking at the environment"
        case "generate":
            return f"{where}: writing {state.run.samples} rewards"
        case "repair":
            return f"{where}: asking again for {counted(number, 'rejected reward')}"
        case "train":
            return f"{where}: training {number or 'the accepted'} rewards"
        case "reflect":
            return f"{where}: looking back"
        case "retest":
            return f"training the best {number or ''} again on a fresh seed".replace("  ", " ")
        case "final":
            return f"final evaluation: {number or 'all'} trainings on fresh seeds"


def verdict_line(verdict: Verdict) -> str:
    if verdict.accepted:
        return f"{verdict.candidate} accepted" + (f" at attempt {verdict.attempt + 1}" if verdict.attempt else "")
    line = f", line {verdict.line}" if verdict.line is not None else ""
    again = f", attempt {verdict.attempt + 1}" if verdict.attempt else ""
    return f"{verdict.candidate} rejected ({verdict.stage}{line}{again}): {one_line(verdict.message)}"


def outcome_line(state: RunState, outcome: Outcome) -> str:
    again = " on a fresh seed" if outcome.phase == "retest" else ""
    if outcome.status != "ok":
        verb = "given up, the machine's fault" if outcome.status == "resource" else "failed"
        code, line = (outcome.error.code, outcome.error.line) if outcome.error else ("", None)
        details = ", ".join([*[_FAILURES[code]] * (code in _FAILURES), *[f"line {line}"] * (line is not None)])
        why = f": {one_line(outcome.error.message)}" if outcome.error else ""
        return f"{outcome.candidate} {verb}{again}{f' ({details})' if details else ''}{why}"
    shared = f", the same program as {outcome.shared_with}" if outcome.shared_with else ""
    steps = f" at step {outcome.steps:,}" if outcome.steps is not None else ""
    verb = "trained" if outcome.pruned_at is None else f"pruned {state.percent(outcome.pruned_at)} of its training"
    return f"{outcome.candidate} {verb}{again}: fitness {number(outcome.fitness)}{steps}{shared}"


def iteration_line(state: RunState, iteration: tuple[int, int]) -> str | None:
    """What an iteration came to; None where nothing of it has been trained or refused."""
    rows = state.of_iteration(iteration)
    counts = {stage: sum(row.stage == stage for row in rows) for stage in ("trained", "pruned", "rejected", "failed")}
    if not any(counts.values()):
        return None
    words = ", ".join(f"{count} {stage}" for stage, count in counts.items() if count)
    best = state.best_of(rows)
    fitness = f"; best {best.id} with fitness {number(best.fitness)}" if best else ""
    so_far = f"; best so far {state.best[0]} with {number(state.best[1])}" if state.best else ""
    return f"{place(state, *iteration)}: {words}{fitness}{so_far}"


def result_lines(event: RunEnd) -> list[str]:
    """What came of it: the best reward's code, how it fared, and where everything is. Why a run was left is told elsewhere."""
    if event.status == "failed" and not event.summary.get("iterations"):
        return []  # the user's mistake, found before anything was done: why is told elsewhere, and there is nothing to look at
    lines = []
    best = event.summary.get("best") or {}
    if best.get("id"):
        lines += ["", f"Best reward: {best['id']}, fitness {number(best.get('fitness'))} in the search", ""]
        lines += [f"    {plain(line)}" if line else "" for line in _code(event)]
    final = event.summary.get("final") or {}
    names = {"best": "this reward", "human": "the human's reward", "fitness": "the fitness itself as reward"}
    rows = [(label, final[key]) for key, label in names.items() if (final.get(key) or {}).get("mean") is not None]
    if rows:
        seeds = counted(len(rows[0][1]["seeds"]), "fresh seed")
        lines += ["", f"Trained again on {seeds} each, mean fitness of the best checkpoint on fresh episodes:"]
        lines += [f"    {label:<30}{_measured(entry)}" for label, entry in rows]
    steps, seconds = event.summary.get("env_steps") or {}, (event.summary.get("seconds") or {}).get("total")
    if steps and seconds is not None:
        ended = (event.summary.get("candidates") or {}).get("pruned")
        pruned = f" ({counted(ended, 'reward')} pruned before the end)" if ended else ""
        trained = f"{steps['training']:,} environment steps of training{pruned}"
        lines += ["", f"{trained}, {steps['evaluation']:,} of evaluation, {duration(seconds)} in all"]
    lines += _bill(event.summary)
    if event.status == "ended" and event.message:
        lines.append(one_line(event.message, 800))
    return [*lines, f"Everything is in {one_line(str(event.run_dir), 1000)}"]


def _bill(summary: dict[str, Any]) -> list[str]:
    """What the models took, where any was asked; how they compare where there were several."""
    models, tokens = summary.get("models") or [], summary.get("tokens") or {}
    if not models:
        return []
    cost = _cost(summary)
    count = sum(row["answers"] for row in models)
    answers = "1 answer" if count == 1 else f"{count:,} answers"
    lines = [f"{answers} of a model, {tokens['input']:,} tokens read and {tokens['output']:,} written, {cost}"]
    if lost := summary.get("unanswered"):
        most = summary.get("unanswered_at_most_usd")
        lines.append(f"{lost:,} more asked for that never came and may be billed{f', at most {dollars(most)}' if most is not None else ''}")
    if len(models) > 1:
        lines += ["", f"    {'model':<40}{'answers':>8}{'accepted':>10}{'trained':>9}{'best':>10}  cost"]
        for row in models:
            name = one_line(" ".join(filter(None, (row["provider"], row["model"]))), 39)
            counts = f"{row['answers']:>8}{row['accepted']:>10}{row['trained']:>9}{number(row['best']):>10}"
            lines.append(f"    {name:<40}{counts}  {_cost(row)}")
        lines.append("")
    return lines


def _cost(bill: dict[str, Any]) -> str:
    unknown = bill["unpriced_answers"]
    return dollars(bill["cost_usd"]) + (f" and {unknown} answers of unknown price" if unknown else "")


def _code(event: RunEnd) -> list[str]:
    try:
        return without_header((event.run_dir / "best_reward.py").read_text(encoding="utf-8")).splitlines()
    except OSError:
        return []


def number(value: float | None) -> str:
    return "none" if value is None else f"{value + 0.0:.4g}"


def duration(seconds: float) -> str:
    """In the two largest units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _measured(entry: dict[str, Any]) -> str:
    spread = f" ± {number(entry['std'])}" if entry.get("std") is not None else ""
    return f"{number(entry.get('mean'))}{spread}"
