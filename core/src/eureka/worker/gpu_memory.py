"""A GPU's want of memory, as torch tells of it: the machine's fault, whoever's code asked for the memory. Standard library only."""

from __future__ import annotations

import re

# Told by words: TorchScript raises a RuntimeError around it, and who asks need not have loaded torch.
_WORDS = re.compile(r"OutOfMemoryError\b|\b(CUDA|HIP)\b.*out of memory|CU(BLAS|DNN|SOLVER)_STATUS_ALLOC_FAILED", re.IGNORECASE)


def is_gpu_memory(error: BaseException) -> bool:
    """Whether an error says that a GPU had no memory."""
    return _WORDS.search(f"{type(error).__name__}: {error}") is not None
