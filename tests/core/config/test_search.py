"""What a search begins from, and when it may stop early."""

from __future__ import annotations

from typing import Any

import pytest

from eureka.config import apply_changes, load_resolved, to_yaml
from eureka.config_models import Search
from eureka.errors import ConfigError

SOLVED = ("fold: sum}", "fold: sum, solved: 0.9}")


@pytest.fixture
def solvable(project: Any) -> Any:
    (project.folder / "task.yaml").write_text(project.task.replace(*SOLVED))
    return project


def test_a_task_that_does_not_say_when_it_is_solved_cannot_stop_a_search(project: Any) -> None:
    assert project.refused("search: {stop_when_solved: true}\n") == (
        'project/c.yaml:9:10: search.stop_when_solved: task "pole" does not say when it is solved; give task.fitness.solved: NUMBER, or '
        "leave this false."
    )
    with pytest.raises(ConfigError, match=r"^--set search.stop_when_solved=true: search.stop_when_solved: task \"pole\" does not say when"):
        apply_changes(project.load(), ["search.stop_when_solved=true"])


def test_whether_a_solved_task_stops_the_search_may_change_while_it_goes_on(solvable: Any) -> None:
    config = solvable.load("search: {stop_when_solved: true}\n")
    changed, changes = apply_changes(config, ["search.stop_when_solved=false"])
    assert (changed.search.stop_when_solved, changes) == (False, [("search.stop_when_solved", True, False)])


def test_an_initial_reward_is_a_file_beside_the_config_or_beside_where_set_was_typed(project: Any) -> None:
    (project.folder / "mine.py").write_text("")
    for config in (project.load("search: {initial_reward: mine.py}\n"), project.load("", "search.initial_reward=project/mine.py")):
        assert config.search.initial_reward == str(project.folder / "mine.py")
    (project.folder / "config.yaml").write_text(to_yaml(config))
    assert load_resolved(project.folder / "config.yaml") == config


def test_the_humans_reward_stays_human_and_needs_to_be_a_file(project: Any) -> None:
    assert project.load("search: {initial_reward: human}\n").search.initial_reward == "human"
    refused = project.refused("search: {initial_reward: human}\n", "task.human=native")
    assert refused.startswith("project/c.yaml:9:10: search.initial_reward: human is task.human, and that is native here")
    assert refused.endswith("Write it down as a file with compute_reward and give that: search.initial_reward: FILE.")


def test_a_missing_initial_reward_and_a_folder_are_told_with_their_place(project: Any) -> None:
    assert project.refused("search: {initial_reward: humna.py}\n") == (
        'project/c.yaml:9:10: search.initial_reward: project/humna.py: no such file; did you mean "human.py"?'
    )
    assert "is a folder; give the file of one reward" in project.refused("search: {initial_reward: .}\n")


def test_what_an_initial_reward_stands_for_is_one_of_two_words(project: Any) -> None:
    assert 'search.initial_as: "seed" is not "iteration" or "sample"' in project.refused("search: {initial_as: seed}\n")


@pytest.mark.parametrize(
    ("given", "stands_for", "first", "second", "rewards"),
    [
        (None, "iteration", range(4), range(4), 24),
        ("human", "iteration", range(1, 1), range(4), 18),
        ("human", "sample", range(1, 4), range(4), 24),
    ],
)
def test_samples_are_counted_with_the_reward_that_is_given(given: Any, stands_for: Any, first: range, second: range, rewards: int) -> None:
    sizes: dict[str, Any] = {"iterations": 3, "samples": 4, "restarts": 2, "retest": 0, "stop_when_solved": False}
    sizes |= {"start": None, "start_reward": True, "warm_start": "none"}
    search = Search.model_validate({**sizes, "initial_reward": given, "initial_as": stands_for})
    assert (search.written(0), search.written(1), search.rewards) == (first, second, rewards)


def test_a_reward_that_is_given_as_a_file_must_be_confined_by_default(project: Any) -> None:
    parts = project.folder / "parts.py"
    parts.write_text(
        parts.read_text().replace("class Generator(eureka.Component):", "class Generator(eureka.Component):\n    writes_its_own = True")
    )
    given = [project.load(f"search: {{initial_reward: {value}}}\n").isolation for value in ("null", "human", "human.py")]
    assert given == ["best-effort", "best-effort", "require"]
