"""Derived variables of Gymnasium's own environments."""

from functools import partial
from pathlib import Path

import gymnasium
import pytest

from eureka.hookspecs import DeriveRequest
from eureka.types import ComponentSpec, Fitness, Task
from eureka_gymnasium import GymnasiumSim
from eureka_gymnasium.derive import derive_variables
from eureka_gymnasium.make import make_row
from eureka_gymnasium.reading import Readers
from eureka_gymnasium.sources import follow, parse


def derive(env, seed=0, **options):
    """What is derived, after every source was resolved as a run does it."""
    sim = GymnasiumSim.Options(env=env, **options)
    task = Task(name="t", description="d", sim=ComponentSpec(use="gymnasium"), fitness=Fitness(value="native"))
    derived = derive_variables(sim, DeriveRequest(task, seed))
    sources = {name: spec.source for name, spec in derived.variables.items() if spec.source != "action"}
    assert set(Readers(partial(make_row, sim), sources).shapes) == set(sources)
    assert derived.state <= set(derived.variables)
    return derived


def names_of(derived):
    return {name: spec.source for name, spec in derived.variables.items()}


CLASSIC = {
    "CartPole-v1": ["cart_position", "cart_velocity", "pole_angle", "pole_angular_velocity"],
    "MountainCarContinuous-v0": ["position_car_x_axis", "velocity_car"],
    "Acrobot-v1": ["cosine_theta1", "sine_theta1", "cosine_theta2", "sine_theta2", "angular_velocity_theta1", "angular_velocity_theta2"],
    "Pendulum-v1": ["x_cos_theta", "y_sin_theta", "angular_velocity"],
}


@pytest.mark.parametrize("env", CLASSIC)
def test_observation_entries_are_named_by_the_documented_table(env):
    derived = derive(env)
    assert [name for name, source in names_of(derived).items() if source.startswith("obs")] == CLASSIC[env]
    assert set(CLASSIC[env]) <= derived.state and "action" not in derived.state


def test_meanings_and_units_are_the_documented_ones():
    variables = derive("MountainCar-v0").variables
    assert variables["position_car_x_axis"].meaning == "position of the car along the x-axis"
    assert variables["position_car_x_axis"].unit == "m"
    assert variables["velocity_car"].unit == "", "documented as (v)"
    assert variables["action"].meaning == "0: Accelerate to the left, 1: Don't accelerate, 2: Accelerate to the right"


def test_an_attribute_that_repeats_the_observation_is_no_variable():
    assert "state" not in derive("CartPole-v1").variables
    state = derive("Pendulum-v1").variables["state"]
    assert (state.source, state.meaning) == ("env.state", "the environment's state ([1] is angular_velocity)")


def test_bipedal_walker_has_what_its_reward_needs_and_not_its_shaping():
    derived = derive("BipedalWalker-v3")
    names = names_of(derived)
    assert names["hull_position"] == "env.hull.position" and names["hull_angle"] == "env.hull.angle"
    assert names["legs_1_ground_contact"] == "env.legs[1].ground_contact"
    assert {f"joints_{i}_{part}" for i in range(4) for part in ("angle", "speed")} <= set(names)
    assert "same as obs[0]" in derived.variables["hull_angle"].meaning, "the observation itself has no documented entries"
    assert {"hull_angle", "hull_position", "legs_1_ground_contact", "joints_0_speed"} <= derived.state
    assert ("prev_shaping", "env.prev_shaping") in {(d.name, d.source) for d in derived.dropped}


def test_lunar_lander_has_both_legs_even_if_one_never_touches_and_not_its_shaping():
    derived = derive("LunarLander-v3", kwargs={"continuous": True})
    assert {"lander_position", "lander_linear_velocity", "lander_angle", "legs_0_ground_contact", "legs_1_ground_contact"} <= set(
        derived.variables
    )
    assert derived.variables["action"].meaning == "each from -1 to 1", "the documented list is of the discrete actions"
    assert "prev_shaping" in {d.name for d in derived.dropped}


