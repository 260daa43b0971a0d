"""`trainer: rl_games`: train each candidate with the PPO of rl_games."""

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
from eureka_rl_games.options import Options as RLGamesOptions


class RLGamesTrainer(Component):
    """Train a cohort's trials one after the other, each as if it were alone."""

    Options = RLGamesOptions

    options: RLGamesOptions
    takes_policies = True
    renews: frozenset[Anew] = frozenset({"environment", "optimizer", "learning_rate", "value_head", "normalizers"})

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
        train_one_by_one(job, tools, self.options.num_envs, partial(self._train, job, tools))
        return True

    def _train(self, job: TrainJob, tools: TrainTools, trial: Trial, env: RecordedEnv) -> Callable[[Path], None]:
        from eureka_rl_games import segment
        from eureka_rl_games.learner import Learner

        learner = Learner(self.options, trial, env, tools, job.budget, job.task.fitness)
        if (start := tools.start_dir(trial.id)) is not None:
            segment.restore(learner, start, tools.anew(trial.id))
        else:
            learner.begin()
        learner.run()
        return partial(segment.save, learner)

    @hookimpl
    def eureka_load_policy(self, request: LoadRequest) -> Policy:
        """Load what a trained policy's `save` wrote."""
        from eureka_rl_games.policy import load_policy

        return load_policy(request)
