"""What a reward must return. Imported by the reward process too, so: standard library and numpy only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eureka.worker.array_libraries import NUMPY, NumpyArrays, TorchTensors

MAX_COMPONENTS = 32
MAX_NAME = 128
ALIGNMENT = 64
"""Every input array starts at a multiple of this many bytes."""


class ContractBroken(Exception):
    """What was expected and what came, fit to be shown to a model."""


def unpack(result: object, rows: int, library: NumpyArrays | TorchTensors = NUMPY) -> tuple[list[str], list[NDArray[Any]]]:
    """Take apart what a reward returned.

    Returns the components' names and the arrays: total first, then the components in order; each real and of shape (rows,),
    not yet converted. A component named total that is the total is left out. Values are not looked at otherwise: whoever copies them
    checks that they are finite. Raises ContractBroken.
    """
    if not (isinstance(result, tuple) and len(result) == 2):
        raise ContractBroken(f"the reward returned {_kind(result)}; expected a tuple (total, components)")
    total, components = result
    if not isinstance(components, dict):
        raise ContractBroken(f"components is {_kind(components)}; expected a dict of name → array")
    if "total" in components and _is_same(components["total"], total, library):  # many write the reward itself down among its parts
        components = {name: value for name, value in components.items() if name != "total"}
    if not 1 <= len(components) <= MAX_COMPONENTS:
        raise ContractBroken(f"there are {len(components)} components; expected 1 to {MAX_COMPONENTS}")
    names = list(components)
    check_names(names)
    arrays = [_array("total", total, rows, library)]
    return names, arrays + [_array(f'component "{name}"', value, rows, library) for name, value in components.items()]


def _is_same(value: object, total: object, library: NumpyArrays | TorchTensors) -> bool:
    first, second = library.returned(value), library.returned(total)
    return first is not None and second is not None and (value is total or np.array_equal(first, second))


def check_names(names: list[Any]) -> None:
    """Raise ContractBroken unless every name is an identifier, short, and not `total`."""
    for name in names:
        if not isinstance(name, str):
            raise ContractBroken(f"a component's name is {_kind(name)}; expected a string")
        if not name.isidentifier() or len(name) > MAX_NAME:
            raise ContractBroken(
                f"component {name[: MAX_NAME + 1]!r}: expected a name of letters, digits and underscores, at most {MAX_NAME} long"
            )
        if name == "total":
            raise ContractBroken('component "total": the name stands for the reward itself; leave it out, or choose another')


def not_finite(name: str, values: NDArray[Any], row: int, arguments: Mapping[str, NDArray[Any]]) -> str:
    """What is wrong with `total`, or a component of that name, that is not finite in a row."""
    label = name if name == "total" else f'component "{name}"'
    bad = [argument for argument, array in arguments.items() if not np.isfinite(array[row]).all()]
    cause = f", where the variable {bad[0]} is not finite either" if bad else ""
    return f"{label} is {values[row]} in row {row} of {len(values)}{cause}; expected finite numbers"


def shapes_given(wrong: str, arguments: Mapping[str, NDArray[Any]]) -> str:
    """`; it was given x (64,), action (64, 1)`, to follow what is wrong with a function; empty where that is not about a shape."""
    if "shape" not in wrong and "dimension" not in wrong:
        return ""
    return "; it was given " + ", ".join(f"{name} {array.shape}" for name, array in arguments.items())


def _array(label: str, value: object, rows: int, library: NumpyArrays | TorchTensors) -> NDArray[Any]:
    array = library.returned(value)
    if array is None:
        raise ContractBroken(f"{label} is {_kind(value)}; expected {library.noun} of shape ({rows},)")
    if array.shape != (rows,):
        raise ContractBroken(f"{label} has shape {array.shape}; expected ({rows},)")
    if array.dtype.kind not in "biuf":
        raise ContractBroken(f"{label} has dtype {array.dtype}; expected real numbers")
    return array


def _kind(value: object) -> str:
    if isinstance(value, tuple):
        return f"a tuple of {len(value)}"
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[:1] in 'aeiou' or name == 'ndarray' else 'a'} {name}"
