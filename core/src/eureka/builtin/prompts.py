"""The texts of prompts: Markdown files with `{{name}}` placeholders, each of which a folder of the user's may replace."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from eureka.errors import ConfigError
from eureka.suggest import closest

NAMES = ("system", "task", "improve", "repair", "failures", "notes")
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


class Prompts:
    """The templates, ours or the user's, read and checked at once."""

    def __init__(self, folder: Path | None = None) -> None:
        shipped = files("eureka") / "prompts"
        self._templates = {name: (shipped / f"{name}.md").read_text(encoding="utf-8") for name in NAMES}
        if folder is not None:
            self._override(folder)

    def render(self, name: str, values: Mapping[str, str]) -> str:
        """Fill a template in one pass: what looks like a placeholder inside a value stays as it is."""
        return _PLACEHOLDER.sub(lambda match: values[match[1]], self._templates[name]).strip()

    def _override(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ConfigError(f"generator.prompts: {folder} is not a folder.")
        for path in sorted(folder.iterdir()):
            if path.name.startswith("."):
                continue
            if path.suffix != ".md" or path.stem not in NAMES:
                raise ConfigError(f"generator.prompts: {path} replaces no prompt. Prompts are {', '.join(f'{n}.md' for n in NAMES)}.")
            # What our own text uses is what there is to be filled in.
            known = sorted(set(_PLACEHOLDER.findall(self._templates[path.stem])))
            text = path.read_text(encoding="utf-8")
            for placeholder in _PLACEHOLDER.findall(text):
                if placeholder not in known:
                    near = closest(placeholder, known)
                    hint = f" Did you mean {{{{{near}}}}}?" if near is not None else ""
                    valid = ", ".join(f"{{{{{k}}}}}" for k in known)
                    raise ConfigError(f"generator.prompts: {path}: nothing fills {{{{{placeholder}}}}} in.{hint} Known there: {valid}.")
            self._templates[path.stem] = text
