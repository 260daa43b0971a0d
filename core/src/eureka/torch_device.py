"""The name of a device as trainers that use torch take it in their options."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator


def _known(value: str) -> str:
    if re.fullmatch(r"auto|cpu|cuda(:\d+)?", value) is None:
        raise ValueError(f'"{value}" is not cpu, cuda, cuda:NUMBER or auto')
    return value


TorchDevice = Annotated[str, AfterValidator(_known)]
"""cpu, cuda, cuda:1, or auto. Whether it is there is for the worker to say: the host loads no torch."""
