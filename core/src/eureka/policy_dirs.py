"""Which of a run's policies is the one of a reward: a reward is trained many times, and each training keeps its best checkpoint."""

from __future__ import annotations

from eureka.state import State
from eureka.types import Outcome


def trained_in(state: State, candidate: str) -> list[str]:
    """The segment directories of the training whose policy is a candidate's; empty where none went well.

    Where the final evaluation trained that reward, it is the training whose checkpoint did best on fresh episodes, else its best
    training in the search.
    """
    score = state.task.fitness.score
    evaluation = state.evaluation
    if evaluation is not None:
        whose = {"best": evaluation.best}
        trainings = [t for t in evaluation.trainings if whose.get(t.reward, t.candidate) == candidate and t.fresh is not None]
        if trainings:
            folder = f"final/{candidate}/{max(trainings, key=lambda t: score(t.fresh)).seed}/"
            return [name for name in state.results if name.startswith(folder)]
    outcomes: list[Outcome] = [phase[candidate] for phase in (state.outcomes, state.retests) if candidate in phase]
    trained = [outcome for outcome in outcomes if outcome.status == "ok"]
    return list(max(trained, key=lambda o: score(o.fitness)).dirs) if trained else []


def policy_dir(state: State, candidate: str) -> str | None:
    """The one of these that holds the training's best checkpoint, in `checkpoint`; None where there is none."""

    def peak(name: str) -> float:
        return max((state.task.fitness.score(point.fitness) for point in state.results[name].checkpoints), default=float("-inf"))

    return max(trained_in(state, candidate), key=peak, default=None)
