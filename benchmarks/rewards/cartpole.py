"""Sixteen programs for `cartpole`, eight for each iteration. Each is taken as a model's answer, named `compute_reward`."""

import numpy as np


def upright(pole_angle):
    straight = 1.0 - np.abs(pole_angle) / 0.2095
    return straight, {"straight": straight}


def upright_and_slow(pole_angle, pole_velocity):
    straight, slow = np.exp(-20.0 * pole_angle**2), -0.1 * np.abs(pole_velocity)
    return straight + slow, {"straight": straight, "slow": slow}


def upright_and_central(pole_angle, cart_position):
    straight, central = np.cos(pole_angle * 7.0), -0.2 * cart_position**2
    return straight + central, {"straight": straight, "central": central}


def alive_and_calm(pole_velocity, cart_velocity, terminated):
    alive, calm = 1.0 - terminated, -0.01 * (pole_velocity**2 + cart_velocity**2)
    return alive + calm, {"alive": alive, "calm": calm}


def alive_or_fallen(pole_angle, terminated):
    alive, straight = np.where(terminated > 0, -10.0, 1.0), -np.abs(pole_angle)
    return alive + straight, {"alive": alive, "straight": straight}


def no_lean_outwards(pole_angle, pole_velocity):
    outwards = np.maximum(pole_angle * pole_velocity, 0.0)
    straight = np.exp(-10.0 * np.abs(pole_angle))
    return straight - outwards, {"straight": straight, "outwards": -outwards}


def progress(pole_angle, prev_pole_angle):
    gained = 10.0 * (np.abs(prev_pole_angle) - np.abs(pole_angle))
    straight = 0.5 - pole_angle**2
    return gained + straight, {"gained": gained, "straight": straight}


def everything(pole_angle, pole_velocity, cart_position, cart_velocity):
    pole, cart = np.exp(-5.0 * pole_angle**2 - 0.1 * pole_velocity**2), np.exp(-0.3 * cart_position**2 - 0.1 * cart_velocity**2)
    return pole * cart, {"pole": pole, "cart": cart}


def upright_gently(pole_angle, action, prev_action):
    straight = 1.0 - 15.0 * pole_angle**2
    change = -0.05 * np.abs(action[..., 0] - prev_action[..., 0])
    return straight + change, {"straight": straight, "change": change}


def margins(pole_angle, cart_position):
    pole, cart = 1.0 - np.abs(pole_angle) / 0.2095, 1.0 - np.abs(cart_position) / 2.4
    return np.minimum(pole, cart), {"pole": pole, "cart": cart}


def bowl(pole_angle, pole_velocity, cart_position, cart_velocity):
    cost = 10.0 * pole_angle**2 + 0.1 * pole_velocity**2 + 0.1 * cart_position**2 + 0.01 * cart_velocity**2
    return 1.0 - cost, {"cost": -cost}


def soft_margin(pole_angle, terminated):
    inside = 1.0 / (1.0 + np.exp(40.0 * (np.abs(pole_angle) - 0.1)))
    end = -5.0 * terminated
    return inside + end, {"inside": inside, "end": end}


def ahead(pole_angle, pole_velocity):
    soon = pole_angle + 0.2 * pole_velocity
    straight = np.exp(-15.0 * soon**2)
    return straight, {"soon": straight}


def central_first(cart_position, cart_velocity, pole_angle):
    central, straight = np.exp(-(cart_position**2)), -2.0 * np.abs(pole_angle)
    slow = -0.02 * np.abs(cart_velocity)
    return central + straight + slow, {"central": central, "straight": straight, "slow": slow}


def steps_of_lean(pole_angle, terminated):
    good, fair = np.where(np.abs(pole_angle) < 0.05, 1.0, 0.0), np.where(np.abs(pole_angle) < 0.12, 0.5, 0.0)
    return good + fair - 2.0 * terminated, {"good": good, "fair": fair}


def log_barrier(pole_angle, cart_position):
    pole, cart = np.log1p(-np.minimum(np.abs(pole_angle) / 0.3, 0.95)), np.log1p(-np.minimum(np.abs(cart_position) / 3.0, 0.95))
    return 1.0 + pole + 0.3 * cart, {"pole": pole, "cart": cart}
