"""PPO's update in torch, float64: autograd, `torch.optim.Adam` and `clip_grad_norm_`, for the kernels to be held against."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch.distributions import Categorical, Normal

from eureka.spaces import Box, Discrete, MultiDiscrete
from eureka_population.kernels.update import update
from eureka_population.network import Network, network
from eureka_population.spaces import actions

SPACES = {
    "discrete": Discrete(n=3),
    "multi-discrete": MultiDiscrete(nvec=(2, 4, 3)),
    "continuous": Box(shape=(2,), low=(-1.0, -1.0), high=(1.0, 1.0)),
}
INPUTS = 5


class Settings(NamedTuple):
    """What an update depends on besides its data; 0 stands for none of clip_range_vf and target_kl."""

    clip_range: float = 0.2
    clip_range_vf: float = 0.0
    normalize_advantage: bool = True
    ent_coef: float = 0.0
    vf_coef: float = 0.5
    learning_rate: float = 1e-2  # steps large enough for a difference of theirs to be seen beside the parameters
    max_grad_norm: float = 0.5
    target_kl: float = 0.0
    batch_size: int = 40


class Case:
    """Networks with weights and biases drawn at random, and a rollout of `count` rows by a policy a little beside theirs.

    adam_steps: how many Adam made before; where it made any, its moments are drawn, too.
    """

    def __init__(
        self,
        kind: str,
        activation: str = "tanh",
        widths=((16, 16), (16, 16)),
        count: int = 120,
        epochs: int = 3,
        seed: int = 0,
        adam_steps: int = 0,
    ):
        self.network = network(widths, activation, INPUTS, actions(SPACES[kind]))
        rng = np.random.default_rng(seed)
        self.parameters = self.network.initial(rng) + rng.normal(0, 0.2, self.network.size).astype(np.float32)
        outputs = self.network.actions
        seen = rng.normal(0, 1, (count, INPUTS)).astype(np.float32)
        if outputs.choices:
            acted = np.stack([rng.integers(n, size=count) for n in outputs.choices], axis=1).astype(np.float32)
        else:
            acted = rng.normal(0, 1, (count, outputs.width)).astype(np.float32)
        exact, value, _ = evaluate(self.network, torch_parameters(self.network, self.parameters), seen, acted)
        drawn = rng.normal(0, 1, (3, count))
        self.rollout = tuple(
            np.ascontiguousarray(array, np.float32)
            for array in (
                seen,
                acted,
                exact.detach().numpy() + 0.2 * drawn[0],
                2 * drawn[1] + 0.5,
                3 * drawn[2],
                value.detach().numpy() + 0.3 * drawn[0],
            )
        )
        self.order = rng.permuted(np.broadcast_to(np.arange(count), (epochs, count)), axis=1)
        self.adam_steps = adam_steps
        self.moments = np.zeros((2, self.network.size), np.float32)
        if adam_steps:
            slopes = rng.normal(0, 0.05, (adam_steps, self.network.size))
            self.moments[0] = (1 - 0.9**adam_steps) * slopes.mean(axis=0)  # as small as they still are after a few steps
            self.moments[1] = (1 - 0.999**adam_steps) * np.square(slopes).mean(axis=0)

    def kernel_arguments(self, settings: Settings):
        """How a trainer calls both kernels: the networks, the data, and the settings of the gradient alone."""
        net, s = self.network, settings
        small = (
            np.float32(s.clip_range),
            np.float32(s.clip_range_vf),
            s.normalize_advantage,
            np.float32(s.ent_coef),
            np.float32(s.vf_coef),
        )
        networks = (np.array(net.actor), np.array(net.critic), net.activation == "relu", np.array(net.actions.choices, np.int64))
        return networks, self.rollout, small

    def update(self, settings: Settings):
        """The kernel's. Parameters, Adam's moments (2, P), steps made."""
        networks, rollout, small = self.kernel_arguments(settings)
        parameters, moments, s = self.parameters.copy(), self.moments.copy(), settings
        rest = (rollout, self.order, s.batch_size, small, s.learning_rate, s.max_grad_norm, s.target_kl)
        return parameters, moments, update(parameters, moments, self.adam_steps, *networks, *rest)

    def reference(self, settings: Settings):
        """torch's: named parameters, named moments, steps made."""
        named = torch_parameters(self.network, self.parameters)
        optimiser = torch.optim.Adam(named.values(), lr=settings.learning_rate, eps=1e-5)
        kept = ("exp_avg", "exp_avg_sq")
        before = [torch_parameters(self.network, row) for row in self.moments]
        for name, p in named.items():
            optimiser.state[p] = {which: row[name].detach() for which, row in zip(kept, before, strict=True)}
            optimiser.state[p]["step"] = torch.tensor(float(self.adam_steps))
        steps = self.adam_steps
        for picked in self.order.reshape(-1, settings.batch_size):
            divergence = slope(self.network, named, [array[picked] for array in self.rollout], settings)
            if settings.target_kl and divergence > 1.5 * settings.target_kl:
                break
            torch.nn.utils.clip_grad_norm_(named.values(), settings.max_grad_norm)
            optimiser.step()
            steps += 1
        moments = [{name: optimiser.state[p][which].numpy() for name, p in named.items()} for which in kept]
        return {name: p.detach().numpy() for name, p in named.items()}, moments, steps


