"""What goes wrong is one trial's failure, or one clear error before anything is spent."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from pydantic import ValidationError
from safetensors import safe_open
from safetensors.numpy import save_file

from eureka.config_loading import load_config
from eureka.errors import ConfigError, EurekaError
from eureka.hookspecs import TrainingRequest
from eureka.spaces import Box, Discrete, Part
from eureka.training import LoadRequest
from eureka.user_files import hashes
from eureka_population import PopulationTrainer

linux = pytest.mark.skipif(sys.platform != "linux", reason="reward processes need Linux")
SEEN, DONE = Box(shape=(2,), low=(-np.inf,) * 2, high=(np.inf,) * 2, dtype="float64"), Discrete(n=3, start=1)
NET = {"net_arch": (16,)}


def trainer(**options):
    return PopulationTrainer(PopulationTrainer.Options(**options))


def check(observations=SEEN, actions=DONE, steps=10**6, **options):
    return trainer(**options).eureka_check_training(TrainingRequest(observations, actions, steps))


def load(directory, observations=SEEN, actions=DONE):
    return trainer().eureka_load_policy(LoadRequest(directory, observations, actions))


@pytest.fixture
def checkpoint(lab):
    """A trained policy of the point task."""
    lab.train({"a": "fitness"}, end=64, normalize_observations=True)
    return lab.directory(1, "a") / "checkpoint"


@linux
@pytest.mark.parametrize("options", [{}, {"normalize_rewards": True}, {"batch_size": 64, "n_epochs": 1}], ids=str)
@pytest.mark.parametrize("actions", ["discrete", "box"])
@pytest.mark.filterwarnings("error")
def test_a_reward_that_makes_training_diverge_fails_alone_and_is_told_how_large_it_was(lab, rewards, actions, options):
    trained = lab.train({id_: rewards[id_] for id_ in ("huge", "near", "large")}, sim={"actions": actions}, end=192, **options)
    assert trained["near"].result.status == "ok"
    assert trained["huge"].result.error.code == "non_finite"
    assert "training diverged: rewards of up to" in trained["huge"].result.error.message
    assert "e+300" in trained["huge"].result.error.message or "e+299" in trained["huge"].result.error.message
    if not options.get("normalize_rewards"):  # which makes what float32 cannot hold as good as any other
        assert trained["large"].result.error.code == "non_finite" and "e+39" in trained["large"].result.error.message


@linux
def test_a_reward_that_breaks_in_the_third_rollout_says_where_and_the_others_train_on(lab, rewards):
    trained = lab.train({"bad": rewards["fails"], "good": rewards["near"]})
    bad = trained["bad"].result
    assert (bad.status, bad.error.line, bad.reached) == ("failed", 7, 192)
    assert "IndexError" in bad.error.message
    assert (trained["good"].result.status, trained["good"].result.reached) == ("ok", 384)


def test_a_loaded_policy_acts_exactly_as_the_one_that_was_kept(checkpoint, tmp_path):
    policy, again = load(checkpoint), tmp_path / "again"
    observations = np.random.default_rng(0).normal(0, 3, (50, 2))
    again.mkdir()
    policy.save(again)
    np.testing.assert_array_equal(load(again).act(observations), policy.act(observations))
    assert (again / "policy.safetensors").read_bytes() == (checkpoint / "policy.safetensors").read_bytes()
    assert set(policy.act(observations)) <= {1, 2, 3} and len(set(policy.act(observations))) > 1
    one = np.concatenate([policy.act(row[None]) for row in observations])
    np.testing.assert_array_equal(one, policy.act(observations))


def test_a_policy_of_other_spaces_or_of_another_version_or_damaged_is_refused_by_name(checkpoint):
    file = checkpoint / "policy.safetensors"
    with pytest.raises(EurekaError, match=r"policy.safetensors: its actor takes 2 numbers and gives 3, but here they are 2 and 4"):
        load(checkpoint, actions=Discrete(n=4))
    with pytest.raises(EurekaError, match=r"takes 2 numbers and gives 3, but here they are 5 and 3"):
        load(checkpoint, observations=Box(shape=(5,), low=(-1.0,), high=(1.0,)))
    whole = file.read_bytes()
    with safe_open(file, "numpy") as opened:
        arrays, metadata = {name: opened.get_tensor(name) for name in opened.keys()}, opened.metadata()  # noqa: SIM118
    save_file(arrays, file, {"population": metadata["population"].replace('"format": 1', '"format": 7')})
    with pytest.raises(EurekaError, match=r"format 7 is not 1, which this eureka-plugin-population reads"):
        load(checkpoint)
    save_file(arrays, file, {"population": "{}"})
    with pytest.raises(EurekaError, match=r"policy.safetensors: is no policy of trainer population"):
        load(checkpoint)
    save_file({name: array for name, array in arrays.items() if name != "critic.1.biases"}, file, metadata)
    with pytest.raises(EurekaError, match=r"critic.1.biases do not fit the networks that it describes; the file is damaged"):
        load(checkpoint)
    for damaged in (whole[: len(whole) // 2], b"", b"\xff" * 50):
        file.write_bytes(damaged)
        with pytest.raises(EurekaError, match=r"policy.safetensors: is no policy of trainer population"):
            load(checkpoint)


def test_a_warm_start_begins_with_that_policy_and_its_normalisation(lab, checkpoint):
    options = {"normalize_observations": True, "warm_start": str(checkpoint)}
    lab.train({"b": "fitness"}, end=64, learning_rate=1e-30, **options)
    from safetensors.numpy import load_file

    before, after = load_file(checkpoint / "policy.safetensors"), load_file(lab.directory(2, "b") / "checkpoint" / "policy.safetensors")
    for name in before:
        if name.startswith(("actor", "critic")):
            np.testing.assert_array_equal(after[name], before[name])
    assert after["observations.count"] == before["observations.count"] + 68  # what was seen at the reset, and 16 steps of 4 rows


def test_a_warm_start_that_does_not_fit_is_found_out_before_anything_is_spent(checkpoint, tmp_path):
    warm = {"warm_start": checkpoint, "normalize_observations": True}
    assert check(**NET, **warm) == []
    ours, theirs = r"net_arch: {pi: \[16\], vf: \[16\]}, activation: tanh", r"net_arch: {pi: \[64\], vf: \[16\]}, activation: relu"
    with pytest.raises(ConfigError, match=rf"trainer.warm_start: .*policy.safetensors is of {ours}.* and the options here give {theirs}"):
        check(net_arch={"pi": (64,), "vf": (16,)}, activation="relu", **warm)
    with pytest.raises(ConfigError, match=r"normalize_observations: true, and the options here give .*normalize_observations: false"):
        check(**NET, warm_start=checkpoint)
    with pytest.raises(ConfigError, match=r"trainer.warm_start: .*its actor takes 2 numbers"):
        check(actions=Discrete(n=9), **NET, **warm)
    other = tmp_path / "of-another-trainer"
    other.mkdir()
    (other / "policy.npz").write_bytes(b"PK")
    for path in (other, other / "policy.npz"):
        with pytest.raises(ConfigError, match=r"is no policy of trainer population .* Name a checkpoint of this trainer"):
            check(**NET, warm_start=path)


def test_a_warm_start_is_relative_to_its_config_must_be_there_and_its_file_belongs_to_the_run(checkpoint, tmp_path):
    config = tmp_path / "config.yaml"
    text = "task: cartpole\ngenerator: symbolic\nsearch: {iterations: 1, samples: 2}\ntrainer: {use: population, warm_start: %s}\n"
    config.write_text(text % checkpoint.relative_to(tmp_path))
    file = checkpoint / "policy.safetensors"
    loaded = load_config(str(config))
    assert loaded.trainer.options["warm_start"] == str(file)
    before = hashes(loaded)[str(file)]
    file.write_bytes(b"another")
    assert hashes(loaded)[str(file)] != before
    config.write_text(text % "nowhere")
    with pytest.raises(ConfigError, match=r"trainer.warm_start: .*nowhere"):
        load_config(str(config))


def test_environments_it_has_no_networks_for_name_the_way_out():
    pixels = Box(shape=(36, 40, 3), low=(0.0,), high=(255.0,), dtype="uint8")
    with pytest.raises(ConfigError, match=r"no networks for images.* uint8 with shape \(36, 40, 3\). Use trainer: sb3"):
        check(pixels)
    camera = Box(shape=(7,), low=(0.0,), high=(1.0,), parts=(Part(key="camera", start=0, stop=4, shape=(2, 2), image=True),))
    with pytest.raises(ConfigError, match=r"entries camera are of uint8"):
        check(camera)
    with pytest.raises(ConfigError, match=r"observations that are arrays of numbers; this environment's are discrete. .*wrappers"):
        check(Discrete(n=5))


def test_a_rollout_too_large_for_the_budget_is_warned_of():
    assert check(steps=163_840) == []
    (line,) = check(steps=10_000)
    assert "n_steps × num_envs = 16,384 environment steps between two updates, of 10,000 in training.steps" in line


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rat": 1e-3}, "learning_rat"),
        ({"gamma": 1.5}, "gamma"),
        ({"activation": "gelu"}, "tanh"),
        ({"net_arch": (64, 0)}, "net_arch"),
        ({"n_steps": 32, "num_envs": 8, "batch_size": 100}, "does not divide n_steps × num_envs = 32 × 8 = 256; choose a factor"),
    ],
)
def test_options_reject_what_is_not_valid(options, message):
    with pytest.raises(ValidationError, match=message):
        PopulationTrainer.Options(**options)


def test_every_option_is_described():
    assert all(field.description for field in PopulationTrainer.Options.model_fields.values())
