"""rl_games' own YAML tree: our defaults, what a user may write over them, and what is refused by name."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from eureka.spaces import Box, Discrete, Space
from eureka.suggest import did_you_mean
from eureka.validation import show

DEFAULTS: dict[str, Any] = {
    "network": {
        "name": "actor_critic",
        "separate": False,
        "mlp": {"units": [64, 64], "activation": "elu", "initializer": {"name": "default"}},
    },
    "config": {
        "horizon_length": 16,
        "minibatch_size_per_env": 4,
        "mini_epochs": 8,
        "learning_rate": 3e-4,
        "lr_schedule": "adaptive",
        "schedule_type": "standard",
        "kl_threshold": 0.008,
        "gamma": 0.99,
        "tau": 0.95,
        "e_clip": 0.2,
        "clip_value": True,
        "critic_coef": 4.0,
        "entropy_coef": 0.0,
        "bounds_loss_coef": 1e-4,
        "truncate_grads": True,
        "grad_norm": 1.0,
        "normalize_input": True,
        "normalize_value": True,
        "normalize_advantage": True,
        "value_bootstrap": True,
        "reward_shaper": {"scale_value": 1.0},
        "torch_compile": False,
    },
}
"""What holds where the user says nothing. Algorithm, model and `network.space` follow from the actions: see `for_actions`."""

CONTINUOUS_SPACE: dict[str, Any] = {
    "mu_activation": "None",
    "sigma_activation": "None",
    "mu_init": {"name": "default"},
    "sigma_init": {"name": "const_initializer", "val": 0.0},
    "fixed_sigma": True,
}

_MORE = (
    "minibatch_size",
    "ppo",
    "weight_decay",
    "mixed_precision",
    "use_smooth_clamp",
    "bound_loss_type",
    "clip_actions",
    "schedule_entropy",
    "freeze_critic",
)
"""Keys of `config` that the library reads and that have no default here."""

_KEYS: dict[tuple[str, ...], tuple[str, ...]] = {
    (): ("algo", "model", "network", "config"),
    ("algo",): ("name",),
    ("model",): ("name",),
    ("network",): ("name", "separate", "space", "mlp", "cnn", "value_activation", "normalization"),
    ("network", "space"): ("continuous", "discrete", "multi_discrete"),
    ("network", "space", "continuous"): tuple(CONTINUOUS_SPACE),
    ("network", "mlp"): ("units", "activation", "initializer", "d2rl", "norm_only_first_layer"),
    ("config",): (*DEFAULTS["config"], *_MORE),
    ("config", "reward_shaper"): ("scale_value", "shift_value", "min_val", "max_val", "log_val"),
}
"""The valid keys of each mapping; those of others are the library's affair."""

_NAMES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("algo", "name"): ("a2c_continuous", "a2c_discrete"),
    ("model", "name"): ("continuous_a2c_logstd", "discrete_a2c", "multi_discrete_a2c"),
    ("network", "name"): ("actor_critic",),
}
"""What may be named. Of the library's other models, continuous_a2c and continuous_a2c_tanh cannot be trained in 1.6.5."""

_COUNTS = {("config", key) for key in ("horizon_length", "minibatch_size", "minibatch_size_per_env", "mini_epochs")}
"""What must be a whole number from 1 on."""

_RECURRENT = "recurrent networks are not supported, policies see one observation; give what has to be remembered to the observations"
_RUN = "the run's directory holds everything; remove it"
_KEPT = "Eureka measures the fitness and keeps the best checkpoint; remove it"
_BUDGET = "training.steps is the budget, in environment steps over all rows; remove it"
_TASK = "the task says what is trained in; remove it"
_ONE_AGENT = "one agent learns, against nobody; remove it"

