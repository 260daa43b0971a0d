"""`torch_compile`: the policy's networks, compiled in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import torch._dynamo
from stable_baselines3.common.policies import BasePolicy
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor

from eureka.errors import ConfigError


def compile_networks(policy: BasePolicy) -> None:
    """Compile every stack of layers and features extractor; names and values of parameters stay.

    A first observation goes through at once, so that a compiler that is missing shows here. Raises ConfigError then.
    """
    # All networks share the code below, and torch counts sizes of batches and gradient modes per code.
    torch._dynamo.config.recompile_limit = 256
    for module in _networks(policy):
        _compile(module)
    observation = policy.observation_space.sample()
    try:
        with torch.random.fork_rng(devices=[]):
            policy.predict(observation, deterministic=True)
    except Exception as error:
        text = " ".join(f"{type(error).__name__}: {error}".split())
        raise ConfigError(
            f"trainer.torch_compile: torch cannot compile here ({text[:300]}). "
            "Install a C++ compiler and Python's headers, or set it to false."
        ) from None


def _compile(module: torch.nn.Module) -> None:
    forward = module.forward

    def called(batch: Any) -> Any:
        return forward(batch)

    # A function of ours around it, because torch leaves frames of its own layers alone. Each size of batch is compiled for itself:
    # what is computed must not depend on the sizes that came before.
    module.forward = torch.compile(called, dynamic=False)


def _networks(module: torch.nn.Module) -> Iterator[torch.nn.Module]:
    """The outermost modules that policies call with one batch, where they have parameters."""
    if isinstance(module, BaseFeaturesExtractor | torch.nn.Sequential):
        if any(True for _ in module.parameters()):
            yield module
        return
    for child in module.children():
        yield from _networks(child)
