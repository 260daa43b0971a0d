def compute_reward(position):
    """1 where the flag is, else nothing: a reward that says what is wanted and not how to get there."""
    reached = (position >= 0.5).astype(float)
    return reached, {"reached": reached}
