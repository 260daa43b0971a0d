"""`summary.json`: what a run came to, as a fold over its journal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from eureka.choice import Program, best
from eureka.comparison import compare
from eureka.fewer_envs import in_words
from eureka.files import write_atomically
from eureka.reward_file import with_header
from eureka.spending import spent, unanswered, waited
from eureka.state import State
from eureka.task_files import with_copies
from eureka.types import Candidate


def summarize(state: State) -> dict[str, Any]:
    """The content of `summary.json` (DESIGN, section 9). A fitness is null where there is none."""
    program = best(state)
    lost = list(unanswered(state))
    outcomes, evaluation = state.outcomes.values(), state.evaluation
    return {
        "task": state.task.name,
        "best": _best(program),
        "iterations": _iterations(state),
        "candidates": {
            "accepted": sum(v.accepted for v in state.verdicts.values()),
            "rejected": sum(not v.accepted for v in state.verdicts.values()),
            "failed": sum(o.status != "ok" for o in outcomes),
            "repaired": sum(v.accepted and v.attempt > 0 for v in state.verdicts.values()),
            "pruned": sum(o.pruned_at is not None for o in outcomes),
            "identical": sum(o.shared_with is not None for o in outcomes),
            "fewer_envs": sum(any(bool(in_words(state.results[d])) for d in o.dirs if d in state.results) for o in outcomes),
        },
        "final": compare(state.task, evaluation, state.correlations.get(evaluation.best)) if evaluation is not None else None,
        "env_steps": {
            "training": sum(r.steps for r in state.results.values()),
            "evaluation": sum(r.evaluation_steps for r in state.results.values()) + sum(f.steps for f in state.fresh.values()),
        },
        "seconds": {
            "total": round(union(map(tuple, state.open_intervals)), 3),
            "people": round(waited(state), 3),
            "llm": round(union((c.started, c.ended) for c in state.completions.values()), 3),
            "training": round(union(i for r in state.results.values() for i in r.training_intervals), 3),
            "evaluation": round(
                union([*(i for r in state.results.values() for i in r.evaluation_intervals), *(f.interval for f in state.fresh.values())]),
                3,
            ),
        },
        "tokens": {
            "input": sum(c.input_tokens for c in state.completions.values()),
            "cached_input": sum(c.cached_input_tokens for c in state.completions.values()),
            "output": sum(c.output_tokens for c in state.completions.values()),
            "unanswered_at_most": sum(asked.max_tokens for asked in lost),
        },
        "isolation": sorted(
            {*(r.isolation for r in state.results.values()), *(v.isolation for v in state.verdicts.values())} - {"", "trusted"}
        ),
        "llm_calls": int(spent(state)["llm_calls"]),
        "cost_usd": sum(c.cost_usd or 0.0 for c in state.completions.values()),
        "unpriced_answers": sum(c.cost_usd is None for c in state.completions.values()),
        "unanswered": len(lost),
        "unanswered_at_most_usd": None if None in (worst := [asked.max_cost_usd for asked in lost]) else sum(filter(None, worst)),
        "faults": len(state.faults),
        "models": _models(state),
        "people": {"notes": sum(bool(note.text.strip()) for note in state.notes.values()), "preferences": len(state.preferences)},
    }


def write_summary(state: State) -> dict[str, Any]:
    """Write `summary.json` and `best_reward.py` into the run's directory."""
    summary = summarize(state)
    write_atomically(state.run_dir / "summary.json", json.dumps(summary, indent=2) + "\n")
    program = best(state)
    if program is not None:
        seed = f", seed {state.header.seed}" if state.header is not None else ""
        task = with_copies(state.task, state.run_dir, seen_from=state.run_dir)
        title = f"Reward {program.candidate.id}, found by Eureka for the task {state.task.name}: fitness {program.fitness:.4g}{seed}."
        write_atomically(state.run_dir / "best_reward.py", with_header(program.candidate.code, task, title))
    return summary


def _best(program: Program | None) -> dict[str, Any]:
    """`fitness` is the mean of what its trainings came to: those of the search and those of the retest."""
    if program is None:
        return {"id": None, "fitness": None, "in_search": [], "in_retest": []}
    each = {phase: [o.fitness for o in program.compared if o.phase == phase] for phase in ("search", "retest")}
    return {"id": program.candidate.id, "fitness": program.fitness, "in_search": each["search"], "in_retest": each["retest"]}


def _iterations(state: State) -> list[dict[str, Any]]:
    score = state.task.fitness.score
    rows: list[dict[str, Any]] = []
    so_far: dict[int, float | None] = {}
    for restart, index in sorted({(c.restart, c.iteration) for c in state.candidates.values()}):
        candidates = state.iteration(restart, index)
        trained = [c for c in candidates if c.id in state.outcomes and state.outcomes[c.id].status == "ok"]
        top = max((state.outcomes[c.id].fitness for c in trained), key=score, default=None)
        so_far[restart] = max((so_far.get(restart), top), key=score)
        rows.append(
            {
                "restart": restart,
                "index": index,
                "best": top,
                "best_so_far": so_far[restart],
                "execute_rate": len(trained) / len(candidates),
                # Extraction's own mending is no second try.
                "execute_rate_first_try": sum(c.attempt == 0 for c in trained) / len(candidates),
                "candidates": len(candidates),
                "decided": sum(_decided(state, c) for c in candidates),
            }
        )
    return rows


def _decided(state: State, candidate: Candidate) -> bool:
    """Whether nothing more becomes of it in the search: it was rejected, or has an outcome."""
    verdict = state.verdicts.get(candidate.id)
    return candidate.id in state.outcomes or (verdict is not None and not verdict.accepted)


def _models(state: State) -> list[dict[str, Any]]:
    """What each model that was asked came to. A candidate is its whose answer its latest attempt is."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for key in state.questions:
        answer = state.completions.get(key)
        if answer is None:
            continue
        row = rows.setdefault(
            (answer.provider, answer.model),
            {"provider": answer.provider, "model": answer.model, "answers": 0, "accepted": 0, "trained": 0, "best": None}
            | {"tokens": {"input": 0, "cached_input": 0, "output": 0}, "cost_usd": 0.0, "unpriced_answers": 0},
        )
        row["answers"] += 1
        row["cost_usd"] += answer.cost_usd or 0.0
        row["unpriced_answers"] += answer.cost_usd is None
        for name in row["tokens"]:
            row["tokens"][name] += getattr(answer, f"{name}_tokens")
    for candidate in state.candidates.values():
        entry = state.entry(candidate)
        written = entry.completion
        found = rows.get((written.provider, written.model)) if written is not None else None
        if found is not None:
            found["accepted"] += entry.verdict is not None and entry.verdict.accepted
            found["trained"] += entry.trained
            found["best"] = max(found["best"], entry.outcome.fitness if entry.outcome else None, key=state.task.fitness.score)
    return [rows[key] for key in sorted(rows)]


def union(intervals: Iterable[tuple[float, ...]]) -> float:
    """Total length of the union of intervals."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
