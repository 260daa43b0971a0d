"""Runs every kernel once on a few numbers, with the types that training gives it, so that it is compiled."""

from __future__ import annotations

import numpy as np

from eureka.spaces import Box, Discrete
from eureka.types import Trial
from eureka_population.actor import Actors, Statistics
from eureka_population.kernels import cache
from eureka_population.learner import Learner
from eureka_population.network import network
from eureka_population.options import Options
from eureka_population.rollout import Rollout
from eureka_population.spaces import actions


def warm_up() -> None:
    """Compile all kernels, or load them where they were compiled before."""
    options = Options(num_envs=2, n_steps=2, batch_size=4, n_epochs=1, normalize_rewards=True)
    for space in (Discrete(n=2), Box(shape=(1,), low=(-1.0,), high=(1.0,))):
        net = network(options.widths, options.activation, 1, actions(space))
        parameters = np.empty((1, net.size), np.float32)
        learner = Learner(options, net, Trial(id="warm-up", reward="fitness", seed=0, dir=""), parameters[0])
        actors = Actors(net, parameters, Statistics(1, 1), True)
        rollout, all_trials = Rollout(1, 2, 2, 1, net.actions.width), np.arange(1)
        rollout.begin(all_trials, {0: learner.noise()})
        for t in range(2):
            actors.see(np.zeros((1, 2, 1)), all_trials, all_trials, True, rollout.now)
            rollout.act(actors, all_trials)
            rollout.store(t, np.array([False, t == 1]))
        rollout.cut(1, np.array([1]), actors, np.zeros((1, 1)))
        rollout.end()
        learner.learn(rollout.of(0), np.ones((2, 2)), 1.0)
    cache.compiled()