def test_car_racing_has_no_image_and_no_reward_but_the_car():
    derived = derive("CarRacing-v3")
    assert not [source for source in names_of(derived).values() if source.startswith("obs")]
    assert {"car_hull_position", "car_hull_linear_velocity", "car_wheels_0_omega"} <= set(derived.variables)
    assert {"reward", "prev_reward"} <= {d.name for d in derived.dropped}
    assert derived.variables["action"].meaning.startswith("0: steering, -1 is full left, +1 is full right, 1: gas, 2: braking")


@pytest.mark.parametrize("env", ["FrozenLake-v1", "CliffWalking-v1"])
def test_a_discrete_observation_is_an_integer(env):
    derived = derive(env)
    assert list(derived.variables) == ["obs", "action"]
    assert derived.variables["obs"].meaning.startswith("an integer from 0 to ")
    assert "current_row * ncols + current_col" in derived.variables["obs"].meaning


def test_a_tuple_observation_has_a_variable_per_part():
    derived = derive("Blackjack-v1")
    assert names_of(derived) == {"obs_0": "obs[0]", "obs_1": "obs[1]", "obs_2": "obs[2]", "action": "action"}
    assert "the player's current sum" in derived.variables["obs_0"].meaning


def test_an_atari_game_has_its_actions_names_its_lives_and_its_memory_but_no_image():
    pytest.importorskip("ale_py")
    derived = derive("ale_py:ALE/Breakout-v5")
    assert names_of(derived) == {"action": "action", "ram": "env.ram", "lives": "info.lives"}, "frame counters say nothing"
    assert derived.variables["action"].meaning == "0: NOOP, 1: FIRE, 2: RIGHT, 3: LEFT"
    assert derive("ale_py:ALE/Breakout-v5", kwargs={"obs_type": "ram"}).variables["obs"].source == "obs"


def test_the_same_seed_derives_the_same():
    assert derive("LunarLander-v3", seed=3) == derive("LunarLander-v3", seed=3)


def test_what_sim_hide_names_is_dropped():
    derived = derive("CartPole-v1", hide=["pole_angle"])
    assert "pole_angle" not in derived.variables
    assert [(d.name, d.source) for d in derived.dropped] == [("pole_angle", "obs[2]")]


# ── Wrappers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_wrapper_that_leaves_observations_as_they_are_keeps_their_names():
    derived = derive("CartPole-v1", wrappers=["gymnasium.wrappers:FlattenObservation"])
    assert "pole_angle" in derived.variables


def test_a_wrapper_that_changes_observations_takes_their_names():
    derived = derive("CartPole-v1", wrappers=["gymnasium.wrappers:NormalizeObservation"])
    assert list(derived.variables) == ["obs", "action", "state"]
    assert derived.variables["obs"].meaning == "the observation, as the policy sees it"


def test_stacked_observations_are_no_variables():
    derived = derive("CartPole-v1", wrappers=[{"use": "gymnasium.wrappers:FrameStackObservation", "stack_size": 4}])
    assert list(derived.variables) == ["action", "state"]


# ── MuJoCo ───────────────────────────────────────────────────────────────────────────────────────────────────────────

KEEP_X = {"exclude_current_positions_from_observation": False}


@pytest.mark.parametrize(
    ("env", "bodies"),
    [("Reacher-v5", ["fingertip", "target"]), ("Reacher-v4", ["fingertip", "target"]), ("Pusher-v5", ["tips_arm", "object", "goal"])],
)
def test_bodies_are_positions_by_their_names_even_where_they_stay_in_place(env, bodies):
    derived = derive(env)
    assert {f"{body}_position" for body in bodies} | {"qpos", "qvel"} <= derived.state
    assert "world_position" not in derived.variables
    assert {"info.reward_dist", "info.reward_ctrl"} <= {d.source for d in derived.dropped}


