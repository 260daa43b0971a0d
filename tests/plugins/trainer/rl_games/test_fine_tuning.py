"""`load_checkpoint`: begin with what rl_games trained before, here or elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from eureka.errors import ConfigError

ADAPTIVE = {"lr_schedule": "adaptive", "kl_threshold": 1e-9}  # every update lowers the learning rate


def optimiser(file):
    return torch.load(file, weights_only=True)["optimizer"]


def learning_rates(tools, steps):
    return [float(line.split(",")[7]) for line in (tools.checkpoint("a", steps) / "rl_games.csv").read_text().splitlines()[1:]]


def test_goes_on_with_weights_normalisers_and_optimiser_from_epoch_1_with_the_configs_learning_rate(rl_games):
    before = rl_games.train(steps=96, config=ADAPTIVE)
    file = before.checkpoint("a", 96) / "rl_games.pth"
    tuned = rl_games.train(steps=32, config={"lr_schedule": None, "learning_rate": 0.0, "mini_epochs": 1}, load_checkpoint=file)
    old, new = (torch.load(path, weights_only=True) for path in (file, tuned.checkpoint("a", 32) / "rl_games.pth"))
    assert (old["epoch"], new["epoch"], new["frame"]) == (3, 1, 32)
    # A learning rate of 0 leaves the weights as they were loaded; normalisers and optimiser go on counting.
    weights = {name for name in old["model"] if not name.endswith(("running_mean", "running_var", "count"))}
    assert weights and all(torch.equal(old["model"][name], new["model"][name]) for name in weights)
    assert new["model"]["running_mean_std.count"] == old["model"]["running_mean_std.count"] + 32
    assert new["optimizer"]["state"][0]["step"] == old["optimizer"]["state"][0]["step"] + 2


def test_the_learning_rate_it_ended_with_is_kept_where_that_is_asked_for(rl_games):
    before = rl_games.train(steps=96, config=ADAPTIVE)
    file = before.checkpoint("a", 96) / "rl_games.pth"
    ended = learning_rates(before, 96)[-1]
    assert ended < 1e-3
    kept = rl_games.train(steps=32, config={"lr_schedule": None}, load_checkpoint=file, keep_learning_rate=True)
    reset = rl_games.train(steps=32, config={"lr_schedule": None}, load_checkpoint=file)
    assert (learning_rates(kept, 32), learning_rates(reset, 32)) == ([ended], [3e-3])
    assert optimiser(kept.checkpoint("a", 32) / "rl_games.pth")["param_groups"][0]["lr"] == ended


def test_only_the_first_segment_begins_there(rl_games):
    file = rl_games.train(steps=32).checkpoint("a", 32) / "rl_games.pth"
    whole = rl_games.train(steps=64, load_checkpoint=file)
    first = rl_games.train(steps=32, total=64, load_checkpoint=file)
    second = rl_games.train(start=32, steps=64, total=64, segment=32, starts=first.states, load_checkpoint=file)
    assert first.updates["a"] + second.updates["a"] == whole.updates["a"]


def test_a_file_of_the_librarys_own_loop_opens_also_with_numpys_numbers_and_the_names_of_a_compiled_model(rl_games, tmp_path):
    tools = rl_games.train(steps=32)
    state = torch.load(tools.checkpoint("a", 32) / "rl_games.pth", weights_only=True)
    theirs = {**state, "last_mean_rewards": np.float32(1.5), "model": {f"_orig_mod.{key}": value for key, value in state["model"].items()}}
    torch.save(theirs, tmp_path / "theirs.pth")
    ours, same = (
        rl_games.train(steps=32, load_checkpoint=path) for path in (tools.checkpoint("a", 32) / "rl_games.pth", tmp_path / "theirs.pth")
    )
    assert ours.updates == same.updates


class Hostile:
    def __reduce__(self):
        return (exec, ("raise SystemExit('ran')",))


def test_what_cannot_be_begun_with_is_named_and_nothing_in_the_file_is_run(rl_games, tmp_path):
    file = rl_games.train(steps=32).checkpoint("a", 32) / "rl_games.pth"
    with pytest.raises(ConfigError, match=r"rl_games.pth does not fit: a2c_network.actor_mlp.0.bias, .* differ .* Set params.network"):
        rl_games.train(steps=32, load_checkpoint=file, network={"mlp": {"units": [8]}})
    torch.save({"model": {}, "optimizer": Hostile()}, tmp_path / "hostile.pth")
    with pytest.raises(ConfigError, match=r"hostile.pth: is no checkpoint .*more than numbers \(UnpicklingError: .*exec"):
        rl_games.train(steps=32, load_checkpoint=tmp_path / "hostile.pth")
    (tmp_path / "text.pth").write_text("no checkpoint")
    with pytest.raises(ConfigError, match=r"text.pth: is no checkpoint of rl_games"):
        rl_games.train(steps=32, load_checkpoint=tmp_path / "text.pth")
    with pytest.raises(ConfigError, match=r"missing.pth: no such file"):
        rl_games.train(steps=32, load_checkpoint=tmp_path / "missing.pth")
