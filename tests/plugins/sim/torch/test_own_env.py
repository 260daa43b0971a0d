"""Environments of a user's own: the README's, and each way to get one wrong, told before anything trains."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from torch_envs import make

import eureka_torch
from eureka.errors import ConfigError

README = Path(__file__).parents[4] / "plugins/sim/torch/README.md"


def refused(env, **options):
    with pytest.raises(ConfigError) as caught:
        make(env, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_the_environment_in_the_readme_runs(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    (tmp_path / "mass.py").write_text(code)
    env = make(f"{tmp_path}/mass.py:Mass", 2, {"distance": "distance"})
    begun = env.reset([0, 1])
    for _ in range(3):
        step = env.step(np.sign(-begun.observations[:, :1]))
    assert (step.values["distance"] < begun.values["distance"]).all()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("draw.uniform(size=2)", "draw.uniform(size=2)[:3]", "reset returned (3, 2) as 'start' for 64 rows; expected a tensor (64, …)"),
        ('return {"clock": torch.zeros(draw.num_rows)', 'return None and {"clock": 0', "reset returned None; expected the state, a dict"),
        (', "start": state["start"]}\n\n    def o', "}\n\n    def o", "other state than reset: start was float32 (64, 2) and is missing"),
        ('state["clock"] + 1.0', 'state["clock"].double()', "clock was float32 (64,) and is float64 (64,)"),
        ('state["clock"] + 1.0', 'state["clock"].add_(1.0)', "step writes to its argument state['clock']; compute a new tensor, or"),
        ('state["clock"] + 1.0', 'state["time"] + 1.0', "own.py:22: KeyError: 'time'"),
        ('state["clock"][:, None], state["start"]', 'state["start"],', "observe is float32 (64, 2) for 64 rows; expected float32 (64, 3)"),
        ('state["clock"] >= self.last', 'state["clock"]', "terminated is float32 (64,) for 64 rows; expected bool (64,)"),
        ("10.0 * state", "0.0 / (state", "own.py:34: SyntaxError"),
        ('10.0 * state["clock"] + actions[:, 0]', "7.0", "native is of type float; expected a tensor of shape (64,)"),
        ('10.0 * state["clock"] + actions[:, 0]', 'state["clock"] / 0.0', "native is not finite after a reset or a first step"),
        ('{"clock": state["clock"], "s', '{"length": state["clock"], "s', "tells 'length'; a name is an identifier other than obs, action"),
        ("box(3)", "None", "observation_space is None; expected a float32 vector, such as eureka_torch.box(4, -1.0, 1.0)"),
        ("    def observe", "    def see", "does not define observe; a TorchEnv needs reset, step and observe"),
        ("self.last = last", "self.last = lost", "could not be made: own.py:16: NameError"),
        ("import torch\n", "import torch_of_mine\n", "It needs the module torch_of_mine: pip install torch_of_mine"),
    ],
)
def test_a_broken_method_is_told_with_what_was_expected(written, monkeypatch, tmp_path, old, new, words):
    monkeypatch.chdir(tmp_path)
    message = refused(written((old, new)))
    assert message.startswith("sim.env: own.py") and words in message


def test_a_wrong_name_argument_or_file_is_told_with_what_is_valid(counter, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert refused(counter.replace(":Counter", ":Conter")) == (
        'sim.env: counter.py:Conter is no subclass of eureka_torch.TorchEnv; did you mean "Counter"? There: Counter.'
    )
    assert "counter.py names no class; write FILE.py:Class. There: Counter." in refused(counter.removesuffix(":Counter"))
    assert refused("Counter") == "sim.env: Counter is not of the form FILE.py:Class or module:Class."
    assert "missing.py" in refused(f"{tmp_path}/missing.py:Counter")
    assert "no_such_module: No module named" in refused("no_such_module:Counter")
    assert "eureka_torch:TorchSim is no subclass of eureka_torch.TorchEnv" in refused("eureka_torch:TorchSim")
    message = refused(counter, kwargs={"lst": 3})
    assert message.startswith("sim.kwargs: counter.py:Counter does not accept {'lst': 3}") and message.endswith("Valid: last.")


def test_a_class_of_an_installed_module_can_be_named(monkeypatch, counter):
    path = Path(counter.rpartition(":")[0])
    monkeypatch.syspath_prepend(str(path.parent))
    assert make("counter:Counter", 3).num_envs == 3


def test_the_package_offers_what_an_environment_is_written_with():
    assert all(getattr(eureka_torch, name) is not None for name in eureka_torch.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Tensor'"):
        _ = eureka_torch.Tensor
