"""Sixteen programs for `lunar_lander`, eight for each iteration. Each is taken as a model's answer, named `compute_reward`."""

import numpy as np


def nearer(horizontal_position, height, prev_horizontal_position, prev_height):
    now, before = np.hypot(horizontal_position, height), np.hypot(prev_horizontal_position, prev_height)
    nearer = 10.0 * (before - now)
    return nearer, {"nearer": nearer}


def near_and_slow(horizontal_position, height, horizontal_velocity, vertical_velocity):
    near, slow = -np.hypot(horizontal_position, height), -np.hypot(horizontal_velocity, vertical_velocity)
    return near + slow, {"near": near, "slow": slow}


def near_upright(horizontal_position, height, angle, angular_velocity):
    near, upright = np.exp(-(horizontal_position**2) - height**2), -np.abs(angle) - 0.1 * np.abs(angular_velocity)
    return near + upright, {"near": near, "upright": upright}


def legs(left_leg_contact, right_leg_contact, height, vertical_velocity):
    contact = 1.0 * left_leg_contact + 1.0 * right_leg_contact
    fall = -np.abs(vertical_velocity + 0.3 * height)
    return contact + fall, {"contact": contact, "fall": fall}


def glide(height, vertical_velocity, horizontal_position, angle):
    profile = np.exp(-4.0 * (vertical_velocity + 0.5 * height) ** 2)
    centre, upright = -0.5 * np.abs(horizontal_position), -0.5 * np.abs(angle)
    return profile + centre + upright, {"profile": profile, "centre": centre, "upright": upright}


def shaped(horizontal_position, height, horizontal_velocity, vertical_velocity, angle, left_leg_contact, right_leg_contact, action):
    state = -np.hypot(horizontal_position, height) - np.hypot(horizontal_velocity, vertical_velocity) - np.abs(angle)
    contact, fuel = 0.5 * (left_leg_contact + right_leg_contact), -0.03 * (action[..., 0] == 2)
    return state + contact + fuel, {"state": state, "contact": contact, "fuel": fuel}


def crash(terminated, left_leg_contact, right_leg_contact, horizontal_position):
    standing = left_leg_contact * right_leg_contact
    end, centre = np.where(terminated > 0, 20.0 * standing - 10.0, 0.0), -0.1 * np.abs(horizontal_position)
    return end + standing + centre, {"end": end, "standing": standing, "centre": centre}


def slower_when_low(height, horizontal_velocity, vertical_velocity):
    low = np.exp(-2.0 * np.abs(height))
    slow = -low * np.hypot(horizontal_velocity, vertical_velocity)
    return low + slow, {"low": low, "slow": slow}


def brake(vertical_velocity, prev_vertical_velocity, height, angle):
    braked, down = np.clip(vertical_velocity - prev_vertical_velocity, -0.1, 0.1), -0.3 * np.abs(height)
    upright = -0.3 * angle**2
    return braked + down + upright, {"braked": braked, "down": down, "upright": upright}


def over_the_pad(horizontal_position, horizontal_velocity, height, vertical_velocity):
    pad = np.exp(-8.0 * horizontal_position**2)
    calm = -0.2 * np.abs(horizontal_velocity)
    down = pad * np.exp(-np.abs(height)) - 0.3 * np.maximum(-vertical_velocity - 0.3, 0.0)
    return pad + calm + down, {"pad": pad, "calm": calm, "down": down}


def potential(horizontal_position, height, angle, prev_horizontal_position, prev_height, prev_angle):
    now = np.abs(horizontal_position) + np.abs(height) + np.abs(angle)
    before = np.abs(prev_horizontal_position) + np.abs(prev_height) + np.abs(prev_angle)
    return 5.0 * (before - now), {"potential": 5.0 * (before - now)}


def still(horizontal_velocity, vertical_velocity, angular_velocity, left_leg_contact, right_leg_contact):
    motion = np.abs(horizontal_velocity) + np.abs(vertical_velocity) + 0.2 * np.abs(angular_velocity)
    contact = 0.5 * (left_leg_contact + right_leg_contact)
    return contact - motion, {"contact": contact, "motion": -motion}


def cone(horizontal_position, height, vertical_velocity):
    inside = -np.maximum(np.abs(horizontal_position) - 0.5 * np.abs(height), 0.0)
    down = np.where(height > 0.1, -vertical_velocity, -3.0 * np.abs(vertical_velocity))
    return inside + 0.2 * down, {"inside": inside, "down": 0.2 * down}


def little_fuel(horizontal_position, height, vertical_velocity, angle, action):
    near, slow = np.exp(-np.hypot(horizontal_position, height)), -0.5 * np.maximum(-vertical_velocity - 0.4, 0.0)
    fuel, upright = -0.02 * (action[..., 0] != 0), -0.2 * np.abs(angle)
    return near + slow + fuel + upright, {"near": near, "slow": slow, "fuel": fuel, "upright": upright}


def bowl(horizontal_position, height, horizontal_velocity, vertical_velocity, angle, angular_velocity):
    place = horizontal_position**2 + height**2
    motion = horizontal_velocity**2 + vertical_velocity**2
    turn = angle**2 + 0.1 * angular_velocity**2
    return -place - motion - turn, {"place": -place, "motion": -motion, "turn": -turn}


def landed_or_near(horizontal_position, height, left_leg_contact, right_leg_contact, vertical_velocity, terminated):
    near = 1.0 - np.tanh(np.hypot(horizontal_position, height))
    standing = 2.0 * left_leg_contact * right_leg_contact * np.exp(-np.abs(vertical_velocity))
    end = -5.0 * terminated * (1.0 - left_leg_contact * right_leg_contact)
    return near + standing + end, {"near": near, "standing": standing, "end": end}
