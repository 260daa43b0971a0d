"""Which policy class acts for these options in this environment, with which arguments, and what it sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from stable_baselines3 import DDPG, DQN, PPO, SAC, TD3
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.policies import BasePolicy

from eureka.errors import ConfigError
from eureka.spaces import Box, Space
from eureka_sb3.algorithms import ACTIONS, Algorithm
from eureka_sb3.classes import load_class, with_classes
from eureka_sb3.images import is_image, is_pixels
from eureka_sb3.options import POLICIES, Options
from eureka_sb3.spaces import View, view

CLASSES: dict[str, type[BaseAlgorithm]] = {"PPO": PPO, "SAC": SAC, "TD3": TD3, "DDPG": DDPG, "DQN": DQN}


VALUE = ("mlp_extractor.value_net.", "value_net.", "vf_features_extractor.", "critic.", "critic_target.")
"""How the names of a value function's parameters begin; of DQN, whose policy it is, none."""


@dataclass(frozen=True, slots=True)
class Network:
    """A policy network to be, as a checkpoint describes it.

    policy: a name the library knows, or a class path. arguments: of its constructor, as JSON: classes as paths.
    use_sde: it explores state-dependently, which the library hands to it by itself.
    """

    algorithm: Algorithm
    policy: str
    arguments: dict[str, Any]
    use_sde: bool = False

    @property
    def custom(self) -> bool:
        """The policy's class is the user's own."""
        return self.policy not in POLICIES

    def policy_class(self) -> type[BasePolicy]:
        """Raises ConfigError for a class that cannot be loaded or is no policy."""
        if not self.custom:
            known: type[BasePolicy] = CLASSES[self.algorithm].policy_aliases[self.policy]
            return known
        found = load_class(self.policy, "trainer.policy")
        base = CLASSES[self.algorithm].policy_aliases["MlpPolicy"]
        if not (isinstance(found, type) and issubclass(found, BasePolicy)):
            raise ConfigError(
                f"trainer.policy: {self.policy} is no policy class; {self.algorithm} takes subclasses of {base.__module__}.{base.__name__}."
            )
        return found

    def keywords(self) -> dict[str, Any]:
        """The constructor's keywords. Raises ConfigError for a class that cannot be loaded."""
        keywords: dict[str, Any] = with_classes(self.arguments)
        return keywords

    def view(self, space: Space) -> View:
        """What it sees of the environment's observations. Raises ConfigError where the policy cannot read them."""
        parts = space.parts if isinstance(space, Box) else ()
        if self.policy == "CnnPolicy" and not is_pixels(space):
            raise ConfigError(
                f"trainer.policy: CnnPolicy reads images, uint8 from 0 to 255 of at least 36 × 36; the observations are {_words(space)}. "
                "Use auto or MlpPolicy."
            )
        if self.policy == "MultiInputPolicy" and not parts:
            raise ConfigError(
                f"trainer.policy: MultiInputPolicy reads Dict or Tuple observations; these are {_words(space)}. Use auto or MlpPolicy."
            )
        if not parts or self.policy == "MlpPolicy":
            return view(space, by_parts=False)
        several = CLASSES[self.algorithm].policy_aliases["MultiInputPolicy"]
        return view(space, by_parts=any(map(is_image, parts)) or issubclass(self.policy_class(), several))


def value_parameters(module: BasePolicy) -> dict[str, torch.Tensor]:
    """Parameters and buffers of the value function alone, critics and their targets; those it shares with the policy are not among them."""
    tensors = module.state_dict()
    acting = {tensor.data_ptr() for name, tensor in tensors.items() if not name.startswith(VALUE)}
    return {name: tensor for name, tensor in tensors.items() if name.startswith(VALUE) and tensor.data_ptr() not in acting}


def network(options: Options, observation_space: Space, action_space: Space) -> Network:
    """The network for these options. Raises ConfigError where the algorithm cannot act in the environment."""
    if action_space.type not in ACTIONS[options.algorithm]:
        able = ", ".join(name for name, types in ACTIONS.items() if action_space.type in types)
        raise ConfigError(
            f"trainer.algorithm: {options.algorithm} cannot act in {_words(action_space)} actions; these algorithms can: {able}."
        )
    arguments = dict(options.policy_kwargs)
    if options.net_arch is not None:
        arch = options.net_arch
        arguments["net_arch"] = {key: list(widths) for key, widths in arch.items()} if isinstance(arch, dict) else list(arch)
    if options.activation is not None:
        arguments["activation_fn"] = {"tanh": "torch.nn:Tanh", "relu": "torch.nn:ReLU"}[options.activation]
    return Network(options.algorithm, _policy(options.policy, observation_space), arguments, options.use_sde)


def _policy(asked: str, space: Space) -> str:
    if asked != "auto":
        return asked
    if is_pixels(space):
        return "CnnPolicy"
    return "MultiInputPolicy" if isinstance(space, Box) and any(map(is_image, space.parts)) else "MlpPolicy"


def _words(space: Space) -> str:
    name = {"box": "Box", "discrete": "Discrete", "multi_discrete": "MultiDiscrete"}[space.type]
    return f"{name} {space.dtype} {list(space.shape)}" if isinstance(space, Box) else name
