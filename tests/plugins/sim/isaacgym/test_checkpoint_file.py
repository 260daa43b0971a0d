"""rl_games' checkpoints, read as data."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from eureka_isaacgym.isaac_worker.checkpoint_file import read
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
        restore(SimpleNamespace(last_lr=0.1), str(tmp_path / "hostile.pth"), keep_learning_rate=False)


def test_a_file_of_something_else_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("no checkpoint")
    with pytest.raises(Usage, match=r"trainer.load_checkpoint: .*text.pth is no checkpoint of rl_games"):
        read(str(tmp_path / "text.pth"), "trainer.load_checkpoint")
