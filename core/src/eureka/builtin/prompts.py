"""The texts of prompts: Markdown files with `{{name}}` placeholders, each of which a folder of the user's may replace."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from eureka.errors import ConfigError
from eureka.suggest import closest

log = logging.getLogger("eureka")

NAMES = ("system", "task", "improve", "repair", "failures", "notes")
SHIPPED = files("eureka") / "prompts"
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_NEEDED = {"description", "variables", "reflection", "failures", "notes", "message", "list"}
"""Placeholders whose absence from a text that has them in ours is more likely a slip than meant."""


class Prompts:
    """The templates, ours or the user's, read and checked at once."""

    def __init__(self, folder: Path | None = None) -> None:
        self._templates = {name: (SHIPPED / f"{name}.md").read_text(encoding="utf-8") for name in NAMES}
        if folder is not None:
            self._override(folder)

    def render(self, name: str, values: Mapping[str, str]) -> str:
        """Fill a template in one pass: what looks like a placeholder inside a value stays as it is."""
        return _PLACEHOLDER.sub(lambda match: values[match[1]], self._templates[name]).strip()

    def _override(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ConfigError(
                f"generator.prompts: {folder} is not a folder. Give one with texts of your own; to begin: eureka prompt --templates DIR"
            )
        for path in sorted(folder.iterdir()):
            if path.name.startswith("."):
                continue
            if path.suffix != ".md" or path.stem not in NAMES:
                raise ConfigError(f"generator.prompts: {path} replaces no prompt. Prompts are {', '.join(f'{n}.md' for n in NAMES)}.")
            text = _read(path)
            # What our own text uses is what there is to be filled in.
            _check_placeholders(path, text, known=sorted(set(_PLACEHOLDER.findall(self._templates[path.stem]))))
            self._templates[path.stem] = text


def _read(path: Path) -> str:
    """The text of a template. Raises ConfigError where there is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"generator.prompts: {path}: byte {error.start} is not UTF-8 text. Save it as UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"generator.prompts: {path}: cannot be read ({error.strerror}).") from None
    if not text.strip():
        raise ConfigError(f"generator.prompts: {path}: is empty. Delete it, and ours is used.")
    return text


def _check_placeholders(path: Path, text: str, known: list[str]) -> None:
    """Raise ConfigError for one that nothing fills in; warn of one left out without which the model would not be told."""
    used = _PLACEHOLDER.findall(text)
    for placeholder in used:
        if placeholder not in known:
            near = closest(placeholder, known)
            hint = f" Did you mean {{{{{near}}}}}?" if near is not None else ""
            raise ConfigError(f"generator.prompts: {path}: nothing fills {{{{{placeholder}}}}} in.{hint} Known there: {_braced(known)}.")
    if missing := [name for name in known if name in _NEEDED and name not in used]:
        log.warning("generator.prompts: %s does not use %s: the model will not read what stands there in ours", path, _braced(missing))


def _braced(names: list[str]) -> str:
    return ", ".join(f"{{{{{name}}}}}" for name in names) or "none"
