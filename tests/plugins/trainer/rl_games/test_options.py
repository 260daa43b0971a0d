"""The options: rl_games' own tree over our defaults; what Eureka sets and what is not offered is refused by name."""

from __future__ import annotations

import inspect
import json
import re

import pytest

from eureka.errors import ConfigError
from eureka.registry import check_options
from eureka.spaces import Box, Discrete, MultiDiscrete
from eureka.types import ComponentSpec
from eureka_rl_games import RLGamesTrainer
from eureka_rl_games.params import DEFAULTS, for_actions, resolve


def refusal(**options):
    with pytest.raises(ConfigError) as caught:
        check_options(RLGamesTrainer, "trainer", ComponentSpec(use="rl_games", options=options), ("trainer",))
    return str(caught.value)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"confg": {}}, 'trainer.params.confg: unknown key; did you mean "config"? Valid: algo, model, network, config.'),
        ({"config": {"learning_rat": 1}}, 'trainer.params.config.learning_rat: unknown key; did you mean "learning_rate"?'),
        ({"network": {"mlp": {"unit": [8]}}}, 'trainer.params.network.mlp.unit: unknown key; did you mean "units"?'),
        ({"config": 3}, "trainer.params.config: 3 is not a mapping"),
        ({"seed": 0}, "trainer.params.seed: Eureka seeds each training from the run's seed; remove it."),
        ({"load_checkpoint": True}, "trainer.params.load_checkpoint: say trainer.load_checkpoint: FILE.pth."),
        ({"config": {"num_actors": 8}}, "trainer.params.config.num_actors: say trainer.num_envs."),
        ({"config": {"max_epochs": 8}}, "trainer.params.config.max_epochs: training.steps is the budget"),
        ({"config": {"device": "cuda"}}, "trainer.params.config.device: say trainer.device."),
        ({"config": {"score_to_win": 20}}, "trainer.params.config.score_to_win: Eureka measures the fitness"),
        ({"config": {"central_value_config": {}}}, "trainer.params.config.central_value_config: a central value network needs states"),
        ({"config": {"self_play_config": {}}}, "trainer.params.config.self_play_config: one agent learns, against nobody"),
        ({"config": {"multi_gpu": True}}, "trainer.params.config.multi_gpu: a training has one device"),
        ({"network": {"rnn": {"name": "lstm"}}}, "trainer.params.network.rnn: recurrent networks are not supported"),
        ({"algo": {"name": "sac"}}, 'trainer.params.algo.name: "sac" is not a2c_continuous or a2c_discrete.'),
        (
            {"model": {"name": "continuous_a2c"}},
            '"continuous_a2c" is not continuous_a2c_logstd or discrete_a2c or multi_discrete_a2c; did you',
        ),
        ({"network": {"name": "rnd_curiosity"}}, '"rnd_curiosity" is not actor_critic.'),
    ],
)
def test_a_refusal_names_the_key_and_what_to_do(params, message):
    assert message in refusal(params=params)


def test_every_mistake_is_told_at_once():
    told = refusal(params={"seed": 1, "config": {"num_actors": 2, "gama": 0.9}})
    assert [line.split(":")[0] for line in told.splitlines()] == [
        "trainer.params.seed",
        "trainer.params.config.num_actors",
        "trainer.params.config.gama",
    ]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"minibatch_size": 100},
            "params.config.minibatch_size: 100 makes minibatches of 100; they must divide num_envs × horizon_length = 16 × 16 = 256; "
            "valid: 2, 4, 8, 16, 32, 64, 128, 256.",
        ),
        (
            {"minibatch_size_per_env": 3},
            "3 makes minibatches of 48; they must divide num_envs × horizon_length = 16 × 16 = 256; valid: 1, 2, 4, 8, 16.",
        ),
        ({"horizon_length": 10}, "params.config.minibatch_size_per_env: 4 makes minibatches of 64; .* 16 × 10 = 160; valid: 1, 2, 5, 10."),
        ({"horizon_length": 0}, "params.config.horizon_length: 0 is not a whole number ≥ 1."),
        ({"minibatch_size": "all"}, 'params.config.minibatch_size: "all" is not a whole number ≥ 1.'),
    ],
)
def test_minibatches_must_divide_a_rollout(config, message):
    assert re.search(message if ".*" in message else re.escape(message), refusal(params={"config": config}))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"device": "gpu"}, 'trainer.device: "gpu" is not cpu, cuda, cuda:NUMBER or auto.'),
        ({"num_env": 8}, 'trainer.num_env: unknown key; did you mean "num_envs"?'),
        ({"keep_learning_rate": True}, "keep_learning_rate: true needs load_checkpoint"),
    ],
)
def test_other_options_are_closed_too(options, message):
    assert message in refusal(**options)


