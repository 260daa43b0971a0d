"""The types and the `Gym` object of the stand-in: one actor in each environment, all of one asset."""

import os

import mujoco
import numpy as np
import torch
from mujoco import rollout

SIM_PHYSX, SIM_FLEX, UP_AXIS_Y, UP_AXIS_Z = 0, 1, 0, 1
DOF_MODE_NONE, DOF_MODE_POS, DOF_MODE_VEL, DOF_MODE_EFFORT = 0, 1, 2, 3
MESH_VISUAL, KEY_ESCAPE, KEY_V = 0, 1, 2


class Vec3:
    def __init__(self, x=0.0, y=0.0, z=0.0):
        self.x, self.y, self.z = x, y, z


class Quat:
    def __init__(self, x=0.0, y=0.0, z=0.0, w=1.0):
        self.x, self.y, self.z, self.w = x, y, z, w


class Transform:
    def __init__(self, p=None, r=None):
        self.p, self.r = p or Vec3(), r or Quat()


class _Settings:
    """Anything may be set."""


class SimParams(_Settings):
    def __init__(self):
        self.dt, self.substeps, self.gravity, self.up_axis = 1 / 60, 2, Vec3(0, 0, -9.81), UP_AXIS_Z
        self.physx, self.flex, self.use_gpu_pipeline = _Settings(), _Settings(), False


class PlaneParams(_Settings):
    pass


class AssetOptions(_Settings):
    pass


class CameraProperties(_Settings):
    pass


class ContactCollection:
    def __init__(self, value):
        self.value = value


class Motor:
    def __init__(self, effort):
        self.motor_effort = effort


