"""Whether `trainer: population` learns as well as `trainer: sb3`: PPO at identical hyper-parameters, seed by seed.

    python benchmarks/learning.py                      # train what results/learning.json lacks, then compare
    python benchmarks/learning.py --trainers sb3       # only one side; the other can come later
    python benchmarks/learning.py --trainers           # train nothing, compare what is there

Both trainers get the same job: the environment's own reward, the same seeds, core's evaluation on the same episodes. The difference of
their mean returns over seeds is told in percent of what stable-baselines3 learns, which is its mean less that of uniformly random
actions: a percentage of a return that may be negative or zero would say nothing.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from cohort import train_cohort
from numpy.typing import NDArray
from scipy.stats import bootstrap

from eureka.env_task import env_task
from eureka.types import Budget, Task, Trial
from eureka.worker.components import make_recorder, worker_hooks
from eureka.worker.evaluate import evaluate_policy

RESULTS = Path(__file__).with_name("results") / "learning.json"
CHECKPOINTS, EPISODES, RANDOM_EPISODES = 5, 20, 100
COHORT = {"sb3": 1, "population": 16}  # trials per job; what is learnt does not depend on it

# Every option that both trainers have, so that no default can differ.
COMMON: dict[str, Any] = {
    "num_envs": 16,
    "net_arch": [64, 64],
    "activation": "tanh",
    "normalize_observations": False,
    "normalize_rewards": False,
    "learning_rate_schedule": "constant",
    "n_epochs": 10,
    "gamma": 0.99,
    "gae_lambda": 0.95,
    "clip_range": 0.2,
    "clip_range_schedule": "constant",
    "clip_range_vf": None,
    "normalize_advantage": True,
    "ent_coef": 0.0,
    "vf_coef": 0.5,
    "max_grad_norm": 0.5,
    "target_kl": None,
}
_NORMALISED = {"normalize_observations": True, "normalize_rewards": True}
# Environment → training steps and what differs from `COMMON`.
TASKS: dict[str, tuple[int, dict[str, Any]]] = {
    "CartPole-v1": (
        50_000,
        {"n_steps": 64, "batch_size": 512, "learning_rate": 2e-3, "learning_rate_schedule": "linear", "clip_range_schedule": "linear"},
    ),
    "Pendulum-v1": (80_000, {"n_steps": 128, "batch_size": 256, "gamma": 0.9, "learning_rate": 1e-3}),
    "LunarLander-v3": (200_000, {"n_steps": 128, "batch_size": 512, "learning_rate": 1e-3, "ent_coef": 0.003, **_NORMALISED}),
    "HalfCheetah-v5": (200_000, {"n_steps": 128, "batch_size": 512, "learning_rate": 1e-3, **_NORMALISED}),
}


def train_missing(env: str, trainer: str, seeds: int, kept: dict[str, Any]) -> None:
    """Train every seed that has no result yet and write each cohort's down: fitness at every checkpoint."""
    steps, settings = TASKS[env][0], {**COMMON, **TASKS[env][1]}
    measured = kept.setdefault(env, {"steps": steps, "settings": settings, "random": random_return(env), "sb3": {}, "population": {}})
    if (measured["steps"], measured["settings"]) != (steps, settings):
        raise SystemExit(f"{RESULTS}: {env} was measured with other settings; remove its entry to measure it anew.")
    missing = [seed for seed in range(seeds) if str(seed) not in measured[trainer]]
    budget = Budget(start=0, end=steps, total=steps, checkpoints=CHECKPOINTS, episodes=EPISODES)
    for first in range(0, len(missing), COHORT[trainer]):
        cohort = missing[first : first + COHORT[trainer]]
        trials = [Trial(id=f"t{seed}", reward="human", seed=seed, dir=f"t{seed}") for seed in cohort]
        results = train_cohort(task_of(env), {"use": trainer, **settings}, trials, budget)
        for seed, result in zip(cohort, results, strict=True):
            measured[trainer][str(seed)] = [round(checkpoint.fitness, 3) for checkpoint in result.checkpoints]
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(kept, indent=1) + "\n")
        print(f"{env} {trainer}: seeds {cohort}", flush=True)


def task_of(env: str) -> Task:
    """The environment as a task whose fitness is its own return."""
    return Task.model_validate(env_task(env))


def random_return(env: str) -> float:
    """The mean return of uniformly random actions."""
    task = task_of(env)
    recorder = make_recorder(worker_hooks(task), task, RANDOM_EPISODES, ())
    rng = np.random.default_rng(0)

    def act(observations: NDArray[Any]) -> NDArray[Any]:
        return np.stack([recorder.action_space.sample(rng) for _ in observations])

    try:
        return float(evaluate_policy(recorder, act, range(RANDOM_EPISODES), "sum", 0).fitness.mean())
    finally:
        recorder.close()


def compare(env: str, measured: dict[str, Any]) -> None:
    """Print both means over seeds and the difference in percent, with its 95 % bootstrap interval (BCa, seeds drawn anew on each side)."""
    curves = {trainer: np.array([measured[trainer][seed] for seed in sorted(measured[trainer], key=int)]) for trainer in COHORT}
    for name, score in {"last checkpoint": lambda c: c[:, -1], "mean over checkpoints": lambda c: c.mean(axis=1)}.items():
        sb3, population = score(curves["sb3"]), score(curves["population"])

        def percent(a: NDArray[Any], b: NDArray[Any], axis: int = -1) -> Any:
            return 100 * (b.mean(axis=axis) - a.mean(axis=axis)) / (a.mean(axis=axis) - measured["random"])

        interval = bootstrap((sb3, population), percent, n_resamples=9999, rng=0).confidence_interval
        means = [f"{side} {values.mean():.1f} ± {values.std(ddof=1):.1f}" for side, values in (("sb3", sb3), ("population", population))]
        print(
            f"{env:<15} {name:<22} {', '.join(means)}, random {measured['random']:.1f} ({len(sb3)} and {len(population)} seeds): "
            f"difference {percent(sb3, population):+.1f} % [{interval.low:+.1f}, {interval.high:+.1f}]"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="*", choices=TASKS, default=list(TASKS))
    parser.add_argument("--trainers", nargs="*", choices=COHORT, default=list(COHORT))
    parser.add_argument("--seeds", type=int, default=16, help="how many (default 16)")
    arguments = parser.parse_args()
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for env in arguments.tasks:
        for trainer in arguments.trainers:
            train_missing(env, trainer, arguments.seeds, kept)
        if env in kept and all(len(kept[env][trainer]) > 1 for trainer in COHORT):
            compare(env, kept[env])


if __name__ == "__main__":
    main()
