"""Trains one reward with rl_games in the process that simulates, and acts with what it has trained."""

from __future__ import annotations

import json
import math
import os
from typing import Any, Callable, Dict, List

from .checkpoint_file import check, read, write_description
from .faults import RewardFault, Usage
from .meter import Meter


def check_batch(settings: Dict[str, Any]) -> None:
    """Raise Usage where the minibatches do not divide them."""
    rows, params = settings["task"]["env"]["numEnvs"], settings["train"]["params"]
    steps = rows * params["config"]["horizon_length"]
    parts = (("config", params["config"]), ("config.central_value_config", params["config"].get("central_value_config") or {}))
    for place, part in parts:
        size = part.get("minibatch_size")
        if size and steps % size:
            raise Usage(
                "trainer.params.{}.minibatch_size: {} does not divide the {:,} steps of an epoch (num_envs {} × horizon_length {}); "
                "such as {}.".format(place, size, steps, rows, params["config"]["horizon_length"], steps)
            )


class _Env:
    """A task as rl_games wants it; each step is handed to `on_step` before rl_games sees it."""

    def __init__(self, env: Any, on_step: Callable[[Any], None]) -> None:
        self.env = env
        self._on_step = on_step

    def step(self, actions: Any) -> Any:
        observations, rewards, dones, infos = self.env.step(actions)
        self._on_step(dones)
        return observations, rewards, dones, {"time_outs": infos["time_outs"]} if "time_outs" in infos else {}

    def reset(self) -> Any:
        return self.env.reset()

    def reset_done(self) -> Any:
        return self.env.reset_done()

    def get_number_of_agents(self) -> int:
        return 1

    def get_env_info(self) -> Dict[str, Any]:
        info = {"action_space": self.env.action_space, "observation_space": self.env.observation_space, "agents": 1, "value_size": 1}
        if getattr(self.env, "num_states", 0) > 0:
            info["state_space"] = self.env.state_space
        return info

    def has_action_masks(self) -> bool:
        return False

    def set_train_info(self, *args: Any, **kwargs: Any) -> None:
        if hasattr(self.env, "set_train_info"):
            self.env.set_train_info(*args, **kwargs)

    def get_env_state(self) -> None:
        return None

    def set_env_state(self, state: Any) -> None:
        return None


def runner(env: Any, settings: Dict[str, Any], folder: str, epochs: int, on_step: Any, observer: Any = None) -> Any:
    """rl_games' runner with the checkout's parameters, writing into `folder`."""
    from rl_games.common import env_configurations, vecenv
    from rl_games.torch_runner import Runner

    vecenv.register("EUREKA", lambda name, actors, **kwargs: _Env(env, on_step))
    env_configurations.register("rlgpu", {"vecenv_type": "EUREKA", "env_creator": lambda **kwargs: env})
    params = settings["train"]["params"]
    device = settings["rl_device"]
    params["seed"] = int(settings["seed"]) % (2**31 - 1) + 1  # 0 would be no seed
    params["torch_threads"] = 0
    params["load_checkpoint"] = False
    config = params["config"]
    config.update(env_name="rlgpu", device=device, device_name=device, multi_gpu=False, num_actors=env.num_envs, max_epochs=epochs)
    config.update(train_dir=folder, full_experiment_name="rl_games", score_to_win=math.inf, save_frequency=0, torch_compile=False)
    config["player"] = dict(config.get("player") or {}, use_vecenv=True, render_env=False, deterministic=True)
    if device == "cpu":
        config["mixed_precision"] = False
    made = Runner(observer) if observer is not None else Runner()
    made.load({"params": params})
    return made


