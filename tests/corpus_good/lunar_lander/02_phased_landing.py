import numpy as np


def compute_reward(
    horizontal_position,
    height,
    horizontal_velocity,
    vertical_velocity,
    angle,
    angular_velocity,
    left_leg_contact,
    right_leg_contact,
    awake,
    action,
):
    # --- weights ---
    w_approach, w_speed, w_upright, w_land, w_fuel = 1.0, 0.5, 0.3, 5.0, 0.02

    # --- approach: towards the pad ---
    approach = np.exp(-2.0 * np.abs(horizontal_position)) * np.exp(-1.0 * np.maximum(height, 0.0))

    # --- descend slower the lower it is ---
    allowed = 0.1 + 0.5 * np.clip(height, 0.0, 1.5)
    too_fast = np.maximum(0.0, -vertical_velocity - allowed)
    speed = -np.tanh(too_fast + np.abs(horizontal_velocity))

    upright = np.cos(angle) * np.exp(-np.abs(angular_velocity))
    both_legs = left_leg_contact * right_leg_contact
    landed = both_legs * (1.0 - awake) * (np.abs(horizontal_position) < 0.2)
    main_engine = (action[:, 0] == 2).astype(float)
    side_engine = ((action[:, 0] == 1) | (action[:, 0] == 3)).astype(float)
    fuel = -(main_engine + 0.1 * side_engine)

    components = {
        "approach": w_approach * approach,
        "speed": w_speed * speed,
        "upright": w_upright * upright,
        "landed": w_land * landed,
        "fuel": w_fuel * fuel,
    }
    return sum(components.values()), components
