"""A checkout in small, in the manner of IsaacGymEnvs. Like there, importing the package itself needs more than a task does."""

raise ImportError("nothing may import this package as a whole")
