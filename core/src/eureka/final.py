"""After the search: the best few once more on a fresh seed, then best, human and sparse reward side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from eureka import baselines
from eureka.choice import leaders, ranked
from eureka.config import Config
from eureka.correlation import correlate
from eureka.env import LONGEST_EPISODE
from eureka.final_types import Evaluation, FinalTraining, FreshEvaluation
from eureka.iteration import outcome_of
from eureka.job_types import EvaluateJob, JobResult
from eureka.lessons import segment_ends
from eureka.policy_dirs import started_folder
from eureka.run import Run
from eureka.search_start import FOLDER, POLICY
from eureka.seeds import derive_seed
from eureka.spending import reached
from eureka.step_budget import has_failed, steps_in_words, steps_left, steps_needed
from eureka.train_stage import covered, train
from eureka.training_plan import Training, candidate_training
from eureka.types import Candidate
from eureka.warm_start import begun_with, policy_sha256


class _Entrant(NamedTuple):
    """A reward in the final evaluation. candidate: of `best`, `best_started` and an `other`."""

    reward: Literal["best", "best_started", "human", "fitness", "other"]
    candidate: Candidate | None = None


def retest(run: Run) -> str:
    """Train the top `search.retest` programs once more, on a seed no iteration used; as many as the caps cover. Says which cap, if any."""
    top = [program for program in ranked(run.state, with_retests=False)[: run.config.search.retest] if not program.retested]
    if not top:
        return ""
    seed = derive_seed("training", run.config.seed, "retest")
    trainings = {
        c.id: begun_with(candidate_training(c, seed, f"candidates/{c.id}/retest", f"{c.id}.retest"), c.policy, run.dir)
        for c in (program.candidate for program in top)
    }
    if begun := covered(run, list(trainings.values()), whole=True)[0]:
        run.stage("retest", trials=[t.id for t in begun])
    candidates = {training.id: id_ for id_, training in trainings.items()}
    return train(run, list(trainings.values()), lambda t: run.record(outcome_of(run, candidates[t.id], t, phase="retest")))


def evaluate(run: Run) -> str:
    """Best, human and sparse reward, and the next best ones of `final.top`, under one budget on the same seeds; each training's best
    checkpoint on fresh episodes; how the best reward correlates with the human one.

    All of it from scratch, so that a good start is not taken for a good reward. Where the best reward began with a policy, it is trained
    from that, too, and the policy that the search started from is measured as it is. Where the human reward is the fitness, one training
    stands for both. Begun only where the caps cover all of it; says which cap, if any.
    """
    leading: dict[str, Candidate] = {}
    for program in leaders(run.state):  # from scratch, a program is the same whatever it began with
        leading.setdefault(program.candidate.sha256, program.candidate)
    top = list(leading.values())[: run.config.final.top]
    if not top or not run.config.final.seeds:
        return ""
    started = [_Entrant("best_started", top[0])] if top[0].policy is not None else []
    others = [_Entrant("other", other) for other in top[1:]]
    entrants = [_Entrant("best", top[0]), *started, _Entrant("human"), _Entrant("fitness"), *others]
    trainings = {(entrant, number): _training(run, *entrant, number) for entrant in entrants for number in range(run.config.final.seeds)}
    distinct = {training.id: training for training in trainings.values()}
    if cap := _not_covered(run, list(distinct.values())):
        return cap
    known = baselines.recall(run, distinct.values())
    run.stage("final", trials=[id_ for id_ in distinct if id_ not in known])
    if cap := train(run, list(distinct.values()), lambda training: None):
        return cap
    baselines.remember(run, distinct.values())
    chosen = {key: _best_segment(run, training) for key, training in trainings.items()}
    folders = [FOLDER] * (run.config.search.start is not None)
    _measure(run, [*folders, *dict.fromkeys(folder for folder in chosen.values() if folder is not None)])
    table = [_final(run, entrant, number, trainings[entrant, number], folder) for (entrant, number), folder in chosen.items()]
    evaluation = Evaluation(best=top[0].id, trainings=(*table, *(_untrained(run.state.fresh[folder]) for folder in folders)))
    if evaluation != run.state.evaluation:
        run.record(evaluation)
    went_well = [trainings[entrants[0], row.seed] for row in table if row.reward == "best" and row.status == "ok"]
    correlate(run, top[0], tuple(folder for training in went_well for folder in outcome_of(run, top[0].id, training).dirs))
    return ""


def rewards_trained(config: Config) -> int:
    """How many rewards are trained for the final evaluation at most, each on every final seed; the best one twice where it began with a
    policy."""
    return config.final.top + 2 - config.task.human_is_fitness + config.search.may_start_warm


def _not_covered(run: Run, trainings: Sequence[Training]) -> str:
    """The cap that does not cover what is missing of the final evaluation, in words."""
    assert run.state.context is not None
    measured = {folder.rpartition("/")[0] for folder in run.state.fresh}
    segments = range(len(segment_ends(run.config)))
    unmeasured = [t for t in trainings if t.dir not in measured and not has_failed(run.state, t.dir, segments)]
    start = run.config.search.start is not None and FOLDER not in run.state.fresh
    episodes = run.config.final.episodes * (len(unmeasured) + start)
    need = episodes * (run.state.context.max_episode_steps or LONGEST_EPISODE)
    need += sum(steps_needed(run.config, run.state, segments, training.dir) for training in trainings)
    if not need:
        return ""
    what = "the final evaluation"
    if hours := reached(run.config, run.state).get("hours"):
        return f"{hours}, {what} is not covered"
    return steps_in_words(run.config, run.state, what, need) if need > steps_left(run.config, run.state) else ""


def _training(run: Run, reward: str, candidate: Candidate | None, number: int) -> Training:
    seed = derive_seed("training", run.config.seed, "final", number)
    if candidate is not None and reward == "best_started":
        training = candidate_training(candidate, seed, f"{started_folder(candidate.id)}/{number}", f"{candidate.id}.started{number}")
        return begun_with(training, candidate.policy, run.dir)
    if candidate is not None:
        return candidate_training(candidate, seed, f"final/{candidate.id}/{number}", f"{candidate.id}.final{number}")
    trusted: Literal["human", "fitness"] = "human" if reward == "human" or run.config.task.human_is_fitness else "fitness"
    return Training(f"{trusted}.final{number}", trusted, "", seed, f"final/{trusted}/{number}")


def _best_segment(run: Run, training: Training) -> str | None:
    """The directory holding the training's best checkpoint, or None when it failed."""
    outcome = outcome_of(run, training.id, training)
    if outcome.status != "ok":
        return None
    score = run.config.task.fitness.score
    return max(outcome.dirs, key=lambda d: max((score(p.fitness) for p in run.state.results[d].checkpoints), default=float("-inf")))


