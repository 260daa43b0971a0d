"""What the display says at the end of a run: the best reward's code, how it compares, what was spent, and where everything is."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from eureka.builtin.outside_text import one_line, plain
from eureka.builtin.progress_lines import duration, number
from eureka.estimate import dollars
from eureka.events import RunEnd
from eureka.reward_file import without_header
from eureka.spending import counted

_REWARDS = {"best": "this reward", "human": "the human's reward", "fitness": "the fitness itself as reward"}
_STARTS = {"best_started": "this reward, from its start", "start": "the start itself, untrained"}
TOO_FEW = "too few trainings to be sure (5 are usual: final.seeds)"
_FIGURES = {"human_normalised": "human-normalised score", "correlation": "correlation with the human's"}


def result_lines(event: RunEnd, with_rewards: bool = True) -> list[str]:
    """What came of it: the best reward's code, how it fared, and where everything is. Why a run was left is told elsewhere.

    with_rewards: False leaves out all that is said of rewards.
    """
    if event.status == "failed" and not event.summary.get("iterations"):
        return []  # the user's mistake, found before anything was done: why is told elsewhere, and there is nothing to look at
    lines = []
    best = event.summary.get("best") or {}
    if with_rewards and best.get("id"):
        lines += ["", f"Best reward: {best['id']}, fitness {reached(best)}", ""]
        lines += [f"    {plain(line)}" if line else "" for line in _code(event)]
    lines += _final(event.summary.get("final") or {}) if with_rewards else []
    steps, seconds = event.summary.get("env_steps") or {}, (event.summary.get("seconds") or {}).get("total")
    if steps and seconds is not None:
        ended = (event.summary.get("candidates") or {}).get("pruned")
        pruned = f" ({counted(ended, 'reward')} pruned before the end)" if ended else ""
        trained = f"{steps['training']:,} environment steps of training{pruned}"
        lines += ["", f"{trained}, {steps['evaluation']:,} of evaluation, {duration(seconds)} in all"]
    lines += _bill(event.summary)
    lines += _people(event.summary.get("people") or {})
    if event.status == "ended" and event.message:
        lines.append(one_line(event.message, 800))
    page = ": open report.html in a browser" if _has_page(event) else ""
    return [*lines, f"Everything is in {one_line(str(event.run_dir), 1000)}{page}"]


def _final(final: dict[str, Any]) -> list[str]:
    """The final evaluation: a row for each reward, how the best compares with the human one, and what cannot be said and why."""
    rows = [(label, final[reward]) for reward, label in _REWARDS.items() if _has_trained(final.get(reward) or {})]
    if not rows:
        return []
    rows[1:1] = [(label, final[key]) for key, label in _STARTS.items() if _has_trained(final.get(key) or {})]
    rows += [(f"{entry['id']}, another reward", entry) for entry in final["others"] if _has_trained(entry)]
    seeds = counted(len(rows[0][1]["seeds"]), "fresh seed")
    lines = ["", f"Trained again on {seeds} each, fitness of the best checkpoint on fresh episodes:"]
    between = " [95 % interval]" if any(entry.get("interval") for _, entry in rows) else ""
    lines += [f"    {'':<30}{'mean':<20}interquartile mean{between}"]
    told = ((label, measured(entry)) for label, entry in rows)
    lines += [f"    {label:<30}{mean:<20}{middle}".rstrip() for label, (mean, middle) in told]
    lines += ["", *(f"    {line}" for line in compared(final["against"]["human"]))]
    if (started := final.get("best_started")) is not None:
        lines += [f"    from its start: {line}" for line in compared(started["against"]["human"])]
    missing = {label: one_line(final[key]["why"], 300) for key, label in _FIGURES.items() if final[key]["score"] is None}
    known = {label: final[key] for key, label in _FIGURES.items() if label not in missing}
    lines += [f"    {label} {with_interval(entry['score'], entry.get('interval'))}" for label, entry in known.items()]
    for why in dict.fromkeys(missing.values()):
        lines.append(f"    {' and '.join(label for label, told in missing.items() if told == why)}: n/a, {why}")
    return lines


def _has_trained(entry: dict[str, Any]) -> bool:
    """Whether there is anything to say of a reward, be it that all of its trainings failed."""
    return entry.get("mean") is not None or bool(entry.get("failed"))


def reached(best: dict[str, Any], unit: str = "") -> str:
    """The best reward's fitness, and of what it is the mean where that is not one training of the search.

    best: as in `summary.json`. unit: what follows the fitness.
    """
    told, first, again = f"{number(best.get('fitness'))}{unit}", best.get("in_search") or [], best.get("in_retest") or []
    if len(first) + len(again) < 2:
        return f"{told} when trained again on a fresh seed, pruned in the search" if again else f"{told} in the search"
    searched = f"{number(fmean(first))} in the search" + (f" ({len(first)} trainings)" if len(first) > 1 else "") if first else ""
    retested = f"{number(fmean(again))} trained again on a fresh seed" if again else ""
    return f"{told}, the mean of its trainings: {', '.join(filter(None, (searched, retested)))}"


def compared(against: dict[str, Any]) -> list[str]:
    """By how much a reward is better than the human one, in a line, where both came to a fitness. against: as in `summary.json`.

    Words such as "better" are for what an interval says; where there is none, or it holds 0, the reward is ahead or behind.
    """
    above, interval = against["difference"], against["interval"]
    if above is None:
        return []
    by = with_interval(above, interval) if above >= 0 else with_interval(-above, interval and [-interval[1], -interval[0]])
    ahead = f"{'ahead of' if above > 0 else 'behind'} the human's by {by}" if above else f"level with the human's, difference {by}"
    if interval is None:
        return [f"{ahead}; {TOO_FEW}"]
    likely = with_interval(against["probability_of_improvement"], against["probability_interval"])
    if interval[0] <= 0 <= interval[1]:
        return [f"{ahead}, which may be chance; probability of improvement {likely}"]
    return [f"{'better' if above > 0 else 'worse'} than the human's by {by}; probability of improvement {likely}"]


def measured(entry: dict[str, Any]) -> tuple[str, str]:
    """Mean and deviation, then the interquartile mean with its interval, and how many trainings failed or had fewer environments; `n/a`
    where all failed."""
    counts = {"failed": entry["failed"], "with fewer environments": entry.get("fewer_envs", 0)}
    lost = f" ({', '.join(f'{count} {what}' for what, count in counts.items() if count)})" if any(counts.values()) else ""
    if entry["mean"] is None:
        return f"n/a{lost}", ""
    spread = f" ± {number(entry['std'])}" if entry["std"] is not None else ""
    return f"{number(entry['mean'])}{spread}", f"{with_interval(entry['iqm'], entry['interval'])}{lost}"


def with_interval(value: float, interval: Sequence[float] | None) -> str:
    """`0.8 [0.7, 0.9]`, or the figure alone."""
    return number(value) + (f" [{number(interval[0])}, {number(interval[1])}]" if interval else "")


def _has_page(event: RunEnd) -> bool:
    """Whether the report was written as the run was left just now, and not only when it was left before."""
    try:
        return (event.run_dir / "report.html").stat().st_mtime_ns >= (event.run_dir / "summary.json").stat().st_mtime_ns
    except OSError:
        return False


def _people(said: dict[str, int]) -> list[str]:
    """What people told the run, where anybody did."""
    told = [counted(number, kind.removesuffix("s")) for kind, number in said.items() if number]
    return [f"{' and '.join(told)} from people"] if told else []


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
