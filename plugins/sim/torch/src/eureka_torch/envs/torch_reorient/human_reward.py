"""The reward to beat: the form of IsaacGymEnvs' in-hand reorientation (Makoviychuk et al., "Isaac Gym", 2021), in words of our own."""


def compute_reward(angle_to_goal, action):
    """The nearer the better, steeply so at the end; much for each goal, and a little against effort."""
    near = 1.0 / (angle_to_goal + 0.1)
    reached = 250.0 * (angle_to_goal < 0.1)
    effort = -0.0002 * (action * action).sum(dim=1)
    return near + reached + effort, {"near": near, "reached": reached, "effort": effort}
