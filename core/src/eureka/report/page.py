"""One file that is a whole web page: markup, style, script, data and the plotting library, and a policy that lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
import math
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_FOLDER = Path(__file__).with_name("page")


def render(template: str, data: dict[str, Any], **values: Any) -> str:
    """The page of a template in `page/`, every value escaped.

    data: what its script reads, as JSON in a block that no text can close. Its numbers that are not finite become null.
    The policy names the two scripts by their hashes, so a third one, or a handler in an attribute, is refused by the browser.
    """
    scripts = [_library(), (_FOLDER / "page.js").read_text(encoding="utf-8")]
    trusted = {
        "library": Markup(scripts[0]),
        "script": Markup(scripts[1]),
        "style": Markup((_FOLDER / "page.css").read_text(encoding="utf-8")),
    }
    page = _environment().get_template(template)
    return page.render(**values, **trusted, data=finite(data), policy=policy(scripts))


def policy(scripts: list[str]) -> str:
    """The Content-Security-Policy under which exactly these inline scripts run, and nothing is fetched from anywhere.

    Plotly sets styles on what it draws, hence inline styles; its pictures are drawn in place. A clip is in the page, too.
    """
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts)
    rules = f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; media-src data:"
    return f"{rules}; base-uri 'none'; form-action 'none'"


@cache
def _library() -> str:
    return (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "separators": (",", ":"), "allow_nan": False}
    return environment


def finite(value: Any) -> Any:
    """The same for JSON: numbers that are not finite become None."""
    if isinstance(value, dict):
        return {key: finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
