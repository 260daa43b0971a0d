"""Torch in the zygote: loaded whole, so that a confined child, which can read no file, can compile and run rewards."""

from __future__ import annotations

import contextlib
import importlib

_SAMPLE = """
import torch

def compute_reward(x, y):
    near = torch.exp(-torch.norm(x, dim=-1)) + torch.where(y > 0, y, -y)
    return near.sum(dim=-1), {"near": near.sum(dim=-1)}
"""


def warm_torch() -> None:
    """Import torch, on one thread and without gradients, and compile and run a reward once: much of it is loaded only then."""
    import torch

    from eureka.worker.array_libraries import TorchTensors

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    for module in ("torch.linalg", "torch.nn.functional", "torch._subclasses.schema_check_mode"):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    scope: dict[str, object] = {"__name__": "sample"}
    exec(compile(_SAMPLE, "sample.py", "exec", dont_inherit=True), scope)
    function, _ = TorchTensors().compiled(scope["compute_reward"], _SAMPLE, "sample.py")  # type: ignore[arg-type]
    for _ in range(3):  # the second and third call are those that it optimises for
        function(torch.ones(4, 3), torch.ones(4, 1))
    scope["compute_reward"](torch.ones(4, 3, device="meta"), torch.ones(4, 1, device="meta"))  # type: ignore[operator]