def train(env: Any, settings: Dict[str, Any], trial: Dict[str, Any], trainer: Dict[str, Any], meter: Meter, report: Any) -> Dict[str, Any]:
    """Train a segment; its checkpoints and where it got to. report(steps, fitness): called after every epoch.

    trial: dir, budget, reached (steps before it), first (its first checkpoint), start (a saved state, or empty), policy (a
        .pth to begin with, or empty), keep_all, goal.
    """
    from rl_games.common.algo_observer import AlgoObserver

    budget = trial["budget"]
    per_epoch = env.num_envs * settings["train"]["params"]["config"]["horizon_length"]
    before, whole = trial["reached"] // per_epoch, max(1, math.ceil(budget["total"] / per_epoch))
    epochs = max(1, math.ceil((budget["end"] - trial["reached"]) / per_epoch))
    checkpoints: List[Dict[str, Any]] = []
    state = {"steps": trial["reached"], "next": trial["first"], "best": -math.inf, "agent": None}

    class Observer(AlgoObserver):  # type: ignore[misc]
        def after_init(self, algo: Any) -> None:
            state["agent"] = algo

        def after_clear_stats(self) -> None:
            pass

        def after_print_stats(self, frame: Any, epoch_num: Any, total_time: Any) -> None:
            state["steps"] += per_epoch
            numbers = dict(meter.epoch(), epoch=int(epoch_num), steps=state["steps"])
            with open(os.path.join(trial["dir"], "epochs.jsonl"), "a", encoding="utf-8") as file:
                file.write(json.dumps(numbers) + "\n")
            due = min(state["steps"] * budget["checkpoints"] // budget["total"], budget["checkpoints"])
            if due >= state["next"] and meter.ready:
                state["next"] = due + 1
                checkpoints.append(dict(meter.checkpoint(), index=due, steps=state["steps"]))
                self._keep(checkpoints[-1])
            report(state["steps"], checkpoints[-1]["fitness"] if checkpoints else None)

        def _keep(self, checkpoint: Dict[str, Any]) -> None:
            score = checkpoint["fitness"] if trial["goal"] == "maximize" else -checkpoint["fitness"]
            if score > state["best"]:
                state["best"] = score
                save(state["agent"], env, os.path.join(trial["dir"], "checkpoint"))
            if trial["keep_all"]:
                save(state["agent"], env, os.path.join(trial["dir"], "checkpoints", str(checkpoint["steps"])))

    # What falls over the whole training, such as a linear learning rate, is told how long that is, and where this segment begins in it.
    agent = state["agent"] = _agent(runner(env, settings, trial["dir"], whole, meter.step, Observer()))
    for part in (agent, getattr(agent, "central_value_net", None)):
        if part is not None:
            part.epoch_num = before
    agent.max_epochs = before + epochs
    if trial["start"]:
        restore(agent, env, trial["start"], keep_learning_rate=True)
    else:
        _begin(agent, env, trainer, trial["policy"])
    agent.train()
    if not checkpoints:
        raise RewardFault(
            "no_episode",
            "no episode ended in {:,} steps of each environment, and what is measured is known at an episode's end; train for longer "
            "(training.steps)".format((state["steps"] - trial["reached"]) // env.num_envs),
        )
    if budget["end"] < budget["total"]:
        save(agent, env, os.path.join(trial["dir"], "state"))
    return {"checkpoints": checkpoints, "reached": state["steps"]}


def fit(env: Any, settings: Dict[str, Any], trainer: Dict[str, Any], folder: str, policy: str) -> None:
    """Make the agent that a training would make, begun from the policy it would begin from. Raises Usage where that cannot be.

    policy: a .pth that the run's trainings are to begin with; empty: what the options say.

    Minibatches are an epoch of the environments here: of those that a training has `check_batch` knows.
    """
    config = settings["train"]["params"]["config"]
    for part in (config, config.get("central_value_config") or {}):
        if part.get("minibatch_size"):
            part["minibatch_size"] = env.num_envs * config["horizon_length"]
    try:
        agent = _agent(runner(env, settings, folder, 1, lambda dones: None))
    except Exception as error:  # whatever the library raises of settings that it cannot use
        text = " ".join("{}: {}".format(type(error).__name__, error).split())
        raise Usage(
            "trainer.params: rl_games cannot make its agent for this task with these and with what the checkout's YAML says ({}). What "
            "params holds: the checkout's cfg/train, and rl_games' own configuration.".format(text[:300])
        )
    _begin(agent, env, trainer, policy)


def _begin(agent: Any, env: Any, trainer: Dict[str, Any], policy: str) -> None:
    """With a trial's own policy, else with the one that the options name, if any."""
    if policy:
        restore(agent, env, policy, trainer["keep_learning_rate"], "the policy to begin with")
    elif trainer["load_checkpoint"]:
        restore(agent, env, trainer["load_checkpoint"], trainer["keep_learning_rate"])


def _agent(made: Any) -> Any:
    return made.algo_factory.create(made.algo_name, base_name="run", params=made.params)


def save(agent: Any, env: Any, folder: str) -> None:
    """`policy.pth` in a folder of its own, and what it is of beside it."""
    os.makedirs(folder, exist_ok=True)
    agent.last_mean_rewards = float(agent.last_mean_rewards)  # numpy's, which an older torch does not read as data
    agent.save(os.path.join(folder, "policy"))
    write_description(folder, env)


def restore(agent: Any, env: Any, path: str, keep_learning_rate: bool, place: str = "trainer.load_checkpoint") -> None:
    """Weights, normalisers and optimiser of a .pth, and no epoch. Raises Usage for one of another network, or that holds code.

    place: of the file, in words for a user.
    """
    check(path, env, place)
    rate = agent.last_lr
    state = read(path, place)
    try:
        agent.set_full_state_weights(state, set_epoch=False)
    except (RuntimeError, KeyError, ValueError) as error:
        why = str(error).strip().split("\n")[-1].strip()
        raise Usage("{}: {} does not fit the network of this task: {}".format(place, path, why))
    # An adaptive schedule goes on from what it holds, which is not what the optimiser has loaded.
    agent.last_lr = agent.optimizer.param_groups[0]["lr"] if keep_learning_rate else rate
    agent.update_lr(agent.last_lr)


def play(env: Any, settings: Dict[str, Any], path: str, value: str, fold: str, folder: str, alive: Callable[[int], None]) -> Dict[str, Any]:
    """One episode of every row under the policy's means: fitness of each, or of all of them where the metric is one number, and steps.

    alive(steps): called after every step of all rows.
    """
    import torch

    from .meter import _read

    check(path, env, "the policy to evaluate")
    made = runner(env, settings, folder, 1, lambda dones: None)
    player = made.create_player()
    player.set_weights(read(path, "the policy to evaluate"))
    player.has_batch_dimension = True
    observations = player.env_reset(player.env)
    going = torch.ones(env.num_envs, dtype=torch.bool, device=env.device)
    result = torch.zeros(env.num_envs, device=env.device)
    series, steps, longest = [], 0, 10_000
    while bool(going.any()) and steps < longest:
        action = player.get_action(observations, True)
        observations, _, dones, _ = player.env_step(player.env, action)
        metric = _read(value, env)
        ended = (dones.to(env.device).reshape(-1) != 0) & going
        result = torch.where(ended | (going & (steps == longest - 1)), metric.expand(env.num_envs), result)
        series.append(float(metric.mean()))
        going &= ~ended
        steps += 1
        alive(steps * env.num_envs)
    if fold == "last":
        return {"fitness": [float(x) for x in result], "steps": steps * env.num_envs}
    return {"fitness": [max(series) if fold == "max" else sum(series) / len(series)], "steps": steps * env.num_envs}
