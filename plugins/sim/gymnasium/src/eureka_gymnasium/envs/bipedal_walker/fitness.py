"""What the task is measured by."""

# Where the body is after a reset: half of the 20 flat tiles of 14/30 m.
START = 14 / 3


def distance(hull_position):
    """Metres from the start, negative backwards. float64 (B,)."""
    return hull_position - START
