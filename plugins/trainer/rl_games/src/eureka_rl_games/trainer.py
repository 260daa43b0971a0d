"""`trainer: rl_games`: train each candidate with the PPO of rl_games."""

from __future__ import annotations

import gc
from functools import partial

from eureka.component import Component, hookimpl
from eureka.errors import RewardFailed
from eureka.hookspecs import TrainingRequest
from eureka.job_types import TrainJob
from eureka.training import LoadRequest, Policy, TrainTools
from eureka.types import Trial
from eureka_rl_games.options import Options as RLGamesOptions


class RLGamesTrainer(Component):
    """Train a cohort's trials one after the other, each as if it were alone."""

    Options = RLGamesOptions

    options: RLGamesOptions

    @hookimpl
    def eureka_warm_up(self) -> None:
        """Import the library, and what its optimiser imports at its first step. Draws no random number."""
        import torch._dynamo  # noqa: F401

        from eureka_rl_games import fit, policy, segment  # noqa: F401

    @hookimpl
    def eureka_check_training(self, request: TrainingRequest) -> list[str]:
        """Raise ConfigError where the options do not go with the environment or with each other; warn of what will surprise."""
        from eureka_rl_games.fit import check_fit

        return check_fit(self.options, request)

    @hookimpl
    def eureka_train(self, job: TrainJob, tools: TrainTools) -> bool:
        """Train every trial of the cohort for its segment. A trial whose reward fails is given up; the others go on."""
        for index, trial in enumerate(job.trials):
            if index:
                gc.collect()  # An agent holds itself in circles, and the next trial's buffers need the room.
            self._train(trial, job, tools)
        return True

    def _train(self, trial: Trial, job: TrainJob, tools: TrainTools) -> None:
        from eureka_rl_games import segment
        from eureka_rl_games.learner import Learner

        env = tools.make_env(self.options.num_envs)
        try:
            learner = Learner(self.options, trial, env, tools, job.budget, job.task.fitness)
            start = tools.start_dir(trial.id)
            if start is None:
                learner.begin()
            else:
                segment.restore(learner, start)
            learner.run()
        except RewardFailed as error:
            tools.failed(trial.id, error)
        else:
            tools.finished(trial.id, partial(segment.save, learner))
        finally:
            env.close()

    @hookimpl
    def eureka_load_policy(self, request: LoadRequest) -> Policy:
        """Load what a trained policy's `save` wrote."""
        from eureka_rl_games.policy import load_policy

        return load_policy(request)
