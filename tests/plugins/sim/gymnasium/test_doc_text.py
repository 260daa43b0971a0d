"""Documentation without its reward."""

from __future__ import annotations

import pytest

from eureka_gymnasium.doc_text import prune_documentation
from eureka_gymnasium.words import speaks_of_reward, without_reward

MARKDOWN = """
    ## Description
    A robot. It gets 300 points for walking far.
    It walks.

    ```{figure} robot.png
    :name: robot
    ```

    | Num | Action    |
    |-----|-----------|
    | 0   | the torque|
    | 1   | its cost  |

    ## Rewards
    The robot is rewarded.

    ### Details
    r = x

    ## Episode End
    The episode ends if the following happens:
    1. `observation[0]` is above 1.
    2. The score is 10.

    ## Version History
    * v1: new
    """


def test_sections_sentences_rows_and_entries_about_reward_go():
    assert prune_documentation(MARKDOWN).split("\n") == [
        "## Description", "A robot. It walks.", "", "| Num | Action |", "|---|---|", "| 0 | the torque|", "",
        "## Episode End", "The episode ends if the following happens:", "1. `observation[0]` is above 1.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "A robot.\n\nReward:\n    r = x ** 2\n    and more\n\n    minus u\n",
        "A robot.\n\nRewards\n-------\nr = x ** 2\n\nminus u\n",
        "A robot.\n\n**Reward**:\nr = x ** 2, minus u\n",
        "A robot.\n\nThe reward is:\n\n    r = x ** 2\n",
        "A robot. Its reward is x ** 2.\n",
    ],
)
def test_a_reward_goes_however_it_is_headed(text):
    assert prune_documentation(text) == "A robot."


@pytest.mark.parametrize("name", ["prev_shaping", "healthyReward", "ctrl_cost", "episode_return", "score", "_get_rew", "alive_bonus"])
def test_names_of_rewards(name):
    assert speaks_of_reward(name)


@pytest.mark.parametrize("name", ["costheta", "return_info", "previous", "towards", "scored_x_"[2:5], "rewind", "penal", "angle"])
def test_names_that_only_look_like_rewards(name):
    assert not speaks_of_reward(name)


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("_reward_and_done", "_and_done"),
        ("compute_reward", "compute"),
        ("SparseRewardEnv", "SparseEnv"),
        ("Reward", "Other"),
        ("_rew", "_other"),
    ],
)
def test_a_name_can_lose_its_reward(name, left):
    assert without_reward(name) == left