def torch_parameters(net: Network, row: np.ndarray) -> dict[str, torch.Tensor]:
    """The row's arrays as leaves of autograd, float64."""
    return {name: torch.tensor(array, dtype=torch.float64, requires_grad=True) for name, array in net.arrays(row).items()}


def evaluate(net: Network, named: dict[str, torch.Tensor], seen: np.ndarray, acted: np.ndarray):
    """Log probability of each action, value of each state, and entropy there: (B,) each."""
    actor, critic = _forward(net, named, "actor", seen), _forward(net, named, "critic", seen)[:, 0]
    acted = torch.tensor(acted, dtype=torch.float64)
    if net.actions.choices:
        heads = [Categorical(logits=logits) for logits in torch.split(actor, list(net.actions.choices), dim=1)]
        log_probability = sum(head.log_prob(acted[:, j]) for j, head in enumerate(heads))
        return log_probability, critic, sum(head.entropy() for head in heads)
    normal = Normal(actor, named["log_std"].exp().expand_as(actor))
    return normal.log_prob(acted).sum(1), critic, normal.entropy().sum(1)


def slope(net: Network, named: dict[str, torch.Tensor], rows, s: Settings) -> float:
    """Leave the loss's gradient on some rows in `named`; the divergence there. The loss as stable-baselines3's `PPO.train` has it."""
    seen, acted, *rest = rows
    old, advantages, returns, expected = (torch.tensor(array, dtype=torch.float64) for array in rest)
    for parameter in named.values():
        parameter.grad = None
    log_probability, value, entropy = evaluate(net, named, seen, acted)
    if s.normalize_advantage and len(advantages) > 1:
        advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    log_ratio = log_probability - old
    ratio = log_ratio.exp()
    gain = torch.min(advantages * ratio, advantages * ratio.clamp(1 - s.clip_range, 1 + s.clip_range)).mean()
    if s.clip_range_vf:
        value = expected + (value - expected).clamp(-s.clip_range_vf, s.clip_range_vf)
    loss = -gain - s.ent_coef * entropy.mean() + s.vf_coef * torch.nn.functional.mse_loss(returns, value)
    loss.backward()
    return float((ratio - 1 - log_ratio).mean().detach())


def _forward(net: Network, named: dict[str, torch.Tensor], which: str, seen: np.ndarray) -> torch.Tensor:
    x = torch.tensor(seen, dtype=torch.float64)
    layers = len(list(pairwise(getattr(net, which))))
    for layer in range(layers):
        x = x @ named[f"{which}.{layer}.weights"] + named[f"{which}.{layer}.biases"]
        if layer < layers - 1:
            x = x.tanh() if net.activation == "tanh" else x.relu()
    return x
