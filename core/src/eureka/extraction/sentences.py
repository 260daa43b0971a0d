"""What stands around a program within a fence and can only be words. All else there is meant as code, right or wrong."""

from __future__ import annotations

import keyword
import re
import textwrap

_LABEL = re.compile(r"\s*py(?:thon)?[\d.]*[ \t]*\n", re.IGNORECASE)
_IN_TICKS = re.compile(r"`[^`\n]+`")
_BULLET = re.compile(r"^(?:[-*•]|\d+[.)])\s+")
_SENTENCE = re.compile(r"(?:[\w\s,.;:!?。，：！？]|(?<=\w)['’-](?=\w))+")  # neither brackets nor quotes nor operators
_SHORT, _END = 4, tuple(".:!?。：！？")


def without_label(code: str) -> str:
    """Without the word `python` on a line of its own before the program, which a copied code block leaves there."""
    return code[label.end() :] if (label := _LABEL.match(code)) else code


def without_sentences(code: str) -> str:
    """Without the lines before and after a program that cannot be meant as code: dropping one that can would hide what is wrong with it."""
    lines, bare = code.split("\n"), textwrap.dedent(code).split("\n")
    first, last = 0, len(lines)
    while first < last and _is_prose(bare[first]):
        first += 1
    while first < last and _is_prose(bare[last - 1]):
        last -= 1
    rest = "\n".join(lines[first:last])
    return rest + "\n" if rest.strip() != code.strip() else code


def _is_prose(line: str) -> bool:
    """Whether it is blank, or an unindented line of words: four, or fewer that end as a sentence does."""
    if not line.strip() or line[0].isspace():
        return not line.strip()
    line = _IN_TICKS.sub("X", _BULLET.sub("", line)).strip()
    begins = line[:1].isalpha() and not line[:1].islower() and not keyword.iskeyword(line.split()[0])
    return begins and bool(_SENTENCE.fullmatch(line)) and (len(line.split()) >= _SHORT or line.endswith(_END))
