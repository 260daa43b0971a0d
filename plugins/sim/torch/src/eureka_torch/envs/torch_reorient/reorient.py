"""A free body that is turned to one orientation after another."""

import math

import torch

from eureka_torch import TorchEnv, box, rigid_body, rotations


class Reorient(TorchEnv):
    """A rigid body that floats without gravity or friction and is turned by three torques to a goal, an orientation.

    Its moments of inertia are 0.004, 0.006 and 0.008 kg m² about its own x, y and z axes. The actions, three numbers in [-1, 1] times
    0.1 N m, are the torques about these axes. A step is 0.02 s, an episode 500 steps. It begins at rest in a random orientation with a
    random goal. The goal is reached in a state less than 0.1 rad from it, whatever the speed; the step from there on has a new random
    goal. Nothing terminates an episode. Quaternions are x, y, z, w; `to_goal`, the rotation from the body to the goal in the body's
    axes, has w >= 0.
    """

    observation_space = box(11)
    action_space = box(3, -1.0, 1.0)
    max_episode_steps = 500

    inertia = (0.004, 0.006, 0.008)  # kg m²
    strongest = 0.1  # N m
    near = 0.1  # rad
    dt = 0.02

    def reset(self, draw):
        orientation, goal = rotations.random(draw), rotations.random(draw)
        still = torch.zeros_like(goal[:, :3])
        return {"orientation": orientation, "goal": goal, "turning": still, "new_goal": torch.zeros_like(goal[:, 0])}

    def step(self, state, actions, draw):
        # A goal is replaced at the beginning of a step, so that the state that reached it still tells which it was.
        reached = self.reached(state)
        goal = torch.where(reached[:, None], rotations.random(draw), state["goal"])
        inertia = actions.new_tensor(self.inertia)
        orientation, turning = rigid_body.turned(state["orientation"], state["turning"], self.strongest * actions, inertia, self.dt)
        return {"orientation": orientation, "goal": goal, "turning": turning, "new_goal": reached.to(actions.dtype)}

    def to_goal(self, state):
        q = rotations.multiplied(rotations.inverse(state["orientation"]), state["goal"])
        return torch.where(q[:, 3:] < 0, -q, q)

    def reached(self, state):
        return rotations.angle(self.to_goal(state)) < self.near

    def observe(self, state):
        return torch.cat((state["orientation"], self.to_goal(state), state["turning"] / math.pi), dim=1)

    def variables(self, state):
        to_goal = self.to_goal(state)
        return {
            "orientation": state["orientation"],
            "goal": state["goal"],
            "to_goal": to_goal,
            "angle_to_goal": rotations.angle(to_goal),
            "angular_velocity": state["turning"],
            "new_goal": state["new_goal"],
            "goal_reached": self.reached(state).to(to_goal.dtype),
        }
