"""The algorithms on offer, and which options each of them has with which default: the library's own names and values."""

from __future__ import annotations

from typing import Any, Literal, get_args

Algorithm = Literal["PPO", "SAC", "TD3", "DDPG", "DQN"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)

_OFF_POLICY: dict[str, Any] = {
    "buffer_size": 1_000_000,
    "learning_starts": 100,
    "batch_size": 256,
    "tau": 0.005,
    "gamma": 0.99,
    "train_freq": 1,
    "gradient_steps": 1,
    "optimize_memory_usage": False,
    "n_steps": 1,
}
_CONTINUOUS: dict[str, Any] = {**_OFF_POLICY, "action_noise": None}

LIBRARY: dict[Algorithm, dict[str, Any]] = {
    "PPO": {
        "learning_rate": 3e-4,
        "n_steps": 2048,
        "batch_size": 64,
        "n_epochs": 10,
        "gamma": 0.99,
        "gae_lambda": 0.95,
        "clip_range": 0.2,
        "clip_range_vf": None,
        "normalize_advantage": True,
        "ent_coef": 0.0,
        "vf_coef": 0.5,
        "max_grad_norm": 0.5,
        "target_kl": None,
        "use_sde": False,
        "sde_sample_freq": -1,
    },
    "SAC": {
        "learning_rate": 3e-4,
        **_CONTINUOUS,
        "ent_coef": "auto",
        "target_update_interval": 1,
        "target_entropy": "auto",
        "use_sde": False,
        "sde_sample_freq": -1,
        "use_sde_at_warmup": False,
    },
    "TD3": {"learning_rate": 1e-3, **_CONTINUOUS, "policy_delay": 2, "target_policy_noise": 0.2, "target_noise_clip": 0.5},
    "DDPG": {"learning_rate": 1e-3, **_CONTINUOUS},
    "DQN": {
        "learning_rate": 1e-4,
        **_OFF_POLICY,
        "batch_size": 32,
        "tau": 1.0,
        "train_freq": 4,
        "target_update_interval": 10000,
        "exploration_fraction": 0.1,
        "exploration_initial_eps": 1.0,
        "exploration_final_eps": 0.05,
        "max_grad_norm": 10.0,
    },
}
"""Arguments of each algorithm's constructor, with the library's defaults."""

OURS: dict[Algorithm, dict[str, Any]] = {
    name: {"num_envs": 8, "clip_range_schedule": "constant"} if name == "PPO" else {"num_envs": 1} for name in ALGORITHMS
}
"""Options beside the constructor's that only some algorithms have, or whose default differs."""

DEFAULTS: dict[Algorithm, dict[str, Any]] = {name: {**LIBRARY[name], **OURS[name]} for name in ALGORITHMS}

ACTIONS: dict[Algorithm, tuple[str, ...]] = {
    name: ("box", "discrete", "multi_discrete") if name == "PPO" else ("discrete",) if name == "DQN" else ("box",) for name in ALGORITHMS
}
"""The action spaces each algorithm can act in, as `eureka.spaces` names their types."""


def owners(option: str) -> list[Algorithm]:
    """The algorithms that have an option of `DEFAULTS`; empty for an option all of them share."""
    return [name for name in ALGORITHMS if option in DEFAULTS[name]]


def first_default(option: str) -> Any:
    """The default of the first algorithm that has the option."""
    return DEFAULTS[owners(option)[0]][option]


def who(option: str) -> str:
    """`SAC, TD3.` or `PPO 64, DQN 32.`: whose the option is, with its defaults where they differ; empty where neither needs saying."""
    has = owners(option)
    groups: dict[str, list[str]] = {}
    for name in has:
        groups.setdefault(str(DEFAULTS[name][option]), []).append(name)
    if len(groups) > 1:
        return " Default: " + ", ".join(f"{value} for {'/'.join(names)}" for value, names in groups.items()) + "."
    return "" if len(has) == len(ALGORITHMS) else f" Only {', '.join(has)}."
