"""`rl_games.csv`: what an epoch came to."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import torch

from eureka.types import Fitness
from eureka_rl_games.figures import COLUMNS, Figures


def lines(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_checkpoint_has_a_line_for_every_epoch_so_far(rl_games):
    tools = rl_games.train(steps=96, env={"limit": 6, "actions": "box"})
    read = lines(tools.checkpoint("a", 96) / "rl_games.csv")
    assert list(read[0]) == list(COLUMNS)
    assert [(line["epoch"], line["steps"]) for line in read] == [("1", "32"), ("2", "64"), ("3", "96")]
    assert [float(line["reward"]) for line in read] == tools.mean_rewards["a"]
    for line in read:
        assert int(line["episodes"]) >= 4 and 1 <= float(line["episode_length"]) <= 6 and float(line["episode_reward"]) < 0
        assert 0 <= float(line["fitness"]) <= 6 and float(line["kl"]) >= 0 and float(line["learning_rate"]) > 0
        assert all(np.isfinite(float(line[name])) for name in ("actor_loss", "critic_loss", "bounds_loss", "entropy"))
    assert len(lines(tools.checkpoint("a", 32) / "rl_games.csv")) == 1


@pytest.mark.parametrize(("fold", "goal", "fitness"), [("sum", "maximize", 4.0), ("sum", "minimize", -4.0), ("mean", "maximize", 1.5)])
def test_an_episode_over_two_rollouts_counts_where_it_ends_and_with_all_its_steps(fold, goal, fitness, tmp_path):
    figures = Figures(2, Fitness(value="native", fold=fold, goal=goal))
    one = [[torch.tensor(0.25)]] * 5
    figures.see(np.ones((2, 2)), np.array([[1.0, 2.0], [1.0, 2.0]]), np.array([[False, False], [False, True]]))
    figures.epoch(1, 4, 0.1, one)
    figures.see(np.full((2, 2), 3.0), np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([[True, False], [False, False]]))
    figures.epoch(2, 8, 0.1, [[], *one[1:]])
    figures.write(tmp_path / "figures.csv")
    first, second = lines(tmp_path / "figures.csv")
    # Row 1 ends after two steps with 4, row 0 after three with 1 + 1 + 2.
    assert (first["episodes"], first["episode_length"], first["episode_reward"]) == ("1", "2.0", "2.0")
    assert float(first["fitness"]) == (2.0 if fold == "mean" else fitness)
    assert (second["episodes"], second["episode_length"], second["episode_reward"]) == ("1", "3.0", "5.0")
    assert float(second["fitness"]) == pytest.approx(4 / 3 if fold == "mean" else fitness)
    assert (first["actor_loss"], second["actor_loss"], second["reward"]) == ("0.25", "", "3.0")


def test_an_epoch_without_an_end_leaves_the_episodes_columns_empty():
    figures = Figures(1, Fitness(value="native"))
    figures.see(np.ones((1, 1)), np.ones((1, 1)), np.zeros((1, 1), bool))
    figures.epoch(1, 1, 0.1, [[torch.tensor(1.0)]] * 5)
    assert figures.lines[0][2:7] == [1.0, 0, None, None, None]
