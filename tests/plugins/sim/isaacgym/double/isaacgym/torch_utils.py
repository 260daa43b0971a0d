"""Quaternions (x, y, z, w) and small helpers, written anew."""

import torch


def to_torch(values, dtype=torch.float, device="cpu", requires_grad=False):
    return torch.tensor(values, dtype=dtype, device=device, requires_grad=requires_grad)


def get_axis_params(value, axis, x=0.0, n=3):
    found = [x] + [0.0] * (n - 1)
    found[axis] = value
    return found


def quat_conjugate(q):
    return torch.cat([-q[..., :3], q[..., 3:]], -1)


def quat_rotate(q, v):
    turn = 2.0 * torch.cross(q[..., :3], v, dim=-1)
    return v + q[..., 3:] * turn + torch.cross(q[..., :3], turn, dim=-1)


def quat_rotate_inverse(q, v):
    return quat_rotate(quat_conjugate(q), v)


def torch_rand_float(lower, upper, shape, device):
    return (upper - lower) * torch.rand(*shape, device=device) + lower


def tensor_clamp(t, lower, upper):
    return torch.max(torch.min(t, upper), lower)
