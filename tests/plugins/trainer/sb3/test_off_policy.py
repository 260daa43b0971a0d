"""SAC, TD3, DDPG and DQN: rewards per vector step, what the replay buffer holds, failures."""

from __future__ import annotations

import re

import numpy as np
import pytest

ALGORITHMS = ["SAC", "TD3", "DDPG", "DQN"]
DQN_ALONE = [*(pytest.param(name, marks=pytest.mark.slow) for name in ALGORITHMS[:-1]), ALGORITHMS[-1]]  # the others when time is no matter
NOISE = {"type": "normal", "sigma": 0.3}
NORMALISED = {"normalize_rewards": True}


def stored(monkeypatch):
    """The learners made from here on, to look into their replay buffers."""
    from eureka_sb3.off_policy import OffPolicyLearner

    learners = []
    original = OffPolicyLearner.begin
    monkeypatch.setattr(OffPolicyLearner, "begin", lambda self: (learners.append(self), original(self))[1])
    return learners


@pytest.mark.parametrize("algorithm", DQN_ALONE)
def test_learns_to_stay_near_the_origin(sb3, algorithm):
    own = {
        "SAC": {"ent_coef": 0.05},
        "DQN": {"target_update_interval": 100, "exploration_fraction": 0.5},
        "TD3": {"action_noise": NOISE},
        "DDPG": {"action_noise": NOISE},
    }
    tools = sb3.train(steps=1200, algorithm=algorithm, train_freq=1, net_arch=(32,), every=10000, gamma=0.9, **own.get(algorithm, {}))
    rewards = tools.mean_rewards["a"]
    assert np.mean(rewards[-40:]) > 0.6 * np.mean(rewards[:16])
    assert np.mean(rewards[-40:]) > -0.3


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_asks_for_the_rewards_of_each_vector_step_and_reports_each_update(sb3, algorithm):
    tools = sb3.train(steps=96, algorithm=algorithm, train_freq=4, learning_starts=32)
    assert tools.reward_shapes["a"] == [(1, 4)] * 24
    assert tools.steps["a"] == [16, 32, 48, 64, 80, 96]


def test_one_row_is_stepped_unless_more_are_asked_for(sb3):
    tools = sb3.train(steps=20, algorithm="DDPG", quick=False, buffer_size=100)
    assert tools.reward_shapes["a"] == [(1, 1)] * 20


def test_the_buffer_holds_each_step_with_its_reward_and_the_state_it_reached(sb3, monkeypatch):
    learners = stored(monkeypatch)
    tools = sb3.train({"a": lambda t: 2 * t.position}, steps=400, algorithm="DQN", learning_starts=400)
    buffer, env = learners[0].model.replay_buffer, tools.envs[0]
    assert buffer.pos == 100
    reached = buffer.next_observations[:100, :, 0]
    np.testing.assert_allclose(buffer.rewards[:100], 2 * reached, rtol=1e-6)
    ends = {(step, row): terminated for step, row, terminated, _ in env.ends}
    assert set(ends.values()) == {True, False}
    for (step, row), terminated in ends.items():
        assert (buffer.dones[step, row], buffer.timeouts[step, row]) == (1, not terminated)
        # The next episode begins elsewhere.
        assert not np.allclose(buffer.observations[step + 1, row], buffer.next_observations[step, row])
    assert buffer.dones[:100].sum() == len(ends)


@pytest.mark.parametrize("algorithm", DQN_ALONE)
def test_the_seed_decides_the_training(sb3, algorithm):
    options = {"algorithm": algorithm, "steps": 128, **({} if algorithm == "DQN" else {"action_noise": NOISE})}
    first, again, other = (sb3.train(seeds={"a": seed}, **options).updates["a"] for seed in (1, 1, 2))
    assert first == again != other
    among = sb3.train({"x": lambda t: t.position, "a": sb3.near}, seeds={"a": 1}, **options)
    assert among.updates["a"] == first != among.updates["x"]


def test_normalisation_is_that_of_vec_normalize(sb3, monkeypatch):
    from stable_baselines3 import TD3
    from stable_baselines3.common.vec_env import VecNormalize

    learners, env = stored(monkeypatch), {"actions": "box"}
    options = {"batch_size": 32, "learning_rate": 3e-3, "learning_starts": 64, "buffer_size": 2000, "gamma": 0.9}
    tools = sb3.train(
        steps=400, algorithm="TD3", quick=False, net_arch=(16,), num_envs=4, normalize_observations=True, normalize_rewards=True, **options
    )

    # The same training by the library alone, on the same environment with rewards of its own.
    from eureka_sb3.spaces import view
    from eureka_sb3.vec_env import RecordedVecEnv

    class Rewarding(RecordedVecEnv):
        def _rewards(self, ends):
            return sb3.near(self.env.take())[0].astype(np.float32)

    point = sb3.PointEnv(4, **env)
    venv = Rewarding(point, tools.row_seeds("a", 4), view(point.observation_space, False), None)
    model = TD3("MlpPolicy", VecNormalize(venv, gamma=0.9), seed=7, device="cpu", policy_kwargs={"net_arch": [16]}, **options)
    model.learn(400)
    ours = learners[0].model
    for name, tensor in model.policy.state_dict().items():
        np.testing.assert_allclose(ours.policy.state_dict()[name].numpy(), tensor.numpy(), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(ours.replay_buffer.observations[:100], model.replay_buffer.observations[:100], atol=1e-5)
    assert np.abs(ours.replay_buffer.observations[:100, :, 1]).max() <= 1


def test_a_failing_reward_ends_its_own_trial_alone(sb3):
    def fails(transitions):
        calls.append(1)
        if len(calls) == 30:
            raise sb3.RewardFailed("error", "division by zero", 3)
        return -np.abs(transitions.position)

    calls = []
    tools = sb3.train({"bad": fails, "a": sb3.near}, steps=128, algorithm="SAC")
    assert tools.failures["bad"].line == 3 and list(tools.states) == ["a"]
    assert tools.steps["bad"][-1] == 29 * 4


@pytest.mark.parametrize(("options", "said"), [({"learning_rate": 1e30}, "as large as 1"), ({}, "a reward of 1e.39 is"), (NORMALISED, "")])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_training_that_diverges_is_the_candidates_failure(sb3, algorithm, options, said):
    size = 1.0 if options == {"learning_rate": 1e30} else 1e300 if options else 1e39
    tools = sb3.train({"a": lambda t: size * np.sign(t.position)}, steps=256, algorithm=algorithm, gradient_steps=2, **options)
    assert tools.failures["a"].code == "non_finite"
    assert re.search(f"training diverged: .*{said}", tools.failures["a"].message)
    assert "a" not in tools.states


def test_random_actions_come_first_and_exploration_falls_over_the_whole_budget(sb3, monkeypatch):
    learners = stored(monkeypatch)
    options = {"algorithm": "DQN", "exploration_fraction": 1.0, "exploration_final_eps": 0.0, "total": 400}
    first = sb3.train(steps=200, **options)
    # The progress is counted before the step that ends a cycle.
    assert learners[0].model.exploration_rate == pytest.approx(0.5, abs=0.05)
    sb3.train(start=200, steps=400, segment=200, starts=first.states, **options)
    assert learners[1].model.exploration_rate == pytest.approx(0.0, abs=0.05)
