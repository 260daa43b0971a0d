"""`sim: isaacgym`: every job runs in a worker of this plugin's, in an interpreter that has IsaacGym."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from eureka.component import Component, hookimpl
from eureka.job_types import Job
from eureka_isaacgym.options import RLGamesOptions, SimOptions

WORKER = Path(__file__).with_name("isaac_worker")


class RLGames(Component):
    """The PPO of rl_games as the other interpreter has it; these are its options, it does nothing here."""

    Options = RLGamesOptions

    takes_policies = True


class IsaacGymSim(Component):
    """A task of IsaacGymEnvs, or of Eureka's release of it, trained by rl_games."""

    Options = SimOptions

    options: SimOptions

    trainers: ClassVar[Mapping[str, type[Component]]] = {"rl_games": RLGames}
    plays_checkpoints: ClassVar[bool] = False

    @hookimpl
    def eureka_worker(self, job: Job) -> list[str]:
        """Isolated: neither PYTHONPATH nor a user's own site-packages, which are this interpreter's, lead that one astray."""
        return [str(self.options.python), "-I", str(WORKER)]
