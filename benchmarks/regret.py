"""What successive halving loses: the final choice of 16 trainings with and without it, on the same training curves.

    python benchmarks/regret.py                        # train what results/regret.json lacks, then tell
    python benchmarks/regret.py --seeds 0              # train nothing, tell what is there

The same 16 rewards on every seed train to the end as the task's shipped config says; the pruner is then
asked what it would have kept at 25 % and 50 % of the steps. That is what it would have done: a training cut into segments has the same
numbers as one in a piece up to the cut, and after it where the simulator can be saved; where it cannot (Box2D), the next segment begins
new episodes, which is another draw of the same training.

Regret = (fitness of the one chosen of all 16 − fitness of the one chosen of what halving keeps) / (that of the former − the sparse
reward's), each a mean over seeds; sparse: the fitness itself as the reward. Told in two ways: by the best checkpoint of the very training
it was chosen for, which flatters both choices, and by the chosen reward's mean over the other seeds, which flatters neither.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from cohort import train_cohort
from numpy.typing import NDArray
from scipy.stats import bootstrap
from sixteen_rewards import described, sixteen_rewards

from eureka.builtin.successive_halving import SuccessiveHalving
from eureka.config import load_config
from eureka.hookspecs import Rung
from eureka.training_plan import evaluation_episodes
from eureka.types import Budget, CheckpointResult, Task, TrainResult, Trial

RESULTS = Path(__file__).with_name("results") / "regret.json"
TASKS = ("cartpole", "mountain_car_continuous", "acrobot", "pendulum", "lunar_lander")
RUNGS, SPARSE = (0.25, 0.5), "sparse"
Curve = list[tuple[int, float]]
"""(environment steps, fitness) at every checkpoint; empty for a reward that failed."""


def train_missing(name: str, seeds: int, kept: dict[str, Any]) -> None:
    """Train the 16 rewards and the sparse one on every seed that has no curves yet, a cohort a seed."""
    config = load_config(name)
    context = described(config)
    rewards = sixteen_rewards(config, context)
    steps, checkpoints = config.training.steps, config.training.checkpoints
    budget = Budget(
        start=0, end=steps, total=steps, checkpoints=checkpoints, episodes=evaluation_episodes(config, context.max_episode_steps)
    )
    trainer = config.trainer.model_dump(mode="json")
    settings = {"trainer": trainer, "budget": budget.model_dump(), "rewards": list(rewards)}
    measured = kept.setdefault(name, {"settings": settings, "curves": {}})
    if measured["settings"] != settings:
        raise SystemExit(f"{RESULTS}: {name} was measured with other settings; remove its entry to measure it anew.")
    for seed in range(seeds):
        if str(seed) in measured["curves"]:
            continue
        trials = [Trial(id=i, reward="candidate", code=code, seed=seed, dir=i) for i, code in rewards.items()]
        trials.append(Trial(id=SPARSE, reward="fitness", seed=seed, dir=SPARSE))
        results = train_cohort(config.task, trainer, trials, budget)
        curves = {r.trial: [(p.steps, round(p.fitness, 4)) for p in r.checkpoints] if r.status == "ok" else [] for r in results}
        measured["curves"][str(seed)] = curves
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(kept) + "\n")
        print(f"{name}: seed {seed}", flush=True)


def choices(task: Task, curves: dict[str, Curve], total: int, update: int) -> tuple[str, str, float]:
    """For one seed: who is chosen of all, who of what halving keeps to the end, and the share of the training steps that this took.

    update: environment steps of one; a segment ends with the first that reaches its share of `total`.
    """
    pruner = SuccessiveHalving(SuccessiveHalving.Options())

    def rank(id_: str) -> tuple[float, float]:
        scores = [task.fitness.score(fitness) for _, fitness in curves[id_]]
        return max(scores), fmean(scores)

    going, cost, start = list(curves), 0, 0
    whole = math.ceil(total / update) * update
    for segment, share in enumerate(RUNGS):
        end = math.ceil(total * share / update) * update
        cost, start = cost + len(going) * (end - start), end
        results = {id_: (result(id_, [point for point in curves[id_] if point[0] <= end]),) for id_ in going}
        going = list(pruner.eureka_prune(Rung(task, segment, len(RUNGS) + 1, dict(results))))
    return max(curves, key=rank), max(going, key=rank), (cost + len(going) * (whole - start)) / (len(curves) * whole)


def result(id_: str, points: Curve) -> TrainResult:
    """What a rung knows of a training."""
    checkpoints = tuple(CheckpointResult(index=k, steps=steps, fitness=fitness, length=0) for k, (steps, fitness) in enumerate(points, 1))
    return TrainResult(trial=id_, dir=id_, spec="", status="ok", checkpoints=checkpoints)


def tell(name: str, measured: dict[str, Any]) -> None:
    """Print the regret in percent with its 95 % bootstrap interval over seeds (percentile), and what halving cost."""
    task, options = load_config(name, only={"sim"}).task, measured["settings"]["trainer"]["options"]
    score = task.fitness.score
    curves = [measured["curves"][seed] for seed in sorted(measured["curves"], key=int)]
    ids = [id_ for id_ in measured["settings"]["rewards"] if all(curve[id_] for curve in curves)]  # one that fails is chosen by nobody
    best = np.array([[max(score(fitness) for _, fitness in curve[id_]) for id_ in ids] for curve in curves])
    sparse = np.array([max(score(fitness) for _, fitness in curve[SPARSE]) for curve in curves])
    total, update = measured["settings"]["budget"]["total"], options["num_envs"] * options["n_steps"]
    chosen = [choices(task, {id_: curve[id_] for id_ in ids}, total, update) for curve in curves]
    same, cost = sum(full == halved for full, halved, _ in chosen), fmean(share for *_, share in chosen)
    print(
        f"{name}: {len(curves)} seeds, {len(ids)} rewards, {cost:.0%} of the steps, the same choice on {same}, sparse {sparse.mean():.4g}"
    )

    def regret(full: NDArray[Any], halved: NDArray[Any], sparse: NDArray[Any], axis: int = -1) -> Any:
        return 100 * (full.mean(axis=axis) - halved.mean(axis=axis)) / (full.mean(axis=axis) - sparse.mean(axis=axis))

    columns = [np.array([ids.index(choice[k]) for choice in chosen]) for k in (0, 1)]
    own = [best[np.arange(len(curves)), column] for column in columns]
    others = [(best.sum(0)[column] - mine) / (len(curves) - 1) for column, mine in zip(columns, own, strict=True)]
    for words, (full, halved) in {"its own training": own, "the other seeds": others}.items():
        lost = regret(full, halved, sparse)
        told = f"  by {words:<17} chosen of all {full.mean():.4g}, of halving's {halved.mean():.4g}: regret {lost:+.1f} %"
        if (full == halved).all():
            print(f"{told}, on every seed")
            continue
        interval = bootstrap((full, halved, sparse), regret, paired=True, method="percentile", rng=0).confidence_interval
        print(f"{told} [{interval.low:+.1f}, {interval.high:+.1f}]")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="*", choices=TASKS, default=list(TASKS))
    parser.add_argument("--seeds", type=int, default=10, help="how many (default 10)")
    arguments = parser.parse_args()
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in arguments.tasks:
        if arguments.seeds:
            train_missing(name, arguments.seeds, kept)
        if len(kept.get(name, {}).get("curves", {})) > 1:
            tell(name, kept[name])


if __name__ == "__main__":
    main()
