import os

import torch
from isaacgym import gymapi, gymtorch
from isaacgym.torch_utils import quat_rotate_inverse, tensor_clamp, to_torch, torch_rand_float

from isaacgymenvs.tasks.base.vec_task import VecTask


class Ant(VecTask):
    def __init__(self, cfg, rl_device, sim_device, graphics_device_id, headless, virtual_screen_capture, force_render):
        self.cfg = cfg
        self.max_episode_length = self.cfg["env"]["episodeLength"]
        self.dof_vel_scale = self.cfg["env"]["dofVelocityScale"]
        self.up_weight = self.cfg["env"]["upWeight"]
        self.actions_cost_scale = self.cfg["env"]["actionsCost"]
        self.termination_height = self.cfg["env"]["terminationHeight"]
        self.cfg["env"]["numObservations"] = 60
        self.cfg["env"]["numActions"] = 8
        super().__init__(self.cfg, rl_device, sim_device, graphics_device_id, headless, virtual_screen_capture, force_render)
        self.root_states = gymtorch.wrap_tensor(self.gym.acquire_actor_root_state_tensor(self.sim))
        self.dof_state = gymtorch.wrap_tensor(self.gym.acquire_dof_state_tensor(self.sim))
        self.vec_sensor_tensor = gymtorch.wrap_tensor(self.gym.acquire_force_sensor_tensor(self.sim)).view(self.num_envs, 24)
        self.gym.refresh_actor_root_state_tensor(self.sim)
        self.initial_root_states = self.root_states.clone()
        self.initial_root_states[:, 7:13] = 0
        self.dof_pos = self.dof_state.view(self.num_envs, self.num_dof, 2)[..., 0]
        self.dof_vel = self.dof_state.view(self.num_envs, self.num_dof, 2)[..., 1]
        middle = 0.5 * (self.dof_limits_lower + self.dof_limits_upper)
        self.initial_dof_pos = middle.repeat(self.num_envs, 1)
        self.actions = torch.zeros(self.num_envs, self.num_actions, device=self.device)
        self.dt = self.cfg["sim"]["dt"]
        self.targets = to_torch([1000.0, 0.0, 0.0], device=self.device).repeat((self.num_envs, 1))
        self.potentials = to_torch([-1000.0 / self.dt], device=self.device).repeat(self.num_envs)
        self.prev_potentials = self.potentials.clone()
        self.consecutive_successes = torch.zeros(1, device=self.device)

    def create_sim(self):
        self.sim = super().create_sim()
        root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../assets")
        asset = self.gym.load_asset(self.sim, root, self.cfg["env"]["asset"]["assetFileName"], gymapi.AssetOptions())
        self.num_dof = self.gym.get_asset_dof_count(asset)
        efforts = [motor.motor_effort for motor in self.gym.get_asset_actuator_properties(asset)]
        self.joint_gears = to_torch(efforts, device=self.device)
        for name in [self.gym.get_asset_rigid_body_name(asset, i) for i in range(self.gym.get_asset_rigid_body_count(asset))]:
            if "foot" in name:
                self.gym.create_asset_force_sensor(asset, self.gym.find_asset_rigid_body_index(asset, name), gymapi.Transform())
        pose = gymapi.Transform(gymapi.Vec3(0.0, 0.0, 0.6))
        for i in range(self.num_envs):
            env = self.gym.create_env(self.sim, gymapi.Vec3(), gymapi.Vec3(), 8)
            actor = self.gym.create_actor(env, asset, pose, "ant", i, 1, 0)
        limits = self.gym.get_actor_dof_properties(env, actor)
        self.dof_limits_lower = to_torch(limits["lower"].tolist(), device=self.device)
        self.dof_limits_upper = to_torch(limits["upper"].tolist(), device=self.device)

    def compute_reward(self, actions):
        self.rew_buf[:], self.reset_buf[:], self.consecutive_successes[:] = compute_ant_reward(
            self.obs_buf,
            self.reset_buf,
            self.progress_buf,
            self.actions,
            self.up_weight,
            self.potentials,
            self.prev_potentials,
            self.actions_cost_scale,
            self.termination_height,
            self.max_episode_length,
        )
        self.extras["consecutive_successes"] = self.consecutive_successes.mean()

    def compute_observations(self):
        self.gym.refresh_dof_state_tensor(self.sim)
        self.gym.refresh_actor_root_state_tensor(self.sim)
        self.gym.refresh_force_sensor_tensor(self.sim)
        self.obs_buf[:], self.potentials[:], self.prev_potentials[:] = compute_ant_observations(
            self.root_states,
            self.targets,
            self.potentials,
            self.dof_pos,
            self.dof_vel,
            self.dof_vel_scale,
            self.vec_sensor_tensor,
            self.actions,
            self.dt,
        )

    def reset_idx(self, env_ids):
        positions = torch_rand_float(-0.2, 0.2, (len(env_ids), self.num_dof), device=self.device)
        self.dof_pos[env_ids] = tensor_clamp(self.initial_dof_pos[env_ids] + positions, self.dof_limits_lower, self.dof_limits_upper)
        self.dof_vel[env_ids] = torch_rand_float(-0.1, 0.1, (len(env_ids), self.num_dof), device=self.device)
        ids = gymtorch.unwrap_tensor(env_ids.to(dtype=torch.int32))
        self.gym.set_actor_root_state_tensor_indexed(self.sim, gymtorch.unwrap_tensor(self.initial_root_states), ids, len(ids))
        self.gym.set_dof_state_tensor_indexed(self.sim, gymtorch.unwrap_tensor(self.dof_state), ids, len(ids))
        to_target = self.targets[env_ids] - self.initial_root_states[env_ids, 0:3]
        to_target[:, 2] = 0.0
        self.prev_potentials[env_ids] = -torch.norm(to_target, p=2, dim=-1) / self.dt
        self.potentials[env_ids] = self.prev_potentials[env_ids].clone()
        self.progress_buf[env_ids] = 0
        self.reset_buf[env_ids] = 0

    def pre_physics_step(self, actions):
        self.actions = actions.clone().to(self.device)
        self.gym.set_dof_actuation_force_tensor(self.sim, gymtorch.unwrap_tensor(self.actions * self.joint_gears))

    def post_physics_step(self):
        self.progress_buf += 1
        env_ids = self.reset_buf.nonzero(as_tuple=False).flatten()
        if len(env_ids) > 0:
            self.reset_idx(env_ids)
        self.compute_observations()
        self.compute_reward(self.actions)


