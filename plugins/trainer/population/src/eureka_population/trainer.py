"""`trainer: population`: PPO for all rewards of a cohort at once."""

from __future__ import annotations

from eureka.component import Component, hookimpl
from eureka.hookspecs import TrainingRequest
from eureka.job_types import TrainJob
from eureka.training import LoadRequest, Policy, TrainTools
from eureka.types import Anew
from eureka_population.options import Options as PopulationOptions


class PopulationTrainer(Component):
    """Train all trials of a cohort as one batch of environments, each with networks of its own."""

    Options = PopulationOptions

    options: PopulationOptions
    takes_policies = True
    renews: frozenset[Anew] = frozenset({"environment", "optimizer", "learning_rate", "value_head", "normalizers"})

    @hookimpl
    def eureka_warm_up(self) -> None:
        """Compile the kernels, or load them compiled."""
        from eureka_population.warm_up import warm_up

        warm_up()

    @hookimpl
    def eureka_check_training(self, request: TrainingRequest) -> list[str]:
        """Raise ConfigError where the networks cannot act in these spaces; warn of what will surprise."""
        from eureka_population.fit import check_fit

        return check_fit(self.options, request)

    @hookimpl
    def eureka_train(self, job: TrainJob, tools: TrainTools) -> bool:
        """Train every trial of the cohort for its segment. A trial whose reward fails is given up; the others go on."""
        from eureka_population.cohort import Cohort

        env = tools.make_env(self.options.num_envs * len(job.trials))
        try:
            Cohort(self.options, job.trials, env, tools, job.budget).run()
        finally:
            env.close()
        return True

    @hookimpl
    def eureka_load_policy(self, request: LoadRequest) -> Policy:
        """Load what a trained policy's `save` wrote."""
        from eureka_population.policy import load_policy

        return load_policy(request)
