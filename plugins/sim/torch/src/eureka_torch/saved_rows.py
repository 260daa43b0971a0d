"""Rows in a file of plain arrays, so that any of them can go on in another batch."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.errors import PluginContractError

Arrays = Mapping[str, NDArray[Any]]


def write(path: Path, arrays: Arrays) -> None:
    """Replace the file by these arrays, each (R, …), a row's in the same place of all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    with partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    partial.replace(path)


def read(path: Path, like: Arrays) -> Arrays:
    """The arrays that `write` wrote. like: what they must be, but for their values. Raises PluginContractError where they are not."""
    try:
        with np.load(path, allow_pickle=False) as file:
            held = {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise PluginContractError(f"torch: {path} holds no saved rows ({error}).") from None
    found, expected = _told(held), _told(like)
    if found != expected:
        raise PluginContractError(f"torch: {path} holds the rows {found}; expected as many rows of the same environment: {expected}.")
    return held


def _told(arrays: Arrays) -> str:
    return ", ".join(f"{name} {arrays[name].dtype} {arrays[name].shape}" for name in sorted(arrays))
