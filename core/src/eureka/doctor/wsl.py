"""Windows Subsystem for Linux: where it keeps the driver, and what it cannot show."""

from __future__ import annotations

from collections.abc import Iterator

from eureka.doctor.asking import ask
from eureka.doctor.finding import Finding, Place

_LOAD = """
import ctypes, json
try:
    ctypes.CDLL("libcuda.so.1")
    print(json.dumps(""))
except OSError as error:
    print(json.dumps(str(error)))
"""


def check(place: Place) -> Iterator[Finding]:
    """Nothing where this is no WSL; else whether the driver that Windows lends is found, and that IsaacGym's viewer is not."""
    try:
        kernel = (place.root / "proc/version").read_text()
    except OSError:
        return
    if "microsoft" not in kernel.lower():
        return
    folder = place.root / "usr/lib/wsl/lib"
    if not (folder / "libcuda.so.1").exists():
        means = "Windows lends its driver to Linux, and has none: no program here sees a GPU."
        yield Finding(
            "WSL", "not there", f"no libcuda.so.1 in {folder}", means, "Install NVIDIA's driver in Windows, none in Linux; wsl --shutdown"
        )
    elif why := ask(place.python, _LOAD):
        means = f"No program finds the driver that Windows lends ({why})."
        yield Finding(
            "WSL", "problem", f"{folder} is not searched for libraries", means, f"export LD_LIBRARY_PATH={folder}:$LD_LIBRARY_PATH"
        )
    else:
        yield Finding("WSL", "ok", f"the driver that Windows lends is found, {folder / 'libcuda.so.1'}")
    means = "Vulkan, which it draws with, has no GPU in WSL: the simulator ends as it opens its window."
    yield Finding("WSL viewer", "warning", "IsaacGym's viewer does not work in WSL", means, "Train without it: headless=True.")
