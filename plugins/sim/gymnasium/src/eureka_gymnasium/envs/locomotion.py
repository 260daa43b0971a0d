"""What the tasks of walking, running and swimming robots share: their fitness, and a variable of those with a free body."""

import numpy as np

EPISODE = 1000  # steps of a whole episode, in all of them


def forward_speed(forward_velocity):
    """A step's part of the distance covered divided by the time of a whole episode; an episode's sum is a speed in m/s. float64 (B,).

    The progress over time of Ma et al., Eureka, ICLR 2024 (appendix, Ant and Humanoid), which averages over the steps that were made. Here
    the steps after a fall count as standing still: else who dives forwards and is out after half a second would beat who walks.
    """
    return forward_velocity / EPISODE


def uprightness(torso_orientation):
    """Cosine of the angle between the torso's own upward axis and the world's, of a quaternion (w, x, y, z). float64 (B,)."""
    w, x, y, z = torso_orientation.T
    return 1.0 - 2.0 * (x**2 + y**2) / np.maximum(w**2 + x**2 + y**2 + z**2, 1e-12)