def test_what_says_no_to_what_is_not_offered_is_taken_and_left_out():
    """As files of rl_games have it, and `rnn: null` must not make the library look for one."""
    tree = resolve({"load_checkpoint": False, "network": {"rnn": None}, "config": {"multi_gpu": False, "self_play_config": None}})
    assert tree == resolve({}) == DEFAULTS


def test_what_options_resolve_to_is_complete_and_reads_the_same():
    options = RLGamesTrainer.Options(params={"config": {"minibatch_size": 128}, "network": {"mlp": {"units": [8]}}})
    assert RLGamesTrainer.Options(**json.loads(options.model_dump_json())) == options
    assert options.params["config"]["gamma"] == 0.99 and "minibatch_size_per_env" not in options.params["config"]
    assert options.params["network"]["mlp"] == {"units": [8], "activation": "elu", "initializer": {"name": "default"}}


def test_an_initialiser_is_taken_whole():
    given = {"network": {"space": {"continuous": {"sigma_init": {"name": "default"}}}}}
    continuous = for_actions(resolve(given), Box(shape=(1,), low=(-1.0,), high=(1.0,)))["network"]["space"]["continuous"]
    assert continuous["sigma_init"] == {"name": "default"} and continuous["fixed_sigma"] is True


@pytest.mark.parametrize(
    ("space", "names"),
    [
        (Box(shape=(1,), low=(-1.0,), high=(1.0,)), ("a2c_continuous", "continuous_a2c_logstd", "continuous")),
        (Discrete(n=2), ("a2c_discrete", "discrete_a2c", "discrete")),
        (MultiDiscrete(nvec=(2, 3)), ("a2c_discrete", "multi_discrete_a2c", "multi_discrete")),
    ],
)
def test_algorithm_and_model_follow_from_the_actions(space, names):
    tree = for_actions(resolve({}), space)
    assert (tree["algo"]["name"], tree["model"]["name"], *tree["network"]["space"]) == names


def test_every_key_that_the_library_reads_is_known_or_refused():
    """So that a new version of rl_games with new settings is noticed."""
    from rl_games.algos_torch import a2c_continuous, a2c_discrete
    from rl_games.common import a2c_common

    from eureka_rl_games.params import _KEYS, _REFUSED

    source = "".join(inspect.getsource(module) for module in (a2c_common, a2c_continuous, a2c_discrete))
    read = set(re.findall(r"config(?:\.get\(|\[)['\"](\w+)['\"]", source))
    known = {*_KEYS[("config",)], *(path[1] for path in _REFUSED if path[0] == "config" and len(path) == 2)}
    inner = {"network", "reward_shaper", "model"}  # mappings of their own, or what the library puts there itself
    rest = read - known - inner
    assert rest == {"adv_rms_momentum", "is_train", "pbt_idx", "use_diagnostics", "use_experimental_cv"}
    assert len(read) > 40


def test_every_option_is_described():
    assert all(field.description for field in RLGamesTrainer.Options.model_fields.values())
