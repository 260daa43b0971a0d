"""A program for another interpreter, from Python 3.6 on: prints what is installed there, as JSON. Standard library only; loads none of it.

version: [major, minor, micro]. prefixes: where it is installed, its environment first. packages: name, in lower case with dashes → version.
modules: module → its folder, of those named as arguments that are there. libpython: the shared library that extensions of it may want, and
why the system does not load it (empty where it does).
"""

import ctypes
import importlib.util
import json
import sys
from pathlib import Path


def packages() -> "dict[str, str]":
    """Every installed package's version, as importlib.metadata would tell, which 3.6 and 3.7 lack."""
    found = {}
    for folder in map(Path, reversed(sys.path)):
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.suffix in (".dist-info", ".egg-info"):
                names = [path / "METADATA", path / "PKG-INFO"] if path.is_dir() else [path]
                fields = {}
                for name in names:
                    if name.is_file():
                        fields.update(header(name))
                if "Name" in fields:
                    found[fields["Name"].lower().replace("_", "-").replace(".", "-")] = fields.get("Version", "?")
    return found


def header(path: Path) -> "dict[str, str]":
    """The fields before the first empty line of a metadata file."""
    fields = {}  # type: dict[str, str]
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if not line.strip():
            break
        key, _, value = line.partition(":")
        fields.setdefault(key, value.strip())
    return fields


def folders(modules: "list[str]") -> "dict[str, str]":
    """Where these top-level modules are, of those that are."""
    found = {}
    for name in modules:
        spec = importlib.util.find_spec(name)
        if spec is not None:
            found[name] = next(iter(spec.submodule_search_locations or [spec.origin or ""]))
    return found


def libpython() -> "list[str]":
    """The library's name, and why it cannot be loaded."""
    name = "libpython{}.{}{}.so.1.0".format(*sys.version_info[:2], getattr(sys, "abiflags", ""))
    try:
        ctypes.CDLL(name)
    except OSError as error:
        return [name, str(error)]
    return [name, ""]


if __name__ == "__main__":
    facts = {
        "version": list(sys.version_info[:3]),
        "prefixes": list(dict.fromkeys([sys.prefix, sys.base_prefix])),
        "packages": packages(),
        "modules": folders(sys.argv[1:]),
        "libpython": libpython(),
    }
    print(json.dumps(facts))
