"""What a user waits for before anything happens."""

from __future__ import annotations

import json
import subprocess
import sys
import time

from figures import Figure, figure, ratio
from ppo import ROLLOUT, hyperparameters
from runs import eureka_command, eureka_run

# As much as stable-baselines3 needs for the same, without a reward, a check or a folder of its own.
_LIBRARY = """
import gymnasium
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import DummyVecEnv
env = PPO("MlpPolicy", DummyVecEnv([lambda: gymnasium.make("CartPole-v1")] * 4), device="cpu").env
env.reset()
env.step([0] * 4)
"""
PASS, LIBRARY, RUN = "python -c pass", "stable-baselines3, to its first step", "eureka run, to the first training's first step"
SAMPLES = 8


def measure(rounds: int) -> dict[str, Figure]:
    """Wall seconds of commands that do nothing but start, taken in turn, and how many bare starts of Python each comes to."""
    eureka = eureka_command()
    commands = {
        PASS: [sys.executable, "-c", "pass"],
        "eureka --help": [eureka, "--help"],
        "eureka plugins": [eureka, "plugins"],
        LIBRARY: [sys.executable, "-c", _LIBRARY],
    }
    seconds: dict[str, list[float]] = {name: [] for name in (*commands, RUN)}
    for _ in range(rounds + 1):  # the first round warms the disk cache and is dropped below
        for name, command in commands.items():
            started = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            seconds[name].append(time.perf_counter() - started)
        seconds[RUN].append(_to_first_step())
    warm = {name: values[1:] for name, values in seconds.items()}
    times = {f"{name} / {PASS}": ratio(values, warm[PASS]) for name, values in warm.items() if name != PASS}
    return {name: figure(values, "s") for name, values in warm.items()} | times | {f"{RUN} / {LIBRARY}": ratio(warm[RUN], warm[LIBRARY])}


def _to_first_step() -> float:
    """Seconds from the command to where the trainer of the first candidate begins; describing, asking and checking are in it."""
    settings = hyperparameters(4)
    started = time.time()
    with eureka_run("cartpole", 1, SAMPLES, settings, cores=2, steps=ROLLOUT, checkpoints=1) as run:
        run.finished(SAMPLES)
        results = run.dir.glob("candidates/*/training/*/result.json")
        begun: float = min(json.loads(path.read_text())["training_intervals"][0][0] for path in results)
        return begun - started
