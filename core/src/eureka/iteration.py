"""One iteration of the search: generate, train. Each step does only what the journal does not hold yet."""

from __future__ import annotations

from collections.abc import Sequence

from eureka.fewer_envs import in_words
from eureka.generate_stage import generate
from eureka.hookspecs import Rung
from eureka.lessons import segment_ends
from eureka.reflect_stage import reflect
from eureka.run import Run
from eureka.seeds import derive_seed
from eureka.train_stage import covered, train
from eureka.training_plan import Training, candidate_training
from eureka.types import Outcome, Pruning, TrainResult, TrialError
from eureka.warm_start import begun_with

_NEVER_THERE = (
    "an update went over all steps that were left for the last lesson ({:,} by then), so nothing was trained in the task itself; "
    "leave it more steps, or let the trainer collect fewer between two updates"
)


def run_iteration(run: Run, restart: int, iteration: int) -> str:
    """Bring an iteration to its end: every candidate has a rejecting verdict or an outcome.

    Says which cap, if any, left samples without a candidate, or candidates without a training.
    """
    run.collect_inbox()
    if iteration:
        reflect(run, restart, iteration - 1)
    cap = generate(run, restart, iteration)
    candidates = run.state.iteration(restart, iteration)
    accepted = [c for c in candidates if run.state.verdicts[c.id].accepted]
    if all(c.id in run.state.outcomes for c in accepted):
        return cap
    twins = {c.id: next(first for first in accepted if (first.sha256, first.policy) == (c.sha256, c.policy)) for c in accepted}
    seed = derive_seed("training", run.config.seed, restart, iteration)
    trainings = [
        begun_with(candidate_training(c, seed, f"candidates/{c.id}/training"), c.policy, run.dir) for c in accepted if twins[c.id] is c
    ]
    keeps_all = getattr(run.hooks.get_plugin("pruner"), "keeps_all", False)
    keep = None if keeps_all else lambda segment, ids: _prune(run, restart, iteration, segment, ids)
    if begun := covered(run, trainings, whole=keeps_all)[0]:
        run.stage("train", restart, iteration, [t.id for t in begun])

    def done(training: Training) -> None:
        for candidate in accepted:
            if twins[candidate.id].id == training.id and candidate.id not in run.state.outcomes:
                shared = None if candidate.id == training.id else training.id
                run.record(outcome_of(run, candidate.id, training, shared_with=shared))

    short = train(run, trainings, done, keep)
    return "; ".join(dict.fromkeys(filter(None, (cap, short))))


def _prune(run: Run, restart: int, iteration: int, segment: int, going: list[str]) -> Sequence[str]:
    """Who trains on after a segment; journalled, so that a resumed run does not ask again.

    Of answers that a cap put off until then it does: they are compared with all that came that far, and what was decided stays.
    """
    known = run.state.prunings.get((restart, iteration, segment))
    if known is None or not {*going} <= {*known.of}:
        folders = {id_: [f"candidates/{id_}/training/{k}" for k in range(segment + 1)] for id_ in going}
        rung = Rung(
            task=run.config.task,
            segment=segment,
            segments=len(segment_ends(run.config)),
            results={id_: tuple(run.state.results[folder] for folder in folders[id_]) for id_ in going},
        )
        best = run.expect(run.hooks.hook.eureka_prune(rung=rung), "eureka_prune", "the ids that train on")
        before, decided = (known.kept, known.of) if known else ((), ())
        kept = tuple(id_ for id_ in going if id_ in (before if id_ in decided else best))
        known = Pruning(restart=restart, iteration=iteration, segment=segment, of=tuple(going), kept=kept)
        run.record(known)
    return known.kept


def outcome_of(run: Run, candidate: str, training: Training, shared_with: str | None = None, phase: str = "search") -> Outcome:
    """What a training came to over all the segments it had: its best checkpoint counts. One that a pruner ended says where.

    Of a curriculum only the last lesson's checkpoints count, which is the task itself.
    """
    results: list[TrainResult] = []
    ends = segment_ends(run.config)
    for segment in range(len(ends)):
        found = run.state.results.get(f"{training.dir}/{segment}")
        if found is not None:
            results.append(found)
    failed = next((r for r in results if r.status != "ok"), None)
    points = [point for result in results if not result.lesson for point in result.checkpoints]
    best = max(points, key=lambda p: run.config.task.fitness.score(p.fitness), default=None)
    usable = failed is None and best is not None
    error = failed.error if failed else None
    if failed is None and best is None and len(results) == len(ends) > 1:
        error = TrialError(code="lesson", message=_NEVER_THERE.format(results[-1].reached))
    return Outcome(
        candidate=candidate,
        status=failed.status if failed else "ok" if usable else "failed",
        fitness=best.fitness if usable and best else None,
        mean_fitness=sum(p.fitness for p in points) / len(points) if usable else None,
        steps=best.steps if usable and best else None,
        dirs=tuple(result.dir for result in results if not result.lesson),
        lesson_dirs=tuple(result.dir for result in results if result.lesson),
        shared_with=shared_with,
        error=error,
        remark="; ".join(dict.fromkeys(filter(None, (text for result in results for text in (in_words(result), result.remark))))),
        pruned_at=ends[len(results) - 1] if usable and len(results) < len(ends) else None,
        phase=phase,
    )
