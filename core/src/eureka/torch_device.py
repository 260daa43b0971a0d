"""The name of a device as trainers and simulators that use torch take it in their options."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator


def _named(value: str) -> str:
    if re.fullmatch(r"cpu|cuda(:\d+)?", value) is None:
        raise ValueError(f'"{value}" is not cpu, cuda or cuda:NUMBER')
    return value


def _named_or_auto(value: str) -> str:
    if re.fullmatch(r"auto|cpu|cuda(:\d+)?", value) is None:
        raise ValueError(f'"{value}" is not cpu, cuda, cuda:NUMBER or auto')
    return value


NamedDevice = Annotated[str, AfterValidator(_named)]
"""cpu, cuda or cuda:1. Whether it is there is for the worker to say: the host loads no torch."""
TorchDevice = Annotated[str, AfterValidator(_named_or_auto)]
"""The same, or auto, which takes a GPU where there is one."""
