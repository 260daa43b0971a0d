"""`params.config.torch_compile` is off unless asked for, compiles the model in place, and a missing compiler is told at once."""

from __future__ import annotations

from functools import partial

import pytest
import torch

from eureka.errors import ConfigError
from eureka.hookspecs import TrainingRequest
from eureka.spaces import Box, Discrete
from eureka_rl_games import RLGamesTrainer


@pytest.fixture
def compile_with(monkeypatch):
    """torch traces the model as ever and hands it to a backend of the test's, so that no C++ compiler is needed."""
    original = torch.compile
    torch.compiler.reset()
    yield lambda backend: monkeypatch.setattr(torch, "compile", partial(original, backend=backend))
    torch.compiler.reset()


@pytest.mark.slow
def test_the_compiled_model_trains_and_its_parameters_keep_their_names(rl_games, compile_with):
    graphs = []

    def backend(graph, inputs):
        graphs.append(str(graph.graph))
        return graph.forward

    compile_with(backend)
    plain = rl_games.train(steps=32, env={"actions": "box"})
    assert not graphs
    compiled = rl_games.train(steps=32, env={"actions": "box"}, config={"torch_compile": True})
    assert any("linear" in graph for graph in graphs)
    assert list(compiled.updates["a"][0][1]) == list(plain.updates["a"][0][1])


def test_a_compiler_that_is_missing_is_one_clear_error(compile_with):
    def backend(graph, inputs):
        raise RuntimeError("no working C++ compiler")

    compile_with(backend)
    request = TrainingRequest(Box(shape=(3,), low=(-1.0,), high=(1.0,)), Discrete(n=2), steps=10_000)
    trainer = RLGamesTrainer(RLGamesTrainer.Options(num_envs=4, params={"config": {"torch_compile": True}}))
    with pytest.raises(ConfigError, match=r"trainer.params: .*no working C\+\+ compiler"):
        trainer.eureka_check_training(request)
