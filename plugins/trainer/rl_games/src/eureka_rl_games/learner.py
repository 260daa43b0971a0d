"""One trial in training: its own environment, generators, agent and loop."""

from __future__ import annotations

import contextlib
import copy
import io
import math
import tempfile
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rl_games.common.schedulers import LinearScheduler
from rl_games.common.tr_helpers import DefaultRewardsShaper

from eureka.errors import ConfigError, RewardFailed
from eureka.training import RecordedEnv, TrainTools
from eureka.types import Budget, Fitness, Trial
from eureka_rl_games import checkpoint_file, generators
from eureka_rl_games.agents import ContinuousAgent, DiscreteAgent
from eureka_rl_games.figures import Figures
from eureka_rl_games.options import Options
from eureka_rl_games.params import for_actions
from eureka_rl_games.policy import as_policy, begin_with
from eureka_rl_games.schedule import LaterScheduler
from eureka_rl_games.spaces import action_space, observation_space
from eureka_rl_games.vec_env import RecordedVecEnv

AGENTS: dict[str, Any] = {"a2c_continuous": ContinuousAgent, "a2c_discrete": DiscreteAgent}


class Learner:
    """A trial in training. Everything random in it is seeded with `trial.seed`, so one trial at a time may live in a process."""

    def __init__(
        self, options: Options, trial: Trial, env: RecordedEnv, tools: TrainTools, budget: Budget, fitness: Fitness | None = None
    ) -> None:
        # The last bits of a matrix product depend on the number of threads, and a trial's result must not.
        torch.set_num_threads(1)
        self.trial = trial
        self.env = env
        self.tools = tools
        self.budget = budget
        self.device = device(options.device)
        self.params = for_actions(options.params, env.action_space)
        self.vec_env = RecordedVecEnv(env, tools.row_seeds(trial.id, env.num_envs))
        self.figures = Figures(env.num_envs, fitness or Fitness(value="native"))
        self.largest_reward = 0.0
        generators.seed(trial.seed)
        self.agent = self._build(math.ceil(budget.total / options.rollout))
        self.schedules_begin = 0
        """Epochs after which the linear schedule began to fall."""
        if tools.start_dir(trial.id) is None:
            if (policy := tools.start_policy(trial.id)) is not None:
                begin_with(self.agent, self.params, policy)
            elif options.load_checkpoint is not None:
                checkpoint_file.start_from(self.agent, options.load_checkpoint, options.keep_learning_rate)
        if self.params["config"]["torch_compile"]:
            _compile(self.agent.model, self.params["config"]["torch_compile"])
        self.policy = as_policy(
            self.agent.model,
            self.params,
            env.observation_space,
            env.action_space,
            self.device,
            lambda path: torch.save(self.agent.get_full_state_weights(), path),
            self.figures.write,
        )

    def begin(self) -> None:
        """Start new episodes."""
        self.agent.init_tensors()
        self.agent.obs = self.agent.env_reset()

    def begin_schedules(self, epochs: int) -> None:
        """Let what falls fall from here to the end of the budget. epochs: those made so far."""
        self.schedules_begin = epochs
        if epochs and isinstance(self.agent.scheduler, LinearScheduler):
            self.agent.scheduler = LaterScheduler(self.agent.scheduler, epochs)

    def run(self) -> None:
        """Train to the end of the segment. Raises RewardFailed when the reward's code fails, makes training diverge, or drives the policy
        where the fitness is no finite number."""
        while self.agent.frame < self.budget.end:
            self.epoch()
            failures = self.tools.after_update(self.agent.frame, {self.trial.id: self.policy})
            if self.trial.id in failures:
                raise failures[self.trial.id]

    def epoch(self) -> None:
        """A rollout and its update: what the loop of the library's `train` does, without its files and prints."""
        agent = self.agent
        agent.update_epoch()
        try:
            _, _, _, _, actor_losses, critic_losses, *bounds_losses, entropies, kls, _, _ = agent.train_epoch()
        except (ValueError, RuntimeError):
            # torch refuses to sample from the NaN of a network that diverged in an earlier minibatch.
            if self._finite():
                raise
            raise self._diverged() from None
        if not self._finite():
            raise self._diverged()
        agent.dataset.update_values_dict(None)
        agent.frame += agent.curr_frames
        losses = (actor_losses, critic_losses, bounds_losses[0] if bounds_losses else [], entropies, kls)
        self.figures.epoch(agent.epoch_num, agent.frame, float(agent.last_lr), losses)

    def _build(self, max_epochs: int) -> Any:
        params = copy.deepcopy(self.params)
        config, env = params["config"], self.env
        spaces = {
            "observation_space": observation_space(env.observation_space),
            "action_space": action_space(env.action_space, config.get("clip_actions", True)),
        }
        agent_class = AGENTS[params["algo"]["name"]]
        # The library makes folders and a writer for each agent; nothing is written to them here.
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            config.update(
                name="eureka",
                full_experiment_name="eureka",
                train_dir=folder,
                env_name="eureka",
                env_info=spaces,
                vec_env=self.vec_env,
                num_actors=env.num_envs,
                max_epochs=max_epochs,
                device=self.device,
                device_name=self.device,
                seq_length=1,
                features={"observer": self.figures},
                reward_shaper=DefaultRewardsShaper(**config["reward_shaper"]),
            )
            agent = agent_class("eureka", params)
            agent.writer.close()
        agent.fetch_rewards = self._fetch_rewards
        return agent

    def _fetch_rewards(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        ends, time_outs = self.vec_env.take()
        transitions = self.env.take()
        rewards = self.tools.rewards(self.trial.id, transitions)
        self.largest_reward = float(np.abs(rewards).max())
        self.figures.see(rewards, transitions.fitness_reward, ends)
        return rewards, time_outs

    def _finite(self) -> bool:
        return all(bool(torch.isfinite(tensor).all()) for tensor in self.agent.model.state_dict().values())

    def _diverged(self) -> RewardFailed:
        return RewardFailed(
            "non_finite",
            "training diverged: the networks or their normalisers are no longer finite; "
            f"the last rewards were as large as {self.largest_reward:.3g}",
        )


def device(wanted: str) -> str:
    """The torch device. Raises ConfigError for a GPU that is not there."""
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted.startswith("cuda"):
        count, index = torch.cuda.device_count(), int(wanted.partition(":")[2] or 0)
        if index >= count:
            raise ConfigError(f"trainer.device: {wanted}: torch finds {count or 'no'} CUDA GPU{'s' * (count > 1)} here. Use cpu or auto.")
    return wanted


def _compile(model: torch.nn.Module, wanted: bool | str) -> None:
    """Compile in place, so that parameters keep their names. wanted: true, or a mode of `torch.compile`."""
    import torch._dynamo

    # Each size of batch is compiled for itself: what is computed must not depend on the sizes that came before.
    torch._dynamo.config.recompile_limit = 256
    model.compile(dynamic=False, **({"mode": wanted} if isinstance(wanted, str) else {}))
