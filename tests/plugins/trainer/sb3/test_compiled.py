"""`torch_compile` compiles the networks policies are made of, and says so at once where it cannot."""

from __future__ import annotations

from functools import partial

import pytest
import torch

from eureka.errors import ConfigError


@pytest.fixture
def compile_with(monkeypatch):
    """torch traces the networks as ever and hands them to a backend of the test's, so that no C++ compiler is needed."""
    original = torch.compile
    torch.compiler.reset()
    yield lambda backend: monkeypatch.setattr(torch, "compile", partial(original, backend=backend))
    torch.compiler.reset()


@pytest.mark.parametrize(("algorithm", "networks"), [("PPO", 2), ("SAC", 5), ("DQN", 2)])
def test_the_compiled_networks_train_as_the_others_do(sb3, compile_with, algorithm, networks):
    graphs = []

    def backend(graph, inputs):
        graphs.append(str(graph.graph))
        return graph.forward

    plain = sb3.train(steps=128, algorithm=algorithm)
    compile_with(backend)
    compiled = sb3.train(steps=128, algorithm=algorithm, torch_compile=True)
    assert compiled.updates["a"] == plain.updates["a"]
    assert sum("linear" in graph for graph in graphs) >= networks


def test_a_compiler_that_is_missing_is_one_clear_error(sb3, compile_with):
    def backend(graph, inputs):
        raise RuntimeError("no working C++ compiler")

    compile_with(backend)
    with pytest.raises(ConfigError, match=r"trainer.torch_compile: .*no working C\+\+ compiler.* set it to false"):
        sb3.train(torch_compile=True)