class Sim:
    """The model of one environment, and N states of it: time, positions, velocities."""

    def __init__(self, params):
        self.params, self.model, self.count, self.pose = params, None, 0, Transform()

    def prepare(self):
        self.model.opt.timestep = self.params.dt / self.params.substeps
        data = mujoco.MjData(self.model)
        self.free = int(self.model.njnt > 0 and self.model.jnt_type[0] == mujoco.mjtJoint.mjJNT_FREE)
        if self.free:
            data.qpos[:3] = self.pose.p.x, self.pose.p.y, self.pose.p.z
        self.nq, self.nv = self.model.nq, self.model.nv
        self.start = np.concatenate([[0.0], data.qpos, data.qvel])
        self.state = np.repeat(self.start[None], self.count, 0)
        self.forces = np.zeros((self.count, self.nv))
        self.sensed = np.zeros((self.count, self.model.nsensordata))
        self.dofs = self.nv - 6 * self.free
        self.dof_state = torch.zeros(self.count * self.dofs, 2)
        self.root_state = torch.zeros(self.count, 13)
        self.sensor = torch.zeros(self.count * self.model.nsensordata // 6, 6)
        self.rollout = rollout.Rollout(nthread=1)
        self.data = [mujoco.MjData(self.model)]

    def advance(self):
        control = np.repeat(self.forces[:, None], self.params.substeps, 1)
        states, sensed = self.rollout.rollout(
            self.model, self.data, self.state, control, control_spec=int(mujoco.mjtState.mjSTATE_QFRC_APPLIED)
        )
        self.state, self.sensed = states[:, -1].copy(), sensed[:, -1].copy()
        self.forces[:] = 0.0

    @property
    def positions(self):
        return self.state[:, 1 : 1 + self.nq]

    @property
    def velocities(self):
        return self.state[:, 1 + self.nq :]


class Gym:
    def create_sim(self, compute_device, graphics_device, engine, params):
        return Sim(params)

    def prepare_sim(self, sim):
        sim.prepare()
        return True

    def add_ground(self, sim, params):
        pass  # the assets bring their own

    def load_asset(self, sim, root, file, options):
        sim.model = mujoco.MjModel.from_xml_path(os.path.join(root, file))
        return sim.model

    def get_asset_dof_count(self, asset):
        return int(asset.nv - 6 * (asset.njnt > 0 and asset.jnt_type[0] == mujoco.mjtJoint.mjJNT_FREE))

    def get_asset_rigid_body_count(self, asset):
        return asset.nbody - 1

    def get_asset_rigid_body_name(self, asset, index):
        return asset.body(index + 1).name

    def find_asset_rigid_body_index(self, asset, name):
        return asset.body(name).id - 1

    def get_asset_actuator_properties(self, asset):
        return [Motor(float(gear)) for gear in asset.actuator_gear[:, 0]]

    def create_asset_force_sensor(self, asset, body, pose):
        return 0  # the assets bring a force and a torque sensor for each

    def create_env(self, sim, lower, upper, per_row):
        self.sim = sim
        sim.count += 1
        return sim.count - 1

    def create_actor(self, env, asset, pose, name, group, filter, segmentation=0):
        self.sim.pose = pose
        return 0

    def find_actor_rigid_body_handle(self, env, actor, name):
        return self.sim.model.body(name).id - 1

    def set_rigid_body_color(self, *args):
        pass

    def get_actor_dof_properties(self, env, actor):
        model, count = self.sim.model, self.get_asset_dof_count(self.sim.model)
        names = ("driveMode", "stiffness", "damping", "lower", "upper", "velocity", "effort")
        found = {name: np.zeros(count) for name in names}
        found["lower"], found["upper"] = model.jnt_range[-count:, 0].copy(), model.jnt_range[-count:, 1].copy()
        return found

    def set_actor_dof_properties(self, env, actor, properties):
        return True

    def acquire_dof_state_tensor(self, sim):
        return sim.dof_state if hasattr(sim, "dof_state") else None

    def acquire_actor_root_state_tensor(self, sim):
        return sim.root_state

    def acquire_force_sensor_tensor(self, sim):
        return sim.sensor

    def refresh_dof_state_tensor(self, sim):
        view = sim.dof_state.view(sim.count, sim.dofs, 2)
        view[..., 0] = torch.from_numpy(sim.positions[:, 7 * sim.free :]).float()
        view[..., 1] = torch.from_numpy(sim.velocities[:, 6 * sim.free :]).float()

    def refresh_actor_root_state_tensor(self, sim):
        position, velocity = torch.from_numpy(sim.positions).float(), torch.from_numpy(sim.velocities).float()
        sim.root_state[:, 0:3] = position[:, 0:3]
        sim.root_state[:, 3:7] = position[:, [4, 5, 6, 3]]
        sim.root_state[:, 7:10] = velocity[:, 0:3]
        from isaacgym.torch_utils import quat_rotate  # MuJoCo turns about the body's axes

        sim.root_state[:, 10:13] = quat_rotate(sim.root_state[:, 3:7], velocity[:, 3:6])

    def refresh_force_sensor_tensor(self, sim):
        sim.sensor[:] = torch.from_numpy(sim.sensed).float().view(-1, 6)

    def set_dof_state_tensor_indexed(self, sim, tensor, indices, count):
        rows, values = indices.long().numpy(), tensor.view(sim.count, sim.dofs, 2)[indices.long()].double().numpy()
        sim.state[rows, 1 + 7 * sim.free : 1 + sim.nq] = values[..., 0]
        sim.state[rows, 1 + sim.nq + 6 * sim.free :] = values[..., 1]

    def set_actor_root_state_tensor_indexed(self, sim, tensor, indices, count):
        rows, root = indices.long().numpy(), tensor[indices.long()].double().numpy()
        sim.state[rows, 1:8] = root[:, [0, 1, 2, 6, 3, 4, 5]]
        sim.state[rows, 1 + sim.nq : 7 + sim.nq] = root[:, 7:13]  # at rest, where the axes do not matter

    def set_dof_actuation_force_tensor(self, sim, forces):
        sim.forces[:, 6 * sim.free :] = forces.detach().double().view(sim.count, sim.dofs).numpy()

    def simulate(self, sim):
        sim.advance()

    def fetch_results(self, sim, wait):
        pass

    def get_sim_params(self, sim):
        return sim.params

    def get_frame_count(self, sim):
        return 0


def acquire_gym():
    return Gym()