_REFUSED: dict[tuple[str, ...], str] = {
    ("seed",): "Eureka seeds each training from the run's seed; remove it",
    ("load_checkpoint",): "say trainer.load_checkpoint: FILE.pth",
    ("load_path",): "say trainer.load_checkpoint: FILE.pth",
    ("torch_threads",): "each training has one thread, executor.slots is what uses more cores; remove it",
    ("network", "rnn"): _RECURRENT,
    (
        "network",
        "central_value",
    ): "a central value network needs states that policies do not see; the critic sees the observation; remove it",
    ("config", "central_value_config"): (
        "a central value network needs states that policies do not see; the critic sees the observation; remove it"
    ),
    ("config", "self_play_config"): _ONE_AGENT,
    ("config", "self_play"): _ONE_AGENT,
    ("config", "use_action_masks"): "environments have no action masks; remove it",
    ("config", "normalize_rms_advantage"): "rl_games 1.6.5 cannot build it; use normalize_advantage",
    ("config", "multi_gpu"): "a training has one device, trainer.device; remove it",
    ("config", "population_based_training"): "the search is Eureka's; remove it",
    ("config", "device"): "say trainer.device",
    ("config", "device_name"): "say trainer.device",
    ("config", "num_actors"): "say trainer.num_envs",
    ("config", "max_epochs"): _BUDGET,
    ("config", "max_frames"): _BUDGET,
    ("config", "max_steps"): _BUDGET,
    ("config", "env_name"): _TASK,
    ("config", "env_config"): _TASK,
    ("config", "env_info"): _TASK,
    ("config", "vec_env"): _TASK,
    ("config", "epochs_between_resets"): "episodes end where the task says so; remove it",
    ("config", "features"): "the observer is Eureka's; remove it",
    **{("config", key): _RUN for key in ("name", "full_experiment_name", "train_dir", "log_path", "network_path", "print_stats")},
    **{("config", key): _KEPT for key in ("save_frequency", "save_best_after", "score_to_win", "games_to_track", "player")},
    **{("config", key): _RECURRENT for key in ("seq_length", "seq_len", "bptt_length", "zero_rnn_on_done")},
}
"""What Eureka sets itself or does not offer, and what to do instead."""


def resolve(given: Mapping[str, Any]) -> dict[str, Any]:
    """The user's tree over the defaults. Idempotent. Raises ValidationError with every key that is refused or unknown."""
    wrong = list(_mistakes(given))
    if wrong:
        raise ValidationError.from_exception_data("params", wrong)
    tree = _over(DEFAULTS, _without_refused(given))
    if "minibatch_size" in given.get("config", {}):
        tree["config"].pop("minibatch_size_per_env")
    return tree


def for_actions(params: Mapping[str, Any], space: Space) -> dict[str, Any]:
    """The tree with algorithm, model and `network.space` for these actions, where the user named none."""
    if isinstance(space, Box):
        algo, model, wanted = "a2c_continuous", "continuous_a2c_logstd", {"continuous": CONTINUOUS_SPACE}
    elif isinstance(space, Discrete):
        algo, model, wanted = "a2c_discrete", "discrete_a2c", {"discrete": {}}
    else:
        algo, model, wanted = "a2c_discrete", "multi_discrete_a2c", {"multi_discrete": {}}
    return _over({"algo": {"name": algo}, "model": {"name": model}, "network": {"space": wanted}}, params)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings merged at every depth; an initialiser is taken whole, since its arguments belong to its name."""
    merged = copy.deepcopy(dict(below))
    for key, value in above.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _over(merged[key], value) if both and not key.endswith(("_init", "initializer")) else copy.deepcopy(value)
    return merged


def _without_refused(given: Mapping[str, Any], at: tuple[str, ...] = ()) -> dict[str, Any]:
    """Without the keys that say no to what is not offered, such as `multi_gpu: false`: the library may ask whether they are there."""
    return {
        key: _without_refused(value, (*at, key)) if isinstance(value, Mapping) else value
        for key, value in given.items()
        if (*at, key) not in _REFUSED
    }


def _mistakes(given: Mapping[str, Any], at: tuple[str, ...] = ()) -> Iterator[InitErrorDetails]:
    valid = _KEYS.get(at)
    if valid is None:
        return
    for key, value in given.items():
        path = (*at, str(key))
        if path in _REFUSED:
            if value is not None and value is not False:
                yield _mistake(path, value, _REFUSED[path])
        elif key not in valid:
            yield _mistake(path, value, f"unknown key{did_you_mean(str(key), valid)} Valid: {', '.join(valid)}.")
        elif path in _COUNTS and (type(value) is not int or value < 1):
            yield _mistake(path, value, f"{show(value)} is not a whole number ≥ 1")
        elif path in _NAMES and value not in _NAMES[path]:
            yield _mistake(path, value, f'"{value}" is not {" or ".join(_NAMES[path])}{did_you_mean(str(value), _NAMES[path])}')
        elif path in _KEYS:
            if isinstance(value, Mapping):
                yield from _mistakes(value, path)
            else:
                yield _mistake(path, value, f"{show(value)} is not a mapping (key: value)")


def _mistake(path: tuple[str, ...], value: Any, text: str) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError("value_error", text), loc=path, input=value)
