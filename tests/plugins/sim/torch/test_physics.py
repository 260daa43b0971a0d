"""The shipped environments against what mechanics says of them."""

from __future__ import annotations

import math

import pytest
import torch
from torch_envs import bare, draw, rolled, series

from eureka_torch import rigid_body, rotations


def nothing(size):
    return lambda state: torch.zeros(64, size)


# ── Cartpole ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def cartpole_energy(env, state):
    """Of cart and pole, J. The centre of the pole moves with the cart and around the joint."""
    v, angle, turning = state["velocity"], state["angle"], state["turning"]
    along, up = v + env.half * turning * torch.cos(angle), -env.half * turning * torch.sin(angle)
    spin = env.pole * (2 * env.half) ** 2 / 12 * turning**2
    height = env.pole * env.gravity * env.half * torch.cos(angle)
    return 0.5 * (env.cart * v**2 + env.pole * (along**2 + up**2) + spin) + height


def hanging(env, lean):
    still = torch.zeros(64)
    return {"position": still, "velocity": still, "angle": still + math.pi - lean, "turning": still}


def test_cart_and_pole_keep_their_energy_and_their_momentum_without_a_push():
    env = bare("torch_cartpole")
    states = rolled(env, nothing(1), 200)
    energy = torch.stack([cartpole_energy(env, state) for state in states])
    assert series(states, "angle").abs().max() > math.pi - 0.3, "the poles must have swung through"
    assert (energy - energy[0]).abs().max() < 0.001 * env.pole * env.gravity * 2 * env.half
    v, along = series(states, "velocity"), env.half * series(states, "turning") * torch.cos(series(states, "angle"))
    momentum = (env.cart + env.pole) * v + env.pole * along
    assert (momentum - momentum[0]).abs().max() < 0.002


def test_a_hanging_pole_swings_with_the_period_of_its_equations():
    env = bare("torch_cartpole")
    angle = series(rolled(env, nothing(1), 250, begin=hanging(env, 0.05)), "angle")[:, 0] - math.pi
    crossings = torch.nonzero((angle[:-1] < 0) & (angle[1:] >= 0))[:, 0]
    exact = [i.item() + (angle[i] / (angle[i] - angle[i + 1])).item() for i in crossings]
    period = (exact[-1] - exact[0]) / (len(exact) - 1) * env.dt
    # Small angles, on a cart that may give way: ω² = g / (l (4/3 − m/M)), l being half the pole, M the mass of both.
    expected = 2 * math.pi * math.sqrt(env.half * (4 / 3 - env.pole / (env.cart + env.pole)) / env.gravity)
    assert period == pytest.approx(expected, rel=1e-3)


def test_left_is_the_mirror_of_right():
    env = bare("torch_cartpole")
    begin = env.reset(draw(64))
    pushes = iter([*torch.linspace(-1, 1, 50), *torch.linspace(-1, 1, 50)])
    there = rolled(env, lambda s: next(pushes).expand(64, 1), 50, begin=begin)
    back = rolled(env, lambda s: -next(pushes).expand(64, 1), 50, begin={name: -value for name, value in begin.items()})
    assert all(torch.equal(there[-1][name], -back[-1][name]) for name in begin)


# ── Quadcopter ───────────────────────────────────────────────────────────────────────────────────────────────────────


def flown(joints, thrusts, steps, **state):
    """The quadcopter under joints (8,) and thrusts (4,) that stay as they are."""
    env = bare("torch_quadcopter")
    begin = env.reset(draw(64)) | {"joints": torch.tensor(joints).expand(64, 8), "thrusts": torch.tensor(thrusts).expand(64, 4)} | state
    return env, rolled(env, nothing(12), steps, begin=begin)


def test_without_thrust_it_falls_as_everything_does():
    env, states = flown([0.0] * 8, [0.0] * 4, 100)
    position = series(states, "position")
    fallen = (position[0] - position[-1])[:, 2]
    assert torch.allclose(fallen, torch.full((64,), 0.5 * env.gravity), rtol=1e-4)
    assert torch.equal(position[-1][:, :2], position[0][:, :2])


def test_it_hovers_on_its_weight_shared_by_four():
    _, states = flown([0.0] * 8, [0.5 * 9.81 / 4] * 4, 500)
    position = series(states, "position")
    assert (position[-1] - position[0]).abs().max() < 1e-3
    assert series(states, "turning").abs().max() < 1e-4


