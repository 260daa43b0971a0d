"""What takes the time, compiled by numba: acting, returns and the whole update. Each works on one trial's arrays at a time."""
