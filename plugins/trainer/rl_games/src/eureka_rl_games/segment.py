"""A learner's state between two segments: `state.pt` and the environment's own `env`.

Read by this project's workers alone, and with `weights_only`, so it holds data and no code.
"""

from __future__ import annotations

from pathlib import Path

import torch

from eureka_rl_games import generators
from eureka_rl_games.learner import Learner


def save(learner: Learner, directory: Path) -> None:
    """Write all that the next segment needs to go on as if there had been no end."""
    agent, kept = learner.agent, learner.env.save_state(directory / "env")
    state = {
        "agent": agent.get_full_state_weights(),
        "last_lr": agent.last_lr,
        "entropy_coef": agent.entropy_coef,
        "environment_saved": kept,
        "observations": agent.obs["obs"],
        "dones": agent.dones,
        "figures": learner.figures.lines,
        "episodes": torch.from_numpy(learner.figures.running),
        "generators": generators.states(learner.device),
    }
    torch.save(state, directory / "state.pt")


def restore(learner: Learner, directory: Path) -> None:
    """Bring a fresh learner to where `save` left the other, ready to run.

    Where the environment could not be saved, it is reset with this segment's row seeds.
    """
    agent = learner.agent
    state = torch.load(directory / "state.pt", weights_only=True, map_location=learner.device)
    agent.set_full_state_weights(state["agent"])
    agent.last_lr, agent.entropy_coef = state["last_lr"], state["entropy_coef"]
    learner.figures.lines = state["figures"]
    if state["environment_saved"]:
        agent.init_tensors()
        learner.env.load_state(directory / "env")
        agent.obs, agent.dones = {"obs": state["observations"]}, state["dones"]
        learner.figures.running = state["episodes"].cpu().numpy()
    else:
        learner.begin()
    # Last, because building and restoring may draw.
    generators.restore(state["generators"], learner.device)
