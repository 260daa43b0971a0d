"""Packages that install the same module: pynvml and nvidia-ml-py."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Mapping

from eureka.doctor.finding import Finding


def of_this_python() -> Iterator[Finding]:
    """A line where the interpreter that Eureka runs in has both."""
    yield from pynvml_twice({name: version for name in ("pynvml", "nvidia-ml-py") if (version := version_of(name))}, "pip")


def pynvml_twice(versions: Mapping[str, str], pip: str) -> Iterator[Finding]:
    """A line where both are among the packages (name → version). pip: the command that installs into that interpreter."""
    old, new = versions.get("pynvml", ""), versions.get("nvidia-ml-py", "")
    if old and new and int(old.partition(".")[0]) < 12:  # since 12 it brings no module of that name and needs the other
        yield Finding(
            "pynvml",
            "warning",
            f"pynvml {old} and nvidia-ml-py {new} both install the module pynvml",
            "Which of the two is imported is chance: gpustat, torch.cuda.utilization and others then fail with missing names.",
            f"{pip} uninstall -y pynvml nvidia-ml-py && {pip} install nvidia-ml-py",
        )


def version_of(name: str) -> str:
    """The version of a package of this interpreter; empty where it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
