"""A learner's state between two segments: `state.pt` and the environment's own `env`.

Read by this project's workers alone, and with `weights_only`, so it holds data and no code.
"""

from __future__ import annotations

from pathlib import Path

import torch

from eureka.types import Anew
from eureka_rl_games import generators
from eureka_rl_games.learner import Learner


def save(learner: Learner, directory: Path) -> None:
    """Write all that the next segment needs to go on as if there had been no end."""
    agent, kept = learner.agent, learner.env.save_state(directory / "env")
    state = {
        "agent": agent.get_full_state_weights(),
        "last_lr": agent.last_lr,
        "schedules_begin": learner.schedules_begin,
        "entropy_coef": agent.entropy_coef,
        "environment_saved": kept,
        "observations": agent.obs["obs"],
        "dones": agent.dones,
        "figures": learner.figures.lines,
        "episodes": torch.from_numpy(learner.figures.running),
        "generators": generators.states(learner.device),
    }
    torch.save(state, directory / "state.pt")


_NORMALISERS = ("running_mean_std.", "value_mean_std.")
_VALUE = ("a2c_network.value.", "a2c_network.critic_cnn.", "a2c_network.critic_mlp.")
"""How the names of what belongs to the value function alone begin: a layer, or a whole network where `separate: true`."""


def restore(learner: Learner, directory: Path, anew: frozenset[Anew]) -> None:
    """Bring a fresh learner to where `save` left the other, what is `anew` apart, ready to run.

    Where the environment could not be saved, it is reset with this segment's row seeds, too.
    """
    agent = learner.agent
    state = torch.load(directory / "state.pt", weights_only=True, map_location=learner.device)
    stay = (_NORMALISERS if "normalizers" in anew else ()) + (_VALUE if "value_head" in anew else ())
    fresh = {name: tensor for name, tensor in agent.model.state_dict().items() if name.startswith(stay)}
    state["agent"]["model"] |= fresh
    if "optimizer" in anew:
        state["agent"]["optimizer"]["state"] = {}
    agent.set_full_state_weights(state["agent"])
    if "learning_rate" in anew:
        agent.update_lr(agent.last_lr)
        learner.begin_schedules(agent.epoch_num)
    else:
        agent.last_lr, agent.entropy_coef = state["last_lr"], state["entropy_coef"]
        learner.begin_schedules(state.get("schedules_begin", 0))
    learner.figures.lines = state["figures"]
    if state["environment_saved"] and "environment" not in anew:
        agent.init_tensors()
        learner.env.load_state(directory / "env")
        agent.obs, agent.dones = {"obs": state["observations"]}, state["dones"]
        learner.figures.running = state["episodes"].cpu().numpy()
    else:
        learner.begin()
    # Last, because building and restoring may draw.
    generators.restore(state["generators"], learner.device)
