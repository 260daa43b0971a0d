"""What all tasks have in common: buffers, the simulation, and the order of things in a step."""

import numpy as np
import torch
from gymnasium import spaces
from isaacgym import gymapi

EXISTING_SIM = None


class VecTask:
    def __init__(self, config, rl_device, sim_device, graphics_device_id, headless, virtual_screen_capture=False, force_render=False):
        global EXISTING_SIM
        assert EXISTING_SIM is None, "one simulation in a process"
        self.device, self.rl_device, self.headless, self.viewer = sim_device, rl_device, headless, None
        env = config["env"]
        self.num_envs, self.num_obs, self.num_actions = env["numEnvs"], env["numObservations"], env["numActions"]
        self.num_states = env.get("numStates", 0)
        self.observation_space = spaces.Box(-np.inf, np.inf, (self.num_obs,), np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, (self.num_actions,), np.float32)
        self.clip_obs, self.clip_actions = env.get("clipObservations", np.inf), env.get("clipActions", np.inf)
        self.sim_params = gymapi.SimParams()
        self.sim_params.dt, self.sim_params.substeps = config["sim"]["dt"], config["sim"]["substeps"]
        self.gym = gymapi.acquire_gym()
        self.create_sim()
        self.gym.prepare_sim(self.sim)
        self.obs_buf = torch.zeros(self.num_envs, self.num_obs, device=self.device)
        self.rew_buf = torch.zeros(self.num_envs, device=self.device)
        self.reset_buf = torch.ones(self.num_envs, dtype=torch.long, device=self.device)
        self.progress_buf = torch.zeros(self.num_envs, dtype=torch.long, device=self.device)
        self.extras, self.obs_dict = {}, {}

    def create_sim(self):
        global EXISTING_SIM
        EXISTING_SIM = self.gym.create_sim(0, -1, gymapi.SIM_PHYSX, self.sim_params)
        return EXISTING_SIM

    def step(self, actions):
        self.pre_physics_step(torch.clamp(actions, -self.clip_actions, self.clip_actions))
        self.gym.simulate(self.sim)
        self.gym.fetch_results(self.sim, True)
        self.post_physics_step()
        self.extras["time_outs"] = (self.progress_buf >= self.max_episode_length - 1) & (self.reset_buf != 0)
        self.obs_dict["obs"] = torch.clamp(self.obs_buf, -self.clip_obs, self.clip_obs)
        return self.obs_dict, self.rew_buf, self.reset_buf, self.extras

    def reset(self):
        self.obs_dict["obs"] = torch.clamp(self.obs_buf, -self.clip_obs, self.clip_obs)
        return self.obs_dict
