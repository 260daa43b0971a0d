"""Orientations as unit quaternions (x, y, z, w), as tensors (N, 4); q and −q are the same one."""

from __future__ import annotations

import math

import torch

from eureka_torch.draw import Draw


def multiplied(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The rotation by `b` and then by `a`. (N, 4)."""
    a_v, a_w, b_v, b_w = a[:, :3], a[:, 3:], b[:, :3], b[:, 3:]
    vector = a_w * b_v + b_w * a_v + torch.linalg.cross(a_v, b_v)
    return torch.cat((vector, a_w * b_w - (a_v * b_v).sum(dim=1, keepdim=True)), dim=1)


def inverse(q: torch.Tensor) -> torch.Tensor:
    """The rotation back. (N, 4)."""
    return torch.cat((-q[:, :3], q[:, 3:]), dim=1)


def rotated(q: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Vectors (N, 3) of the body, as the world sees them."""
    twice = 2.0 * torch.linalg.cross(q[:, :3], v)
    return v + q[:, 3:] * twice + torch.linalg.cross(q[:, :3], twice)


def normalized(q: torch.Tensor) -> torch.Tensor:
    """Of length 1 again, which rounding takes from it. (N, 4)."""
    return q / torch.sqrt((q * q).sum(dim=1, keepdim=True))


def angle(q: torch.Tensor) -> torch.Tensor:
    """How far it turns, by the shorter way: 0 to π. (N,)."""
    # The arcsine or arccosine of one part alone would be off by 0.0005 at one end.
    return 2.0 * torch.atan2(torch.sqrt((q[:, :3] * q[:, :3]).sum(dim=1)), q[:, 3].abs())


def from_vector(v: torch.Tensor) -> torch.Tensor:
    """The rotation about the direction of `v` (N, 3) by its length. (N, 4)."""
    length = torch.sqrt((v * v).sum(dim=1, keepdim=True))
    # sinc(x) is sin(πx)/(πx), and 1 at 0.
    return torch.cat((0.5 * v * torch.sinc(length / (2.0 * math.pi)), torch.cos(0.5 * length)), dim=1)


def random(draw: Draw) -> torch.Tensor:
    """Any orientation, each as likely. (N, 4). Shoemake, "Uniform random rotations", Graphics Gems III, 1992."""
    share, first, second = draw.uniform(size=3).unbind(dim=1)
    a, b = torch.sqrt(1.0 - share), torch.sqrt(share)
    first, second = 2.0 * math.pi * first, 2.0 * math.pi * second
    return torch.stack((a * torch.sin(first), a * torch.cos(first), b * torch.sin(second), b * torch.cos(second)), dim=1)
