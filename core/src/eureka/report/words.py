"""What a report says in sentences: how the run stands, and how the found reward compares. Every figure is one of `summary.json`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

from eureka.builtin.outside_text import one_line
from eureka.builtin.progress_lines import number
from eureka.builtin.result_lines import compared as told
from eureka.builtin.result_lines import reached
from eureka.report.reading import Reported
from eureka.spending import counted
from eureka.task_types import Fitness

Tone = Literal["good", "bad", "unsure"]


@dataclass(frozen=True, slots=True)
class Said:
    """A headline and the sentences under it. tone: good, bad, or unsure where nothing can be said (yet)."""

    tone: Tone
    headline: str
    lines: tuple[str, ...] = ()


def clock(seconds: float) -> str:
    """A moment as one reads it anywhere: in UTC."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


def unit_of(fitness: Fitness) -> str:
    """` (m/s)`, to follow a fitness or its name; empty where the task names no unit."""
    return f" ({one_line(fitness.unit)})" if fitness.unit else ""


def standing(run: Reported) -> str:
    """Whether the run is going on, ended, or was left, and what its last session said."""
    told = f" {one_line(run.message, 800)}" if run.message else ""
    match run.status:
        case "going on":
            return f"This run is going on: this is how it stood at {clock(run.as_of)}. Write the report again to see more."
        case "killed":
            return "This run was left without a word: its process was killed, or runs on another machine. What it had journalled is here."
        case "interrupted":
            return f"This run was interrupted and can be resumed.{told}"
        case "stopped":
            return f"This run stopped before its end and can be resumed.{told}"
        case "failed":
            return f"This run failed.{told}"
        case "ended":
            return f"This run came to its end.{told}"


def compared(run: Reported) -> Said:
    """Whether the found reward beats the human one, by how much and how surely; or why that cannot be said."""
    final = run.summary["final"]
    if run.best is None:
        return _nothing(run)
    if final is None:
        return Said("unsure", f"The best reward so far is {run.best.id}, {best_fitness(run)}.", _why(run))
    found, human = final["best"], final["human"]
    failed = tuple(
        _failed(name, final[key]) for key, name in (("best", "found"), ("human", "human"), ("fitness", "sparse")) if final[key]["failed"]
    )
    if found["mean"] is None:
        return Said("bad", f"Reward {final['id']} did well in the search, but none of its final trainings came to a fitness.", failed)
    if human["mean"] is None:
        return Said("unsure", "There is no human reward to compare with: none of its final trainings came to a fitness.", failed)
    return _against_human(run, final, failed)


def best_fitness(run: Reported) -> str:
    """The best reward's fitness, with its unit, and of which trainings it is the mean."""
    return f"fitness {reached(run.summary['best'], unit_of(run.state.task.fitness))}"


def notes(run: Reported) -> list[str]:
    """What to know of the figures of the final evaluation: why one of them is missing, and what they are."""
    final = run.summary["final"]
    if final is None:
        return []
    said = []
    normalised, correlation = final["human_normalised"], final["correlation"]
    if normalised["score"] is None:
        said.append(f"Human-normalised score: n/a, {one_line(normalised['why'], 400)}.")
    if correlation["score"] is None:
        said.append(f"Correlation with the human reward: n/a, {one_line(correlation['why'], 400)}.")
    elif correlation["why"]:
        said.append(f"Correlation with the human reward: {one_line(correlation['why'], 400)}.")
    if (started := final["best_started"]) is not None:
        said += [f"From the policy it began with in the search, the found reward is {line}." for line in told(started["against"]["human"])]
    if run.best is not None and run.best.id != final["id"]:
        said.append(f"It was made when {final['id']} was the best; the search has found {run.best.id} since.")
    trained = [final["best"], final["human"], final["fitness"], *final["others"]]
    if fewer := sum(row.get("fewer_envs", 0) for row in trained):
        trainings = counted(sum(len(row["seeds"]) for row in trained), "final training")
        said.append(f"{fewer} of {trainings} had fewer environments than asked for, out of memory with all; fitness may differ for that.")
    if run.state.task.human_is_fitness:
        said.append("Here the human reward is the fitness itself: both rows are the same trainings.")
    return said


def _against_human(run: Reported, final: dict[str, Any], failed: tuple[str, ...]) -> Said:
    found, human = final["best"], final["human"]
    against, fitness = final["against"]["human"], run.state.task.fitness
    ours, theirs = (sum(value is not None for value in row["seeds"]) for row in (found, human))
    trainings = f"{counted(ours, 'training')} each" if ours == theirs else f"{ours} and {counted(theirs, 'training')}"
    figures = f"{number(found['iqm'])} against {number(human['iqm'])}"
    interval = against["interval"]
    lines = [f"Fitness on fresh episodes{unit_of(fitness)}, interquartile mean over {trainings}: {figures}."]
    if interval is not None:
        low, high = (number(bound) for bound in interval)
        better = ", more being better" if fitness.goal == "minimize" else ""
        lines.append(f"Difference of the means: {number(against['difference'])}{unit_of(fitness)}, 95 % interval {low} to {high}{better}.")
    if interval is None:
        above = against["difference"]
        verb = "is" if ours == theirs == 1 else "are"
        where = "level with" if above == 0 else "ahead of" if above > 0 else "behind"
        headline, tone = f"The found reward is {where} the human one; {trainings} {verb} too few to be sure.", "unsure"
        lines.append("How sure it is takes 4 trainings of each at least; 5 are usual (final.seeds).")
    elif interval[0] > 0:
        headline, tone = "The found reward beats the human one.", "good"
    elif interval[1] < 0:
        headline, tone = "The found reward loses to the human one.", "bad"
    else:
        headline, tone = "The found reward and the human one cannot be told apart.", "unsure"
    return Said(tone, headline, (*lines, *failed))  # type: ignore[arg-type]


def _nothing(run: Reported) -> Said:
    candidates = run.summary["candidates"]
    if not run.state.candidates:
        return Said("unsure", "No reward has been written yet.")
    parts = [f"{candidates['rejected']} rejected", f"{candidates['failed']} failed in training"]
    waiting = sum(
        c not in run.state.outcomes and (c not in run.state.verdicts or run.state.verdicts[c].accepted) for c in run.state.candidates
    )
    headline = "No usable reward was found." if run.status in ("ended", "failed") else "No reward has trained yet."
    return Said("bad" if run.status in ("ended", "failed") else "unsure", headline, (f"{', '.join(parts)}, {waiting} not trained.",))


def _why(run: Reported) -> tuple[str, ...]:
    if not run.config.final.seeds:
        return ("It was not compared with the human reward: the final evaluation is switched off (final.seeds: 0).",)
    if run.status == "going on":
        return ("It will be compared with the human reward when the search is over.",)
    return ("It has not been compared with the human reward: the run has not come to its final evaluation.",)


def _failed(name: str, row: dict[str, Any]) -> str:
    return f"{row['failed']} of {counted(len(row['seeds']), 'final training')} of the {name} reward failed."
