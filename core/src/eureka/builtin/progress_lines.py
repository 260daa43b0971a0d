"""What the display says, a line at a time: for logs and pipes, and above the live view."""

from __future__ import annotations

from eureka.builtin.outside_text import one_line
from eureka.builtin.progress_state import RunState
from eureka.events import RunStart, StageStart
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
    steps = f"{run.steps_per_candidate:,} environment steps each"
    search = f"Search: {restarts}{counted(run.iterations, 'iteration')} of {counted(run.samples, 'reward')}, {steps}"
    return [
        f"Eureka: {one_line(run.task)}{' (resumed)' if run.resumed else ''}",
        f"Task: {one_line(run.description, 400)}",
        *["Fitness: the environment's own return; it does not know your sentence"] * run.own_return,
        f"Rewards: {one_line(run.designed_by)}",
        *[f"Trainings begin with: {one_line(run.begins_with, 400)}"] * bool(run.begins_with),
        *[f"Isolation: {run.confinement}"] * bool(run.confinement),
        *(f"Warning: {one_line(warning, 400)}" for warning in run.warnings),
        f"Training: {steps}, then again on fresh seeds" if run.names else search,
        *(estimate_lines(run) if run.resumed else []),
    ]


def estimate_lines(run: RunStart) -> list[str]:
    """What it may cost. A new run tells it once its environment has been looked at: one that does not work comes to nothing."""
    return [one_line(line, 400) for line in run.estimate]


def context_lines(context: EnvContext) -> list[str]:
    """What was derived from the environment, what was left out of that and why, and what else to know before spending."""
    lines = []
    if context.isolation:
        held = [] if context.isolation == "none" else context.isolation.split("+")
        lacking = [layer for layer in ("seccomp", "landlock", "limits") if layer not in held]
        missing = f" (not by {', '.join(lacking)})" if lacking else ""
        run = "Rewards are tried" if context.reward_device else "Rewards run"
        lines.append(f"{run} in processes of their own, " + (f"confined by {', '.join(held)}{missing}" if held else "not confined"))
    if context.reward_device:
        where = "in the worker that trains, which can reach more; another worker, without rewards, measures fitness"
        lines.append(f"In training they run on {context.reward_device}, {where}")
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
    where = "" if state.run.names else f"{place(state, event.restart, event.iteration)}: "
    number = len(event.trials)
    match event.stage:
        case "context":
            return "looking at the environment"
        case "generate":
            return f"{where}{'reading' if state.run.names else 'writing'} {counted(state.run.samples, 'reward')}"
        case "repair":
            return f"{where}asking again for {counted(number, 'rejected reward')}"
        case "train":
            return f"{where}training {counted(number, 'reward') if number else 'the accepted rewards'}"
        case "feedback":
            if not event.waits:
                return f"{where}asking people"
            open_ = f"{counted(event.questions, 'question')} open" if event.questions else ""
            told = ", ".join(filter(None, (open_, one_line(event.where, 400))))
            return f"{where}waiting for people" + (f": {told}" if told else "")
        case "reflect":
            return f"{where}looking back"
        case "retest":
            return f"training the best {number or ''} again on a fresh seed".replace("  ", " ")
        case "final":
            return f"final evaluation: {number or 'all'} trainings on fresh seeds"
        case "clip":
            return "filming the best policy"


def verdict_line(state: RunState, verdict: Verdict) -> str:
    name = one_line(state.name(verdict.candidate))
    if verdict.accepted:
        remark = f"; {one_line(verdict.message)}" if verdict.message else ""
        return f"{name} accepted" + (f" at attempt {verdict.attempt + 1}" if verdict.attempt else "") + remark
    line = f", line {verdict.line}" if verdict.line is not None else ""
    again = f", attempt {verdict.attempt + 1}" if verdict.attempt else ""
    return f"{name} rejected ({verdict.stage}{line}{again}): {one_line(verdict.message)}"


def outcome_line(state: RunState, outcome: Outcome) -> str:
    name, again = one_line(state.name(outcome.candidate)), " on a fresh seed" if outcome.phase == "retest" else ""
    if outcome.status != "ok":
        verb = "given up, the machine's fault" if outcome.status == "resource" else "failed"
        code, line = (outcome.error.code, outcome.error.line) if outcome.error else ("", None)
        details = ", ".join([*[words for known, words in _FAILURES.items() if known == code], *[f"line {line}"] * (line is not None)])
        why = f": {one_line(outcome.error.message)}" if outcome.error else ""
        return f"{name} {verb}{again}{f' ({details})' if details else ''}{why}"
    shared = f", the same program as {one_line(state.name(outcome.shared_with))}" if outcome.shared_with else ""
    steps = f" at step {outcome.steps:,}" if outcome.steps is not None else ""
    verb = "trained" if outcome.pruned_at is None else f"pruned {state.percent(outcome.pruned_at)} of its training"
    remark = f"; {one_line(outcome.remark)}" if outcome.remark else ""
    return f"{name} {verb}{again}: fitness {number(outcome.fitness)}{steps}{shared}{remark}"


def iteration_line(state: RunState, iteration: tuple[int, int]) -> str | None:
    """What an iteration came to; None where nothing of it has been trained or refused."""
    rows = state.of_iteration(iteration)
    counts = {stage: sum(row.stage == stage for row in rows) for stage in ("trained", "pruned", "rejected", "failed")}
    if not any(counts.values()):
        return None
    words = ", ".join(f"{count} {stage}" for stage, count in counts.items() if count)
    best = state.best_of(rows)
    fitness = f"; best {one_line(state.name(best.id))} with fitness {number(best.fitness)}" if best else ""
    if state.run.names:
        return f"{words}{fitness}"
    so_far = f"; best so far {state.best[0]} with {number(state.best[1])}" if state.best else ""
    return f"{place(state, *iteration)}: {words}{fitness}{so_far}"


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
