"""Eureka's own packages: which components they bring, and whether these are there."""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from collections.abc import Iterator

from eureka import __version__
from eureka.doctor.asking import NoAnswer, ask
from eureka.doctor.finding import Finding, Place
from eureka.registry import ComponentInfo, list_components

_LOAD = """
import json, sys
from eureka.errors import EurekaError
from eureka.registry import resolve
said = []
for component in sys.argv[1:]:
    try:
        resolve(*component.split(":"))
    except EurekaError as error:
        said.append(str(error))
print(json.dumps(said))
"""


def check(place: Place) -> Iterator[Finding]:
    """A line for all that can be used, and one for each that cannot. Reads metadata only, unless the place says to load them."""
    dists = defaultdict[tuple[str, str], list[ComponentInfo]](list)
    for component in list_components():
        dists[component.dist, component.version].append(component)
    broken = [finding for (dist, _), components in dists.items() for finding in _broken(place, dist, components)]
    plugins = ", ".join(f"{dist.removeprefix('eureka-plugin-')} {version}" for dist, version in sorted(dists) if dist != "eureka-core")
    how = "imported" if place.load else "by their metadata; --plugins imports each"
    yield Finding("Eureka", "ok", f"{__version__}; plugins ({how}): {plugins or 'none'}")
    yield from broken
    yield from _twice([component for components in dists.values() for component in components])


def _broken(place: Place, dist: str, components: list[ComponentInfo]) -> Iterator[Finding]:
    again = f"pip install --force-reinstall --no-deps {dist}"
    for name in sorted({component.value.partition(":")[0].partition(".")[0] for component in components}):
        if importlib.util.find_spec(name) is None:
            means = "Its folder was moved or deleted after it was installed from there."
            yield Finding(dist, "problem", f"its module {name} is not there", means, f"{again} (from a folder: pip install -e FOLDER)")
            return
    if place.load:
        try:
            said = ask(place.python, _LOAD, *(f"{component.kind}:{component.name}" for component in components), seconds=60)
        except NoAnswer as error:
            said = [str(error)]
        for message in dict.fromkeys(said):
            yield Finding(dist, "problem", f"cannot be imported: {message}", "No run can use it.", again)


def _twice(components: list[ComponentInfo]) -> Iterator[Finding]:
    names = defaultdict[str, list[str]](list)
    for component in components:
        names[f"{component.kind}:{component.name}"].append(component.dist)
    for name, dists in names.items():
        if len(dists) > 1:
            yield Finding(name, "problem", f"comes from {' and '.join(dists)}", "No config can name it.", f"pip uninstall {dists[-1]}")
