"""Which observations are images, and how they are turned for a convolutional network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eureka.spaces import Box, Part, Space

_SMALLEST = 36
"""Height and width below which the library's convolutions have nothing left to slide over."""


def is_pixels(space: Space) -> bool:
    """A Box of uint8 from 0 to 255 in 2 dimensions (grey), 3 (colour or a stack of grey), or 4 (a stack of colour images)."""
    return (
        isinstance(space, Box)
        and space.dtype == "uint8"
        and len(space.shape) in (2, 3, 4)
        and set(space.low) == {0.0}
        and set(space.high) == {255.0}
        and _large(space.shape)
    )


def is_image(part: Part) -> bool:
    """A part of a Dict observation that holds pixels, large enough for the library's convolutions."""
    return part.image and len(part.shape) in (2, 3, 4) and _large(part.shape)


def channels_first(images: NDArray[np.generic]) -> NDArray[np.generic]:
    """(B, H, W), (B, H, W, C), (B, C, H, W) or (B, S, H, W, C) → (B, C, H, W), where a stack S adds to the channels.

    Channels are the dimension that is smallest, as the library has it.
    """
    if images.ndim == 3:
        return images[:, None]
    if images.ndim == 5:
        turned = np.moveaxis(images, -1, 2)
        return turned.reshape(len(images), -1, *turned.shape[3:])
    return images if _channels_lead(images.shape[1:]) else np.moveaxis(images, -1, 1)


def _channels_lead(shape: tuple[int, ...]) -> bool:
    return shape[0] <= shape[-1]


def _large(shape: tuple[int, ...]) -> bool:
    if len(shape) == 4:
        shape = shape[1:]
    sides = shape if len(shape) == 2 else shape[1:] if _channels_lead(shape) else shape[:2]
    return min(sides) >= _SMALLEST
