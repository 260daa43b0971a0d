"""`device: cuda`, as far as it can be proved without a GPU: on torch's device `meta`, whose tensors go with no others and hold nothing."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from eureka.cli import main as cli
from eureka.config import load_config
from eureka.env import EnvRequest
from eureka.errors import ConfigError
from eureka.user_code import load_file
from eureka_torch import TorchSim
from eureka_torch.batch import TorchBatch
from eureka_torch.loading import load_class
from eureka_torch.sources import Sources
from eureka_torch.trial import variable_names

shared = sys.modules["torch_envs"]
WITHOUT_GPU = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")


@pytest.mark.parametrize("name", shared.TASKS)
def test_shipped_environments_and_rewards_stay_on_the_device_of_their_rows(name, monkeypatch):
    task, env, n = load_config(name).task, shared.bare(name), 100
    names = variable_names(env, task.sim.options["env"])
    given = {}

    def array(self, tensor):
        assert tensor.device.type == "meta"
        return np.zeros((n, *tensor.shape[1:]))

    monkeypatch.setattr(TorchBatch, "_array", array)
    # How many rows ended is nothing such a tensor knows: three of them.
    monkeypatch.setattr(torch, "nonzero", lambda ended: torch.zeros((3, 1), dtype=torch.int64, device=ended.device))
    batch = TorchBatch(env, n, Sources(shared.sources_of(name), env.observation_space.shape[0], names), 10, "meta")
    batch.reset(range(n))
    step = batch.step(np.zeros((n, env.action_space.shape[0])), np.ones(n, bool))
    assert {tensor.device.type for tensor in batch._state.values()} == {"meta"}
    for key, array in {**step.values, "action": step.actions, "terminated": step.terminated}.items():
        given[key] = given[f"prev_{key}"] = torch.zeros(array.shape, device="meta")
    human = load_file(Path(task.human)).compute_reward
    total, parts = human(**{key: given[key] for key in inspect.signature(human).parameters})
    assert {tensor.device.type for tensor in (total, *parts.values())} == {"meta"}


def test_an_environment_that_makes_tensors_elsewhere_is_told_which_method_does(written):
    path = written()
    with pytest.raises(ConfigError) as told:
        variable_names(load_class(path)(), path, "meta")
    assert "Counter.reset returned 'clock' on cpu, where it was given tensors on meta; make new ones like those" in str(told.value)


@WITHOUT_GPU
def test_a_gpu_that_is_not_there_is_told_before_anything_is_spent(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(
        ConfigError, match=r"sim.device: cuda:1: torch finds no CUDA GPU here.* Use cpu; `eureka doctor` says what it sees."
    ):
        options = load_config("torch_cartpole").task.sim.options
        TorchSim(TorchSim.Options(**options | {"device": "cuda:1"})).eureka_make_env(EnvRequest(None, 1, {}))
    with pytest.raises(SystemExit) as ended:
        cli(["run", "torch_cartpole", "--set", "task.sim.device=cuda", "--run-dir", str(tmp_path / "run")])
    told = capsys.readouterr().err
    assert ended.value.code == 2 and "task.sim.device: cuda: torch finds no CUDA GPU here" in told and not (tmp_path / "run").exists()


def test_another_device_is_refused_where_it_is_written():
    with pytest.raises(ConfigError, match=r'task.sim.device: "gpu" is not cpu, cuda or cuda:NUMBER'):
        load_config("torch_cartpole", ["task.sim.device=gpu"])


def test_confinement_is_refused_on_a_gpu_and_meant_where_a_model_writes():
    with pytest.raises(ConfigError, match=r'isolation: require cannot be kept by sim "torch" with these options.*isolation=best-effort'):
        load_config("torch_cartpole", ["task.sim.device=cuda", "isolation=require"])
    model = ["generator=llm", "llm=manual"]
    with pytest.raises(ConfigError, match="isolation: require cannot be kept"):
        load_config("torch_cartpole", ["task.sim.device=cuda", *model])
    assert load_config("torch_cartpole", ["task.sim.device=cuda", "isolation=best-effort", *model]).isolation == "best-effort"
    assert load_config("torch_cartpole", ["task.sim.device=cuda"]).isolation == "best-effort"  # rewards of the designer's own
    assert load_config("torch_cartpole", ["isolation=require"]).isolation == "require"