@torch.jit.script
def compute_ant_observations(root_states, targets, potentials, dof_pos, dof_vel, dof_vel_scale, sensor, actions, dt):
    # type: (Tensor, Tensor, Tensor, Tensor, Tensor, float, Tensor, Tensor, float) -> Tuple[Tensor, Tensor, Tensor]
    to_target = targets - root_states[:, 0:3]
    to_target[:, 2] = 0.0
    now = -torch.norm(to_target, p=2, dim=-1) / dt
    turned = root_states[:, 3:7]
    linear = quat_rotate_inverse(turned, root_states[:, 7:10])
    angular = quat_rotate_inverse(turned, root_states[:, 10:13])
    up = quat_rotate_inverse(turned, torch.tensor([[0.0, 0.0, 1.0]]).expand_as(linear))
    height, rest = root_states[:, 2:3], torch.zeros_like(root_states[:, :10])
    obs = torch.cat([height, linear, angular, up, rest[:, :2], dof_pos, dof_vel * dof_vel_scale, sensor * 0.1, actions], dim=-1)
    return obs[:, :60], now, potentials.clone()


@torch.jit.script
def compute_ant_reward(
    obs_buf,
    reset_buf,
    progress_buf,
    actions,
    up_weight: float,
    potentials,
    prev_potentials,
    actions_cost_scale: float,
    termination_height: float,
    max_episode_length: float,
):
    progress = potentials - prev_potentials
    upright = torch.where(obs_buf[:, 9] > 0.93, torch.full_like(progress, up_weight), torch.zeros_like(progress))
    reward = progress + 0.5 + upright - actions_cost_scale * torch.sum(actions**2, dim=-1)
    fell = obs_buf[:, 0] < termination_height
    reward = torch.where(fell, torch.full_like(reward, -2.0), reward)
    reset = torch.where(fell | (progress_buf >= max_episode_length - 1), torch.ones_like(reset_buf), reset_buf)
    return reward, reset, progress.mean()
