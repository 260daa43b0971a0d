import os

import numpy as np
import torch
from isaacgym import gymapi, gymtorch

from .base.vec_task import VecTask


class Cartpole(VecTask):
    """A cart on a rail, and a pole on the cart."""

    def __init__(self, cfg, rl_device, sim_device, graphics_device_id, headless, virtual_screen_capture, force_render):
        self.cfg = cfg
        self.reset_dist = self.cfg["env"]["resetDist"]
        self.max_push_effort = self.cfg["env"]["maxEffort"]
        self.max_episode_length = 500
        self.cfg["env"]["numObservations"] = 4
        self.cfg["env"]["numActions"] = 1
        super().__init__(self.cfg, rl_device, sim_device, graphics_device_id, headless, virtual_screen_capture, force_render)
        self.dof_state = gymtorch.wrap_tensor(self.gym.acquire_dof_state_tensor(self.sim))
        self.dof_pos = self.dof_state.view(self.num_envs, self.num_dof, 2)[..., 0]
        self.dof_vel = self.dof_state.view(self.num_envs, self.num_dof, 2)[..., 1]
        self.consecutive_successes = torch.zeros(1, device=self.device)

    def create_sim(self):
        self.sim = super().create_sim()
        self.gym.add_ground(self.sim, gymapi.PlaneParams())
        root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../assets")
        asset = self.gym.load_asset(self.sim, root, self.cfg["env"]["asset"]["assetFileName"], gymapi.AssetOptions())
        self.num_dof = self.gym.get_asset_dof_count(asset)
        for i in range(self.num_envs):
            env = self.gym.create_env(self.sim, gymapi.Vec3(), gymapi.Vec3(), int(np.sqrt(self.num_envs)))
            self.gym.create_actor(env, asset, gymapi.Transform(), "cartpole", i, 1, 0)

    def compute_reward(self):
        """Called once in every step."""
        # what the human looks at
        pole_angle, pole_vel = self.obs_buf[:, 2], self.obs_buf[:, 3]
        cart_vel, cart_pos = self.obs_buf[:, 1], self.obs_buf[:, 0]
        self.rew_buf[:], self.reset_buf[:], self.consecutive_successes[:] = compute_cartpole_reward(
            pole_angle, pole_vel, cart_vel, cart_pos, self.reset_dist, self.reset_buf, self.progress_buf, self.max_episode_length
        )
        self.extras["consecutive_successes"] = self.consecutive_successes.mean()

    def compute_observations(self):
        # position and velocity of the cart (m), then of the pole (rad); a secret the reward must not know: 42
        self.gym.refresh_dof_state_tensor(self.sim)
        self.obs_buf[:, 0] = self.dof_pos[:, 0]
        self.obs_buf[:, 1] = self.dof_vel[:, 0]
        self.obs_buf[:, 2] = self.dof_pos[:, 1]
        self.obs_buf[:, 3] = self.dof_vel[:, 1]
        return self.obs_buf

    def reset_idx(self, env_ids):
        self.dof_pos[env_ids] = 0.2 * (torch.rand(len(env_ids), self.num_dof, device=self.device) - 0.5)
        self.dof_vel[env_ids] = 0.5 * (torch.rand(len(env_ids), self.num_dof, device=self.device) - 0.5)
        ids = env_ids.to(dtype=torch.int32)
        self.gym.set_dof_state_tensor_indexed(self.sim, gymtorch.unwrap_tensor(self.dof_state), gymtorch.unwrap_tensor(ids), len(ids))
        self.reset_buf[env_ids] = 0
        self.progress_buf[env_ids] = 0

    def pre_physics_step(self, actions):
        forces = torch.zeros(self.num_envs * self.num_dof, device=self.device)
        forces[:: self.num_dof] = actions.to(self.device).squeeze(-1) * self.max_push_effort
        self.gym.set_dof_actuation_force_tensor(self.sim, gymtorch.unwrap_tensor(forces))

    def post_physics_step(self):
        self.progress_buf += 1
        env_ids = self.reset_buf.nonzero(as_tuple=False).squeeze(-1)
        if len(env_ids) > 0:
            self.reset_idx(env_ids)
        self.compute_observations()
        self.compute_reward()


@torch.jit.script
def compute_cartpole_reward(pole_angle, pole_vel, cart_vel, cart_pos, reset_dist, reset_buf, progress_buf, max_episode_length):
    # type: (Tensor, Tensor, Tensor, Tensor, float, Tensor, Tensor, float) -> Tuple[Tensor, Tensor, Tensor]
    reward = 1.0 - pole_angle * pole_angle - 0.01 * torch.abs(cart_vel) - 0.005 * torch.abs(pole_vel)
    fell = (torch.abs(cart_pos) > reset_dist) | (torch.abs(pole_angle) > 1.5707963)
    reward = torch.where(fell, torch.full_like(reward, -2.0), reward)
    ends = fell | (progress_buf >= max_episode_length - 1)
    reset = torch.where(ends, torch.ones_like(reset_buf), reset_buf)
    # the mean length of the episodes that end now
    length = (progress_buf.float() * reset).sum() / torch.clamp(reset.sum(), min=1).float()
    return reward, reset, length
