"""Another interpreter than Eureka's own, as it tells of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eureka.doctor import interpreter_facts
from eureka.doctor.asking import ask


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What `interpreter_facts.py` says there. modules: those of isaacgym and torch that are there → their folder."""

    python: Path
    version: tuple[int, ...]
    prefixes: tuple[Path, ...]
    packages: Mapping[str, str]
    modules: Mapping[str, Path]
    library: str
    library_missing: str

    @property
    def pip(self) -> str:
        """The command that installs into it."""
        return f"{self.python} -m pip"


def interpreter(python: Path) -> Interpreter:
    """Ask it. Raises NoAnswer, also where that is no Python."""
    source = Path(interpreter_facts.__file__).read_text(encoding="utf-8")
    told = ask(python, source, "isaacgym", "torch", isolated=True)
    return Interpreter(
        python=python,
        version=tuple(told["version"]),
        prefixes=tuple(map(Path, told["prefixes"])),
        packages=told["packages"],
        modules={name: Path(folder) for name, folder in told["modules"].items()},
        library=told["libpython"][0],
        library_missing=told["libpython"][1],
    )
