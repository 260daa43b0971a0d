import numpy


def compute_reward(position, velocity, action):
    hill = numpy.sin(3 * position)
    run_up = 20 * numpy.abs(velocity) * numpy.exp(-((position + 0.52) ** 2) / 0.1)
    flag = numpy.float64(10.0) * numpy.greater_equal(position, 0.45)
    lazy = -0.01 * numpy.abs(action)[:, 0]
    total = numpy.stack([hill, run_up, flag, lazy]).sum(0)
    return total, {"hill": hill, "run_up": run_up, "flag": flag, "lazy": lazy}
