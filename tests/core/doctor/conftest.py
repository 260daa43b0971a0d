"""Machines and interpreters that are made up: files, libraries and modules as whoever fell into a trap had them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from eureka.doctor.finding import Finding, Place

# What `python` does of `python -I -c CODE ARGUMENTS`, with another version, another prefix and other modules.
INTERPRETER = """#!{real} -S
import sys
sys.version_info, sys.abiflags = (*{version}, "final", 0), ""
sys.prefix = sys.base_prefix = {prefix!r}
sys.path.insert(0, {packages!r})
{first}
at = sys.argv.index("-c")
code, sys.argv = sys.argv[at + 1], ["-c", *sys.argv[at + 2 :]]
exec(compile(code, "<string>", "exec"), {{"__name__": "__main__"}})
"""


def install(folder: Path, *dists: str, **modules: str) -> None:
    """Packages as pip leaves them: `name==version` each, and the source of modules."""
    for dist in dists:
        name, _, version = dist.partition("==")
        info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: of nobody\n")
    for module, source in modules.items():
        path = folder / module.replace("__", "/")
        (path.parent if "/" in module.replace("__", "/") else path).mkdir(parents=True, exist_ok=True)
        (path.with_suffix(".py") if "__" in module else path / "__init__.py").write_text(source)


class Environment:
    """Another interpreter's environment, by default one in which IsaacGym works."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.packages = folder / "packages"
        self.python = folder / "bin" / "python"
        (folder / "lib").mkdir(parents=True)
        self.python.parent.mkdir()
        self.runs()

    def runs(self, version: tuple[int, ...] = (3, 8, 18), first: str = "") -> None:
        """Write the interpreter. first: what it does as it starts."""
        source = INTERPRETER.format(real=sys.executable, version=version, prefix=str(self.folder), packages=str(self.packages), first=first)
        self.python.write_text(source)
        self.python.chmod(0o755)


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path / "isaac")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder whose packages this interpreter and those it starts have, before their own."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


@pytest.fixture
def machine(tmp_path):
    """A file system's root: `machine(files)` writes them."""

    def make(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / "root" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path / "root"

    return make


@pytest.fixture
def findings():
    """A check's lines by name: `findings(check, **place)`."""

    def look(check: Callable[[Place], Iterable[Finding]], **place) -> dict[str, Finding]:
        found = {finding.check: finding for finding in check(Place(**place))}
        for finding in found.values():
            assert finding.found and (finding.status == "ok" or (finding.means and finding.next)), finding
        return found

    return look
