"""Settings of the checkout and of rl_games that Eureka sets itself: refused by name, for what is written over theirs is not heeded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_OVERRIDES = {
    "num_envs": "say trainer.num_envs",
    "task.env.numEnvs": "say trainer.num_envs",
    "sim_device": "say trainer.device",
    "rl_device": "say trainer.device",
    "seed": "say seed, the run's own",
}
_PARAMS = {
    "seed": "say seed, the run's own",
    "torch_threads": "a training has the threads that the executor gives it; leave it out",
    "load_checkpoint": "say trainer.load_checkpoint",
    "load_path": "say trainer.load_checkpoint",
    "config.num_actors": "say trainer.num_envs",
    "config.device": "say trainer.device",
    "config.device_name": "say trainer.device",
    "config.max_epochs": "say training.steps",
    "config.score_to_win": "a training takes all of training.steps; to end the search early say search.stop_when_solved",
    "config.save_frequency": "say training.checkpoints",
    "config.full_experiment_name": "the folder is always rl_games, in the training's own",
    "config.train_dir": "the folder is always rl_games, in the training's own",
    "config.env_name": "say task.sim.task",
    "config.multi_gpu": "a training has one GPU; several run at once with executor.slots",
    "config.torch_compile": "it is always off; leave it out",
    "config.player.use_vecenv": "it is always on; leave it out",
    "config.player.render_env": "nothing is drawn; leave it out",
    "config.player.deterministic": "it is always on; leave it out",
}


def refuse_overrides(overrides: Mapping[str, Any]) -> None:
    """Raise ValueError for a setting of the checkout, by its dotted name, that is said elsewhere."""
    below_params = {f"train.params.{name}": instead for name, instead in _PARAMS.items()}
    _refuse(overrides, {**_OVERRIDES, **below_params})


def refuse_params(params: Mapping[str, Any]) -> None:
    """Raise ValueError for a setting of rl_games, below `params`, that is said elsewhere or cannot be had."""
    _refuse(params, _PARAMS)


def _refuse(settings: Mapping[str, Any], refused: Mapping[str, str]) -> None:
    if wrong := [f"{name} would not be heeded: {refused[name]}" for name in _names(settings) if name in refused]:
        raise ValueError("; ".join(wrong))


def _names(settings: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """The dotted names of all that is set, at every depth."""
    for key, value in settings.items():
        yield above + str(key)
        if isinstance(value, Mapping):
            yield from _names(value, f"{above}{key}.")
