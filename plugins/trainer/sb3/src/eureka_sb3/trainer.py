"""`trainer: sb3`: train each candidate with stable-baselines3."""

from __future__ import annotations

import gc
from functools import partial

from eureka.component import Component, hookimpl
from eureka.errors import RewardFailed
from eureka.hookspecs import TrainingRequest
from eureka.job_types import TrainJob
from eureka.training import LoadRequest, Policy, TrainTools
from eureka.types import Budget, Trial
from eureka_sb3.options import Options as SB3Options


class SB3Trainer(Component):
    """Train a cohort's trials one after the other, each as if it were alone."""

    Options = SB3Options

    options: SB3Options

    @hookimpl
    def eureka_warm_up(self) -> None:
        """Import the library, and what its optimisers import at their first step. Draws no random number."""
        import torch._dynamo  # noqa: F401

        from eureka_sb3 import fit, policy, segment  # noqa: F401

    @hookimpl
    def eureka_check_training(self, request: TrainingRequest) -> None:
        """Raise ConfigError where the options do not go with the environment or the budget, or a class that they name does not work."""
        from eureka_sb3.fit import check_fit

        check_fit(self.options, request)

    @hookimpl
    def eureka_train(self, job: TrainJob, tools: TrainTools) -> bool:
        """Train every trial of the cohort for its segment. A trial whose reward fails is given up; the others go on."""
        for trial in job.trials:
            self._train(trial, job.budget, tools)
            gc.collect()  # A model holds itself in circles, and the next trial's replay buffer needs the room.
        return True

    def _train(self, trial: Trial, budget: Budget, tools: TrainTools) -> None:
        from eureka_sb3 import segment
        from eureka_sb3.fit import learner_class

        env = tools.make_env(self.options.num_envs)
        try:
            learner = learner_class(self.options)(self.options, trial, env, tools, budget)
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
        from eureka_sb3.policy import load_policy

        return load_policy(request)
