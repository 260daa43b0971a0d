"""The reward to beat: what an expert would write who knows that height is what counts and speed is how to get it."""


def compute_reward(tip_height, prev_tip_height, first_velocity):
    """-1 a step as the environment gives, plus progress in height and a little for momentum of the upper link."""
    time = -1.0 + 0.0 * tip_height
    progress = 5.0 * (tip_height - prev_tip_height)
    momentum = 0.05 * abs(first_velocity)
    return time + progress + momentum, {"time": time, "progress": progress, "momentum": momentum}
