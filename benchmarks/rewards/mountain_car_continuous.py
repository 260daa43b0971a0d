"""Sixteen programs for `mountain_car_continuous`, eight for each iteration. Each is taken as a model's answer, named `compute_reward`."""

import numpy as np


def speed(velocity):
    fast = 100.0 * velocity**2
    return fast, {"fast": fast}


def speed_and_height(position, velocity):
    fast, high = 20.0 * np.abs(velocity), np.sin(3.0 * position)
    return fast + high, {"fast": fast, "high": high}


def energy(position, velocity):
    kinetic, potential = 0.5 * velocity**2, 0.0025 / 3.0 * np.sin(3.0 * position)
    return 500.0 * (kinetic + potential), {"kinetic": 500.0 * kinetic, "potential": 500.0 * potential}


def energy_gained(position, velocity, prev_position, prev_velocity):
    now = 0.5 * velocity**2 + 0.0025 / 3.0 * np.sin(3.0 * position)
    before = 0.5 * prev_velocity**2 + 0.0025 / 3.0 * np.sin(3.0 * prev_position)
    return 2000.0 * (now - before), {"gained": 2000.0 * (now - before)}


def push_along(velocity, action):
    along = 10.0 * velocity * action[..., 0]
    return along, {"along": along}


def push_along_and_goal(velocity, action, position):
    along, goal = np.sign(velocity) * action[..., 0], np.where(position > 0.45, 100.0, 0.0)
    return along + goal, {"along": along, "goal": goal}


def far_from_the_valley(position, velocity):
    far, fast = np.abs(position + 0.52), 5.0 * np.abs(velocity)
    return far + fast, {"far": far, "fast": fast}


def goal_and_speed(position, velocity):
    goal, fast = np.where(position >= 0.45, 100.0, 0.0), 10.0 * np.abs(velocity)
    return goal + fast, {"goal": goal, "fast": fast}


def rightwards(position, velocity):
    right, fast = position + 0.52, np.maximum(30.0 * velocity, 0.0)
    return right + fast, {"right": right, "fast": fast}


def height_gained(position, prev_position, velocity):
    gained = 50.0 * np.abs(np.sin(3.0 * position) - np.sin(3.0 * prev_position))
    return gained + 5.0 * np.abs(velocity), {"gained": gained, "fast": 5.0 * np.abs(velocity)}


def cheap_speed(velocity, action):
    fast, cost = 50.0 * velocity**2, -0.01 * action[..., 0] ** 2
    return fast + cost, {"fast": fast, "cost": cost}


def swing(position, velocity):
    swing, goal = np.hypot((position + 0.52) / 0.6, velocity / 0.07), np.where(position >= 0.45, 50.0, 0.0)
    return swing + goal, {"swing": swing, "goal": goal}


def time_and_energy(position, velocity):
    time = -0.1 + 0.0 * position
    energy = 300.0 * (0.5 * velocity**2 + 0.0025 / 3.0 * (np.sin(3.0 * position) + 1.0))
    return time + energy, {"time": time, "energy": energy}


def steps_of_speed(velocity, position):
    levels = np.where(np.abs(velocity) > 0.02, 0.3, 0.0) + np.where(np.abs(velocity) > 0.04, 0.7, 0.0)
    goal = np.where(position > 0.4, 10.0, 0.0)
    return levels + goal, {"levels": levels, "goal": goal}


def push_and_speed(velocity, action):
    along, fast = 5.0 * velocity * action[..., 0], np.tanh(30.0 * np.abs(velocity))
    return along + fast, {"along": along, "fast": fast}


def log_energy(position, velocity):
    energy = np.log1p(200.0 * velocity**2) + 0.3 * (np.sin(3.0 * position) + 1.0)
    return energy, {"energy": energy}
