from __future__ import annotations

import subprocess
import sys

import gymnasium
import pytest
from pydantic import ValidationError

from eureka.errors import ConfigError
from eureka_gymnasium import GymnasiumSim


def message(make, *args, **options) -> str:
    with pytest.raises(ConfigError) as error:
        make(*args, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_an_unknown_id_suggests_the_closest_ones(make):
    text = message(make, "CartPoel-v1")
    assert text.startswith("sim.env: 'CartPoel-v1' is not a registered environment") and "CartPole-v1" in text
    assert "module:Id-v0" in text


@pytest.mark.parametrize("env", ["CartPole-v99", "ALE/Ping-v5", "two words", "no_such_module:Foo-v0", "a:b:c"])
def test_an_id_that_cannot_be_resolved_is_an_error_at_sim_env(make, env):
    assert message(make, env).startswith(f"sim.env: {env!r} is not a registered environment")


def test_a_missing_dependency_comes_with_the_pip_line(make, monkeypatch):
    def missing(*args, **kwargs):
        raise gymnasium.error.DependencyNotInstalled('Box2D is not installed, you can install it by run `pip install "gymnasium[box2d]"`')

    monkeypatch.setattr(gymnasium, "make", missing)
    text = message(make, "LunarLander-v3")
    assert text.startswith("sim.env: LunarLander-v3 needs a package") and 'pip install "gymnasium[box2d]"' in text


def test_a_missing_module_comes_with_the_pip_line(make):
    text = message(make, "Uninstalled-v0")
    assert text.startswith("sim.env: EurekaTest/Uninstalled-v0 needs a module") and "`pip install some_simulator`" in text


def test_an_unknown_keyword_argument_names_the_valid_ones(make):
    text = message(make, "CartPole-v1", kwargs={"gravty": 1})
    assert text.startswith("sim.kwargs: CartPole-v1 does not accept {'gravty': 1}")
    assert "Valid: sutton_barto_reward, render_mode." in text


def test_a_refused_argument_value_is_an_error_at_sim_kwargs(make):
    assert message(make, "FrozenLake-v1", kwargs={"map_name": "x"}).startswith("sim.kwargs: FrozenLake-v1 does not accept")
    assert message(make, "CartPole-v1", kwargs={"max_episode_steps": 3}).startswith("sim.kwargs: CartPole-v1")


def test_an_environment_that_fails_to_start_is_an_error_at_sim_env(make):
    assert "sim.env: EurekaTest/Broken-v0 could not be made (RuntimeError: no licence file)" in message(make, "Broken-v0")


@pytest.mark.parametrize(
    ("wrapper", "words"),
    [
        ("FlattenObservation", "is not of the form module:Class"),
        ("no_such_module:Wrapper", "No module named 'no_such_module'"),
        ("gymnasium.wrappers:FlatenObservation", 'did you mean "FlattenObservation"?'),
        ("gymnasium:Env", "is not a gymnasium.Wrapper class"),
        ("gymnasium.wrappers:RescaleAction", "cannot wrap this environment with no arguments"),
        ("gymnasium.wrappers:RescaleAction", "Its arguments: min_action, max_action."),
        ({"use": "gymnasium.wrappers:TimeAwareObservation", "flaten": True}, "unexpected keyword argument 'flaten'"),
        ({"use": "gymnasium.wrappers:FrameStackObservation", "stack_size": 0}, "stack_size needs to be greater than zero"),
    ],
)
def test_a_wrapper_that_cannot_be_used_is_named_by_its_place(make, wrapper, words):
    text = message(make, "CartPole-v1", wrappers=["gymnasium.wrappers:FlattenObservation", wrapper])
    assert text.startswith("sim.wrappers[1]: ") and words in text


def test_wrappers_are_applied_in_their_order(make):
    env = make("Robot-v0", wrappers=["gymnasium.wrappers:FlattenObservation", "gymnasium.wrappers:RecordEpisodeStatistics"])
    outer = env._envs[0]
    assert type(outer).__name__ == "RecordEpisodeStatistics" and type(outer.env).__name__ == "FlattenObservation"


@pytest.mark.parametrize("options", [{}, {"env": ""}, {"env": "A-v0", "max_episode_steps": 0}, {"env": "A-v0", "envs": 1}])
def test_options_are_closed_and_checked(options):
    with pytest.raises(ValidationError):
        GymnasiumSim.Options(**options)


def test_every_option_is_described():
    assert all(field.description for field in GymnasiumSim.Options.model_fields.values())


def test_importing_the_plugin_loads_no_gymnasium():
    code = "import sys, eureka_gymnasium; sys.exit('gymnasium' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