def test_tilted_rotors_push_sideways_and_twist():
    tilt = [0.0, 0.1] * 4  # all about y: a push along x
    env, states = flown(tilt, [0.5 * 9.81 / 4 / math.cos(0.1)] * 4, 100)
    moved = (series(states, "position")[-1] - series(states, "position")[0])[0]
    assert moved.tolist() == pytest.approx([0.5 * 9.81 * math.tan(0.1), 0.0, 0.0], abs=2e-3)
    # Each rotor about the axis through it and the middle, the same way round: the body turns about z by their torque.
    twist = [value for x, y in env.arms for value in (-0.1 * x / 0.1, -0.1 * y / 0.1)]
    _, states = flown(twist, [1.0] * 4, 10)
    spin = series(states, "turning")[-1][0]
    assert spin[:2].abs().max() < 1e-5 and spin[2].abs() > 0.1
    torque = env.push_and_torque(torch.tensor([twist]), torch.ones(1, 4))[1][0, 2]
    assert spin[2].item() == pytest.approx(torque.item() / env.inertia[2] * 10 * env.dt, rel=1e-3)


def test_a_stronger_rotor_lifts_its_corner():
    _, states = flown([0.0] * 8, [1.3, 1.2, 1.2, 1.3], 5)  # rotors 0 and 3 are at x = +0.1
    spin = series(states, "turning")[-1][0]
    assert spin[1] < 0 and spin[[0, 2]].abs().max() < 1e-6
    up = bare("torch_quadcopter").variables(states[-1])["body_up"][0]
    assert up[0] < 0, "x = +0.1 has risen, so the upward axis leans to −x"


def test_thrusts_and_joints_move_at_their_rates_up_to_their_limits():
    env = bare("torch_quadcopter")
    begin = env.reset(draw(64))
    one = env.step(begin, torch.full((64, 12), 0.25), draw(64, 1))
    assert torch.allclose(one["thrusts"], torch.full((64, 4), 0.5)) and torch.allclose(one["joints"], begin["joints"] + 0.02 * math.pi)
    far = rolled(env, lambda s: torch.ones(64, 12), 10)[-1]
    assert (far["thrusts"] == 2.0).all() and (far["joints"] == 0.5).all()


# ── Rigid bodies ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_free_body_keeps_energy_and_angular_momentum_and_its_quaternion_its_length():
    env = bare("torch_reorient")
    inertia = torch.tensor(env.inertia)
    begin = env.reset(draw(64)) | {"turning": draw(64, seed=9).normal(0.0, 3.0, size=3)}
    states = rolled(env, nothing(3), 250, begin=begin)
    turning, orientation = series(states, "turning"), series(states, "orientation")
    energy = 0.5 * (inertia * turning**2).sum(dim=-1)
    assert ((energy - energy[0]) / energy[0]).abs().max() < 0.02
    momentum = torch.stack([rotations.rotated(q, inertia * w) for q, w in zip(orientation, turning, strict=True)])
    assert ((momentum - momentum[0]).norm(dim=-1) / momentum[0].norm(dim=-1)).max() < 0.05
    assert (orientation.norm(dim=-1) - 1).abs().max() < 1e-6
    assert (turning[-1] - turning[0]).abs().max() > 1.0, "a body with three moments of inertia tumbles"


def test_a_body_that_turns_about_a_principal_axis_turns_as_far_as_its_speed_says():
    q, w = torch.tensor([[0.0, 0.0, 0.0, 1.0]]), torch.tensor([[0.0, 0.0, 2.0]])
    for _ in range(50):
        q, w = rigid_body.turned(q, w, torch.zeros(1, 3), torch.tensor((1.0, 2.0, 3.0)), 0.01)
    assert q[0].tolist() == pytest.approx([0, 0, math.sin(0.5), math.cos(0.5)], abs=1e-6) and w[0].tolist() == [0, 0, 2]
    _, fast = rigid_body.turned(q, w * 100, torch.zeros(1, 3), torch.tensor((1.0, 2.0, 3.0)), 0.01)
    assert fast.norm().item() == pytest.approx(rigid_body.FASTEST)


def test_rotations_compose_undo_measure_and_spread_as_rotations_do():
    a, b = rotations.random(draw(20_000)), rotations.random(draw(20_000, seed=50_000))
    v = draw(20_000, step=3).normal(size=3)
    assert torch.allclose(rotations.rotated(rotations.multiplied(a, b), v), rotations.rotated(a, rotations.rotated(b, v)), atol=1e-4)
    assert torch.allclose(rotations.rotated(rotations.inverse(a), rotations.rotated(a, v)), v, atol=1e-4)
    turn = torch.tensor([[0.3, -0.4, 1.2]])
    assert rotations.angle(rotations.from_vector(turn)).item() == pytest.approx(1.3, abs=1e-6)
    assert rotations.angle(-rotations.from_vector(turn)).item() == pytest.approx(1.3, abs=1e-6)
    assert torch.isfinite(rotations.from_vector(torch.zeros(1, 3))).all() and rotations.angle(rotations.from_vector(torch.zeros(1, 3))) == 0
    # Of random orientations the angle has the density (1 − cos) / π, whose mean is π/2 + 2/π.
    assert rotations.angle(a).mean().item() == pytest.approx(math.pi / 2 + 2 / math.pi, abs=0.02)
    assert rotations.rotated(a, torch.tensor([[0.0, 0.0, 1.0]]).expand(20_000, 3)).mean(dim=0).abs().max() < 0.02
