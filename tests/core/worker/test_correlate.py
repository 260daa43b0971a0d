"""A candidate and the human reward on recorded transitions: the worker operation, with real reward processes."""

from __future__ import annotations

import numpy as np
import pytest

from eureka.job_types import CorrelateJob
from eureka.transitions import EvaluationTransitions, load_transitions, save_transitions
from eureka.types import Task
from eureka.worker.correlate import run

X = np.array([0.0, 1.0, 2.0, 3.0, 5.0, 8.0])
NATIVE = np.array([1.0, -2.0, 0.5, 4.0, 4.0, 9.0])


@pytest.fixture
def correlate(tmp_path):
    """Of a candidate whose body computes `r` from x, on two recorded segments. human: the body of a reward file, else the native one."""

    def write(folder, rows):
        (tmp_path / folder).mkdir()
        r = len(rows)
        meta = {"episode": np.zeros(r, np.int32), "step": np.arange(1, r + 1, dtype=np.int32), "episode_checkpoint": np.ones(1, np.int32)}
        variables = {"x": X[rows].astype(np.float32)}
        episodes = EvaluationTransitions(variables, **meta, episode_fitness=np.zeros(1), episode_length=np.ones(1, np.int32))
        save_transitions(tmp_path / folder / "transitions.npz", episodes, NATIVE[rows].astype(np.float32))

    write("0", [0, 1, 2])
    write("1", [3, 4, 5])

    def correlation(body, human=""):
        file = tmp_path / "human.py"
        file.write_text(f"def compute_reward(x):\n    {human}\n")
        told = {
            "name": "point",
            "description": "",
            "sim": {"use": "gymnasium", "env": "CartPole-v1"},
            "variables": {"x": {"from": "obs[0]"}},
        }
        task = Task.model_validate({**told, "fitness": {"value": "length"}, "human": str(file) if human else "native"})
        code = f"def compute_reward(x):\n    {body}\n    return r, {{'r': r}}\n"
        job = CorrelateJob(run_dir=tmp_path, task=task, candidate="a", code=code, dirs=("0", "1", "2"), isolation="best-effort")
        result = run(job, tmp_path, None)
        assert result.status == "ok" and result.correlation.candidate == "a" and result.correlation.dirs == job.dirs
        return result.correlation

    return correlation


def test_it_is_pearsons_over_the_transitions_of_all_directories_that_hold_any(correlate):
    found = correlate("r = x**2")
    assert found.transitions == 6 and found.why == "" and found.value == pytest.approx(np.corrcoef(X**2, NATIVE)[0, 1])


def test_a_human_reward_in_a_file_is_computed_on_the_same_transitions(correlate):
    assert correlate("r = 3 - x", human="return 2 * x, {'x': x}").value == pytest.approx(-1)


@pytest.mark.parametrize(
    ("body", "human", "why"),
    [
        ("r = 0 * x", "", "this reward never changes"),
        ("r = x", "return 0 * x, {'x': x}", "the human reward never changes"),
        ("r = x / 0.0 / x", "", "the reward fails on them: "),
        ("r = x", "raise ValueError('no')", "the human reward fails on them: "),
        ("r = nothing", "", "the reward fails on them: "),
    ],
)
def test_where_there_is_none_it_says_why(correlate, body, human, why):
    found = correlate(body, human)
    assert found.value is None and found.why.startswith(why)


def test_what_generators_read_does_not_hold_the_environments_own_reward(correlate, tmp_path):
    loaded = load_transitions([tmp_path / "0" / "transitions.npz", tmp_path / "1" / "transitions.npz"])
    assert set(loaded.variables) == {"x"} and not hasattr(loaded, "native")