def test_a_body_reads_its_own_position():
    sources = names_of(derive("Reacher-v5"))
    env = make_row(GymnasiumSim.Options(env="Reacher-v5")).unwrapped
    env.reset(seed=0)
    for body in ("fingertip", "target"):
        assert follow(parse(sources[f"{body}_position"]), env).tolist() == env.get_body_com(body).tolist()
    env.close()


def test_joints_are_listed_with_qpos_and_contact_forces_with_the_bodies_that_touch():
    variables = derive("Hopper-v5").variables
    assert variables["qpos"].meaning.endswith(
        "0: rootx (slide), 1: rootz (slide), 2: rooty (hinge), 3: thigh_joint (hinge), 4: leg_joint (hinge), 5: foot_joint (hinge)"
    )
    assert variables["foot_contact_force"].source == "env.data.cfrc_ext[4]"
    assert "torque x, y, z (N m), then force x, y, z (N)" in variables["foot_contact_force"].meaning


def test_a_body_without_a_name_is_called_by_its_joint():
    assert {"ankle_1_position", "ankle_1_contact_force"} <= set(derive("Ant-v5").variables)


def test_what_a_mujoco_reward_is_made_of_is_dropped_by_name():
    assert {d.name for d in derive("Hopper-v5").dropped} == {"healthy_reward", "reward_forward", "reward_ctrl", "reward_survive"}


def test_an_info_that_repeats_a_joint_is_no_variable():
    variables = derive("HalfCheetah-v5").variables
    assert "x_position" not in variables, "qpos[0]"
    assert variables["x_velocity"].source == "info.x_velocity"


def test_entries_beyond_the_table_are_grouped_by_the_structure_of_the_observation():
    names = names_of(derive("Humanoid-v5"))
    assert names["angular_velocity_angle_left_upper_arm_left_lower_arm"] == "obs[44]"
    assert (names["cinert"], names["cvel"], names["qfrc_actuator"], names["cfrc_ext"]) == (
        "obs[45:175]",
        "obs[175:253]",
        "obs[253:270]",
        "obs[270:348]",
    )


def test_documented_names_that_repeat_are_told_apart_by_their_joints():
    names = names_of(derive("Walker2d-v5"))
    assert names["angular_velocity_thigh_hinge_joint"] == "obs[11]"
    assert names["angular_velocity_thigh_hinge_left_joint"] == "obs[14]"


def test_units_are_those_of_the_joint_where_the_documentation_errs():
    variables = derive("Ant-v5").variables
    assert variables["angular_velocity_angle_front_left_links"].unit == "rad/s", "documented as an angle"
    assert variables["w_orientation_torso"].unit == "", "a quaternion"


@pytest.mark.parametrize(("env", "first"), [("Hopper-v5", "x_coordinate_torso"), ("Swimmer-v5", "position_tip_x_axis")])
def test_a_kwarg_that_puts_entries_first_shifts_the_table(env, first):
    default, shifted = names_of(derive(env)), names_of(derive(env, kwargs=KEEP_X))
    assert shifted[first] == "obs[0]"
    moved = len(shifted) - len(default)
    entries = {name: source for name, source in default.items() if source.startswith("obs")}
    assert entries and all(shifted[name] == f"obs[{int(source[4:-1]) + moved}]" for name, source in entries.items())


def test_a_model_of_the_users_own_is_not_described_by_the_documentation_of_another(tmp_path):
    xml = Path(gymnasium.__file__).parent / "envs/mujoco/assets/hopper.xml"
    own = tmp_path / "own.xml"
    own.write_text(xml.read_text().replace("leg", "shank").replace("rootx", "along"))
    variables = derive("Hopper-v5", kwargs={"xml_file": str(own)}).variables
    assert {"obs", "shank_position", "foot_contact_force"} <= set(variables) and "angle_torso" not in variables
    assert variables["obs"].meaning.endswith("[0:5] is qpos[1:6], [5:11] is qvel[0:6]")
    assert variables["action"].meaning == "0: thigh_joint, 1: shank_joint, 2: foot_joint; each from -1 to 1"
    assert "0: along (slide)" in variables["qpos"].meaning
