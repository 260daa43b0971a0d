"""rl_games' checkpoints, read as data."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from eureka_isaacgym.isaac_worker.checkpoint_file import check, read, write_description
from eureka_isaacgym.isaac_worker.faults import Usage
from eureka_isaacgym.isaac_worker.learning import restore

torch = pytest.importorskip("torch")


class Hostile:
    def __reduce__(self) -> Any:
        return (exec, ("raise SystemExit('ran')",))


def test_numbers_of_numpy_and_the_names_of_a_compiled_model_are_read(tmp_path: Path) -> None:
    state = {"model": {"_orig_mod.a": torch.ones(2)}, "last_mean_rewards": np.float32(1.5), "frame": np.int64(3)}
    torch.save(state, tmp_path / "policy.pth")
    found = read(str(tmp_path / "policy.pth"), "a")
    assert found["model"]["a"].tolist() == [1.0, 1.0] and (found["last_mean_rewards"], found["frame"]) == (1.5, 3)


def test_a_file_that_holds_code_is_refused_and_the_code_not_run(tmp_path: Path) -> None:
    torch.save({"model": {}, "optimizer": Hostile()}, tmp_path / "hostile.pth")
    with pytest.raises(Usage, match=r"hostile.pth is no checkpoint .*more than numbers.* \(UnpicklingError: .*exec"):
        read(str(tmp_path / "hostile.pth"), "a")


def test_a_policy_to_train_on_from_is_read_as_data(tmp_path: Path) -> None:
    torch.save({"model": {}, "optimizer": Hostile()}, tmp_path / "hostile.pth")
    with pytest.raises(Usage, match=r"trainer.load_checkpoint: .*hostile.pth is no checkpoint"):
        restore(SimpleNamespace(last_lr=0.1), None, str(tmp_path / "hostile.pth"), keep_learning_rate=False)


def test_a_file_of_something_else_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("no checkpoint")
    with pytest.raises(Usage, match=r"trainer.load_checkpoint: .*text.pth is no checkpoint of rl_games"):
        read(str(tmp_path / "text.pth"), "trainer.load_checkpoint")


def env(observations: int, actions: int) -> Any:
    return SimpleNamespace(observation_space=np.empty(observations), action_space=np.empty(actions))


def test_a_policy_of_other_spaces_or_another_format_is_refused_and_both_are_named(tmp_path: Path) -> None:
    path = str(tmp_path / "policy.pth")
    check(path, env(4, 1), "here")  # what rl_games alone leaves has no description; its network tells
    write_description(str(tmp_path), env(4, 1))
    check(path, env(4, 1), "here")
    with pytest.raises(
        Usage, match=r"here: .*policy.pth was written with observations \[4\] \(task .*rl_games 1.*\), and here it is \[5\]"
    ):
        check(path, env(5, 1), "here")
    with pytest.raises(Usage, match=r"with actions \[1\] .*, and here it is \[2\]"):
        check(path, env(4, 2), "here")
    description = tmp_path / "isaacgym.json"
    description.write_text(description.read_text().replace('"format": 1', '"format": 7'))
    with pytest.raises(Usage, match=r"with format 7 .*, and here it is 1"):
        check(path, env(4, 1), "here")
