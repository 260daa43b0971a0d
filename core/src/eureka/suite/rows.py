"""What one task of a suite came to: a row of `suite.json`, folded from its run's journal alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eureka.builtin.outside_text import one_line
from eureka.config import Config
from eureka.errors import EurekaError
from eureka.report.reading import Reported, read
from eureka.types import Fitness

Row = dict[str, Any]

CLIP = (0.0, 3.0)
"""What the paper clips a task's human-normalised score to (Ma et al. 2024), so that no task outweighs all others in the mean."""
IMPROVEMENT_CLIP = (CLIP[0] - 1, CLIP[1] - 1)
"""The same of the improvement: where the human reward does better than the fitness itself as reward, its score is 1."""
_NONE: dict[str, Any] = {"mean": None, "std": None, "iqm": None, "interval": None, "seeds": [], "failed": 0}
_ENDED = ("ended", "failed")


def row(name: str, config: Config, folder: Path) -> Row:
    """The row of a task whose run is in `folder`/`name`, or will be.

    `status`: done (the found reward was compared), failed (it came to its end without), stopped (by a fault, resumable), interrupted, or
    waiting (not begun). `found`, `human`, `sparse`: as in a run's `summary.json`, null where nothing was measured; `against_human` and
    what follows from it count more as better whichever way the fitness counts. What cannot be said is null, and a `why` says why.
    """
    blank: Row = {
        "task": name,
        "run": name,
        "status": "waiting",
        "error": None,
        "note": "",
        "fitness": _fitness(config.task.fitness),
        "best": None,
        **dict.fromkeys(("found", "human", "sparse"), _NONE),
        "against_human": dict.fromkeys(("difference", "interval", "probability_of_improvement", "probability_interval")),
        **{key: {"score": None, "why": "its run has not been compared"} for key in ("human_normalised", "correlation")},
        "clipped_score": None,
        "normalised_improvement": None,
        **dict.fromkeys(("env_steps", "seconds", "tokens", "cost_usd", "unpriced_answers")),
    }
    blank["human_normalised"]["interval"] = None
    if not (folder / name).exists():
        return blank
    if not (folder / name / "journal.jsonl").exists():  # its host died at once
        return blank | {"status": "interrupted"}
    try:
        return blank | _read(read(folder / name))
    except EurekaError as error:
        return blank | {"status": "failed", "error": str(error)}


def has_ended(one: Row) -> bool:
    """Whether nothing more is to be done for it."""
    return one["status"] in ("done", "failed")


def _read(run: Reported) -> Row:
    summary, final = run.summary, run.summary["final"]
    told: Row = {
        "status": "stopped" if run.status == "stopped" else "interrupted",  # which one that was killed is, too
        "error": run.message or None if run.status == "stopped" else None,
        "note": run.message if run.status == "ended" else "",
        "best": summary["best"]["id"],
        **{key: summary[key] for key in ("env_steps", "tokens", "cost_usd", "unpriced_answers")},
        "seconds": summary["seconds"]["total"],
    }
    if final is not None:
        told |= {"best": final["id"], "found": final["best"], "human": final["human"], "sparse": final["fitness"]}
        told |= {"against_human": final["against"]["human"], "clipped_score": clipped_score(final)}
        told |= {"normalised_improvement": improvement(final)}
        told |= {key: final[key] for key in ("human_normalised", "correlation")}
    if run.status in _ENDED:
        why = _why_nothing(run)
        told |= {"status": "failed", "error": why} if why else {"status": "done"}
    return told


def clipped_score(final: dict[str, Any]) -> float | None:
    """The human-normalised score, clipped; None where it is n/a. final: as in a run's `summary.json`."""
    score = final["human_normalised"]["score"]
    return None if score is None else _clipped(score, CLIP)


def improvement(final: dict[str, Any]) -> float | None:
    """By how much the found reward is above the human one, in units of |human − sparse|; clipped. None where the score is n/a.

    That is the score less the human reward's own, which is 1, or −1 where the fitness itself as reward does better than the human reward.
    """
    if final["human_normalised"]["score"] is None:
        return None
    apart = abs(final["human"]["mean"] - final["fitness"]["mean"])
    return _clipped(final["against"]["human"]["difference"] / apart, IMPROVEMENT_CLIP)


def _clipped(value: float, bounds: tuple[float, float]) -> float:
    low, high = bounds
    return float(min(max(value, low), high))


def _why_nothing(run: Reported) -> str:
    """Why a run that came to its end compared no found reward; empty where it did."""
    if run.status == "failed":
        return run.message
    final = run.summary["final"]
    if final is None:
        return run.message or "its final evaluation was left out"
    if final["best"]["mean"] is None:
        return f"every final training of the found reward {final['id']} failed"
    return ""


def _fitness(fitness: Fitness) -> dict[str, Any]:
    file, colon, function = fitness.value.rpartition(":")
    name = function if colon and file else fitness.value
    return {"name": one_line(name), "unit": fitness.unit or "", **fitness.model_dump(include={"fold", "goal", "solved"})}
