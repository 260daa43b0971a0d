"""Which of a run's policies is the one of a reward: a reward is trained many times, and each training keeps its best checkpoint."""

from __future__ import annotations

from collections.abc import Sequence

from eureka.state import State
from eureka.types import Outcome


def trained_in(state: State, candidate: str) -> list[str]:
    """The segment directories of the training whose policy is a candidate's, lessons before the task apart; empty where none went well.

    Where the final evaluation trained that reward, it is the training whose checkpoint did best on fresh episodes, be it from scratch or
    from the policy that the reward began with, else its best training in the search.
    """
    score = state.task.fitness.score
    evaluation = state.evaluation
    if evaluation is not None:
        whose = {"best": evaluation.best, "best_started": evaluation.best}
        trainings = [t for t in evaluation.trainings if whose.get(t.reward, t.candidate) == candidate and t.fresh is not None]
        if trainings:
            chosen = max(trainings, key=lambda t: score(t.fresh))
            folder = f"{started_folder(candidate) if chosen.reward == 'best_started' else f'final/{candidate}'}/{chosen.seed}/"
            return [name for name, result in state.results.items() if name.startswith(folder) and not result.lesson]
    outcomes: list[Outcome] = [phase[candidate] for phase in (state.outcomes, state.retests) if candidate in phase]
    trained = [outcome for outcome in outcomes if outcome.status == "ok"]
    return list(max(trained, key=lambda o: score(o.fitness)).dirs) if trained else []


def policy_dir(state: State, candidate: str) -> str | None:
    """The one of these that holds the training's best checkpoint, in `checkpoint`; None where there is none."""
    return best_of(state, trained_in(state, candidate))


def best_of(state: State, dirs: Sequence[str]) -> str | None:
    """The one of a training's segment directories that holds its best checkpoint; None where there is none."""

    def peak(name: str) -> float:
        return max((state.task.fitness.score(point.fitness) for point in state.results[name].checkpoints), default=float("-inf"))

    return max(dirs, key=peak, default=None)


def started_folder(candidate: str) -> str:
    """Where the final trainings of a reward are that begin with the policy it began with in the search."""
    return f"final/{candidate}-started"


def began_with(state: State, candidate: str, folder: str) -> str | None:
    """The checkpoint that the training in a segment directory began with; None: it began from scratch."""
    scratch = folder.startswith("final/") and not folder.startswith(f"{started_folder(candidate)}/")
    return None if scratch else state.candidates[candidate].policy