def _measure(run: Run, folders: list[str]) -> None:
    """Journal the fresh evaluation of every checkpoint that has none, each worker's as it ends."""
    known = run.state.fresh
    specs = {d: policy_sha256(run.dir / POLICY) if d == FOLDER else run.state.results[d].spec for d in folders}
    missing = [(d, spec) for d, spec in specs.items() if d not in known or known[d].spec != spec]
    seeds = tuple(derive_seed("fresh", run.config.seed, episode) for episode in range(run.config.final.episodes))
    if missing:
        slots = run.jobs.slots
        jobs = [
            EvaluateJob(run_dir=run.dir, task=run.config.task, trainer=run.config.trainer, checkpoints=tuple(part), seeds=seeds)
            for part in (missing[k::slots] for k in range(slots))
            if part
        ]

        def done(result: JobResult) -> None:
            for fresh in result.fresh:
                run.record(fresh)

        run.must_do(jobs, done)


def _final(run: Run, entrant: _Entrant, number: int, training: Training, folder: str | None) -> FinalTraining:
    """A row of the table. Where the policy fails on fresh episodes, its training has failed, as where it does so in training."""
    outcome = outcome_of(run, training.id, training)
    fresh = run.state.fresh[folder] if folder is not None else None
    failed = fresh is not None and fresh.error is not None
    other = entrant.candidate.id if entrant.reward == "other" and entrant.candidate is not None else ""
    return FinalTraining(
        reward=entrant.reward,
        candidate=other,
        seed=number,
        status="failed" if failed else outcome.status,
        best_checkpoint=None if failed else outcome.fitness,
        fresh=sum(fresh.fitness) / len(fresh.fitness) if fresh is not None and fresh.fitness else None,
        num_envs_divided=run.state.results[outcome.dirs[0]].num_envs_divided,
        error=fresh.error if failed and fresh is not None else outcome.error,
    )


def _untrained(fresh: FreshEvaluation) -> FinalTraining:
    """The row of the policy that the search started from."""
    mean = sum(fresh.fitness) / len(fresh.fitness) if fresh.fitness else None
    return FinalTraining(reward="start", seed=0, status="ok" if fresh.error is None else "failed", fresh=mean, error=fresh.error)
