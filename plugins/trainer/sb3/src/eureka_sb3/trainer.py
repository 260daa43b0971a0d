"""`trainer: sb3`: train each candidate with stable-baselines3."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from eureka.component import Component, hookimpl
from eureka.hookspecs import TrainingRequest
from eureka.job_types import TrainJob
from eureka.one_by_one import train_one_by_one
from eureka.training import LoadRequest, Policy, RecordedEnv, TrainTools
from eureka.types import Anew, Trial
from eureka_sb3.options import Options as SB3Options


class SB3Trainer(Component):
    """Train a cohort's trials one after the other, each as if it were alone."""

    Options = SB3Options

    options: SB3Options
    takes_policies = True

    @property
    def renews(self) -> frozenset[Anew]:
        """The value function of DQN is its policy: it cannot be begun anew alone."""
        parts: set[Anew] = {"environment", "optimizer", "learning_rate", "normalizers"}
        return frozenset(parts if self.options.algorithm == "DQN" else {*parts, "value_head"})

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
        train_one_by_one(job, tools, self.options.num_envs, partial(self._train, job, tools))
        return True

    def _train(self, job: TrainJob, tools: TrainTools, trial: Trial, env: RecordedEnv) -> Callable[[Path], None]:
        from eureka_sb3 import segment
        from eureka_sb3.fit import learner_class
        from eureka_sb3.policy import begin_with

        learner = learner_class(self.options)(self.options, trial, env, tools, job.budget)
        if (start := tools.start_dir(trial.id)) is not None:
            segment.restore(learner, start, tools.anew(trial.id))
        else:
            if (policy := tools.start_policy(trial.id)) is not None:
                begin_with(learner, policy)
            learner.begin()
        learner.run()
        return partial(segment.save, learner)

    @hookimpl
    def eureka_load_policy(self, request: LoadRequest) -> Policy:
        """Load what a trained policy's `save` wrote."""
        from eureka_sb3.policy import load_policy

        return load_policy(request)
