"""What a model reads of an environment: its spaces, its documentation and its source, never its reward."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium

from eureka.errors import ConfigError
from eureka.hookspecs import ContextRequest
from eureka.yaml_source import no_such_file, shown
from eureka_gymnasium.doc_text import prune_documentation
from eureka_gymnasium.make import make_row
from eureka_gymnasium.pruning.class_source import is_plumbing
from eureka_gymnasium.pruning.leftovers import Leftover
from eureka_gymnasium.pruning.prune import Part, prune
from eureka_gymnasium.space_text import space_text

if TYPE_CHECKING:
    from eureka_gymnasium.sim import GymnasiumSim

MAX_DOCUMENTATION, MAX_SOURCE = 10_000, 13_500
MAX_QUOTED = 8
# Wrappers of `gymnasium.make`, which change nothing that an agent or a reward sees.
_SILENT = ("OrderEnforcing", "PassiveEnvChecker", "TimeLimit")
# What a model needs most where not everything fits.
_FIRST = ("step", "reset", "reset_model", "observation", "action")


def describe(options: GymnasiumSim.Options, request: ContextRequest) -> str:
    """Plain text of at most 25,000 characters, a user's own file aside. Raises ConfigError where the source would tell the reward."""
    env = request.env
    if env.max_episode_steps is None:
        limit = "An episode has no step limit of its own."
    else:
        limit = f"An episode is truncated after {env.max_episode_steps} steps."
    head = (
        f"Environment: {_name(options.env)}.",
        f"Observation space: {space_text(env.observation_space)}.",
        f"Action space: {space_text(env.action_space)}.",
        limit,
    )
    if options.context is not None:
        return "\n".join((*head, "", _own_text(options.context)))
    row = make_row(options)
    try:
        return "\n".join((*head, *_told(row, options.hide)))
    finally:
        row.close()


def _name(env: str) -> str:
    file, _, name = env.rpartition(":")
    return name if file.endswith(".py") else f"Gymnasium's {env}"


def _own_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise ConfigError(f"sim.context: {no_such_file(path)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"sim.context: {shown(path)} cannot be read as UTF-8 text ({error}).") from None


def _told(env: gymnasium.Env[Any, Any], hide: tuple[str, ...]) -> list[str]:
    """Documentation and source of an environment and of the wrappers around it, innermost first."""
    wrappers: list[type[Any]] = []
    while isinstance(env, gymnasium.Wrapper):
        wrappers.insert(0, type(env))
        env = env.env
    lines: list[str] = []
    named = [cls.__name__ for cls in wrappers if cls.__name__ not in _SILENT and not cls.__module__.startswith("eureka_gymnasium.")]
    if named:
        lines += [f"Wrapped, innermost first, in: {', '.join(named)}."]
    classes = [type(env), *(cls for cls in wrappers if not is_plumbing(cls))]
    documentation = [text for cls in classes for text in _documentation(cls)]
    if documentation:
        lines += ["", "Documentation", "-------------", _cut("\n\n".join(documentation), MAX_DOCUMENTATION)]
    source = _source(classes, hide)
    if source:
        lines += ["", "Source (`...` and `_` stand for what is left out)", "-------------------------------------------------", source]
    return lines


def _documentation(cls: type[Any]) -> list[str]:
    """The class's own text, or that of the nearest of its bases that has one."""
    for base in cls.__mro__:
        text = vars(base).get("__doc__")
        if is_plumbing(base):
            return []
        if isinstance(text, str) and (pruned := prune_documentation(text)):
            return [pruned]
    return []


def _cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut between paragraphs."""
    if len(text) <= limit:
        return text
    kept = text[:limit].rpartition("\n\n")[0] or text[:limit]
    return f"{kept}\n\n(The rest is left out for its length.)"


# ── Source ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _source(classes: list[type[Any]], hide: tuple[str, ...]) -> str:
    parts: list[Part] = []
    leftovers: list[Leftover] = []
    for cls in classes:
        pruned = prune(cls, hide)
        if pruned is not None:
            parts += pruned.parts
            leftovers += pruned.leftovers
    if leftovers:
        raise _refusal(leftovers)
    return _joined(parts)


def _refusal(leftovers: list[Leftover]) -> ConfigError:
    """An error that quotes the lines which tell the reward and says how to go on."""
    quoted = [f"  {shown(Path(found.file))}:{found.line}: {_line(found)}  ({found.why})" for found in leftovers[:MAX_QUOTED]]
    more = [f"  and {len(leftovers) - MAX_QUOTED} more lines"] if len(leftovers) > MAX_QUOTED else []
    names = sorted({found.name for found in leftovers if found.name is not None})
    hide = f"[{', '.join(names)}]" if names else "[NAME, ...]"
    return ConfigError(
        "\n".join(
            (
                "sim.env: the environment's source still tells its reward, which a model must not see:",
                *quoted,
                *more,
                "Ways on: separate the reward from the rest there, leave names out with "
                f"`sim.hide: {hide}`, or write what a model should read yourself with `sim.context: FILE`.",
            )
        )
    )


def _line(found: Leftover) -> str:
    try:
        return Path(found.file).read_text(encoding="utf-8").splitlines()[found.line - 1].strip()
    except (OSError, UnicodeDecodeError, IndexError):
        return "…"


def _joined(parts: list[Part]) -> str:
    """The parts in order; where they are too long, without the least telling ones, which are named."""
    left, kept = MAX_SOURCE, set()
    for i in sorted(range(len(parts)), key=lambda i: _rank(parts[i])):
        if len(parts[i].text) + 2 <= left:
            kept.add(i)
            left -= len(parts[i].text) + 2
    text = ""
    for i in sorted(kept):
        block = "\n" in parts[i].text or parts[i].name
        text += ("\n\n" if block and text else "\n" if text else "") + parts[i].text
    missing = [parts[i].name or parts[i].text.split("=")[0].strip() for i in range(len(parts)) if i not in kept]
    return f"{text}\n\n(Left out for their length: {', '.join(missing)}.)" if missing else text


def _rank(part: Part) -> int:
    """Smaller for what says more: what a class is, then steps, resets and observations, then the rest."""
    name = part.name.rpartition(".")[2]
    if "." not in part.name:
        return 0 if part.text.startswith("class ") else 3
    return 1 if name in _FIRST or "obs" in name or "termin" in name or "health" in name else 2
