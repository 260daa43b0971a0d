"""What may be wrong with every line of a program that came through a chat: small repairs, each tried only on text that does not parse."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Callable, Iterator

_SPACES = {chr(code): " " for code in (0x0B, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)}
_NOTHING = dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_LINE_ENDS = dict.fromkeys("\u0085\u2028\u2029", "\n")
_ODD_SPACES = str.maketrans({**_SPACES, **_NOTHING, **_LINE_ENDS})
_TYPOGRAPHY = str.maketrans({**dict.fromkeys("“”„‟″«»", '"'), **dict.fromkeys("‘’‚‛′", "'"), **dict.fromkeys("−–‐‑", "-"), "×": "*"})
_ESCAPE = re.compile(r"&#?\w{1,10};")
_ESCAPED = {r"\n": "\n", r"\t": "\t", r"\"": '"', r"\'": "'", "\\\\": "\\"}
# What may stand before every line, and what of it to drop. The first kind that all lines show is the one.
_PREFIXES = (
    re.compile(r"(?:>>>|\.\.\.)(?: |$)"),  # typed at Python's prompt
    re.compile(r"(?:> ?)+"),  # quoted in a mail
    re.compile(r"\s*\d+[:|.)]?(?: ?[|│])?(?: |\t|$)"),  # numbered
)
_DIFF = re.compile(r"[+ ]|(?=-|@@|diff |index |\\|$)")


def _without_prefixes(code: str) -> str:
    lines = code.split("\n")
    for prefix in _PREFIXES:
        if all(prefix.match(line) for line in lines if line.strip()):
            return textwrap.dedent("\n".join(prefix.sub("", line, count=1) for line in lines))
    if any(line.startswith("+") for line in lines) and all(_DIFF.match(line) for line in lines):
        return "\n".join(line[1:] for line in lines if line[:1] in ("+", " ", "") and not line.startswith("+++"))
    return code


def _without_escapes(code: str) -> str:
    for _ in range(3):  # some escape what is escaped
        code = _ESCAPE.sub(lambda escape: html.unescape(escape[0]), code)
    return code


def _with_line_ends(code: str) -> str:
    """A program on one line, as in the source of a string."""
    if "\n" in code.strip():
        return code
    return re.sub(r"\\.", lambda escape: _ESCAPED.get(escape[0], escape[0]), code.strip().strip("\"'"))


_MENDS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("dedented", textwrap.dedent),
    ("replaced odd spaces", lambda code: code.translate(_ODD_SPACES)),
    ("replaced typographic signs", lambda code: code.translate(_TYPOGRAPHY)),
    ("unescaped line ends", _with_line_ends),
    ("unescaped HTML", _without_escapes),
    ("removed line prefixes", _without_prefixes),
)


def mended(code: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(text, repairs) after each repair alone, then after all of them; none that changes nothing."""
    for words, mend in _MENDS:
        if (changed := mend(code)) != code:
            yield changed, (words,)
    repairs: tuple[str, ...] = ()
    for words, mend in (*_MENDS, _MENDS[0]):  # what is freed of prefixes or escapes may stand indented
        changed = mend(code)
        if changed != code and words not in repairs:
            repairs = (*repairs, words)
        code = changed
    if len(repairs) > 1:
        yield code, repairs
