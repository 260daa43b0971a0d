"""A conversation as a file that a person, a chat window or an agent reads, and the names of the files that answer it."""

from __future__ import annotations

import itertools
import logging
from pathlib import Path

from eureka.conversation import as_text
from eureka.files import write_atomically
from eureka.generator_types import CompletionRequest

log = logging.getLogger("eureka")

_LINE = "\n---\n\n"


def sample_name(request: CompletionRequest, sample: int) -> str:
    """`r0i2s07`, with `a1` behind it at the first repair."""
    return f"r{request.restart}i{request.iteration}s{sample:02}" + (f"a{request.attempt}" if request.attempt else "")


def answer_file(folder: Path, request: CompletionRequest, sample: int) -> Path:
    """Where the answer for a sample is awaited."""
    return folder / f"{sample_name(request, sample)}.answer.md"


def write_question(folder: Path, request: CompletionRequest, how: str) -> Path:
    """Write the conversation beneath the words that say how to answer it; gives the file.

    It is `r0i2a0.prompt.md`, or `r0i2a0-2.prompt.md` where another conversation of the iteration has that name. The same conversation
    asked again, as in a resumed run, has the same file. Where it is asked for the first time, answers that lie there are another's: they
    are set aside.
    """
    folder.mkdir(parents=True, exist_ok=True)
    conversation = as_text(request.messages)
    stem = f"r{request.restart}i{request.iteration}a{request.attempt}"
    names = (f"{stem}.prompt.md", *(f"{stem}-{number}.prompt.md" for number in range(2, 10_000)))
    for path in (folder / name for name in names):
        if not path.exists():
            _set_aside(folder, request)
            break
        if _conversation(path) == conversation:
            break
    write_atomically(path, f"# Question {stem}\n\n{how}\n{_LINE}{conversation}")
    return path


def _conversation(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace").partition(_LINE)[2]


def _set_aside(folder: Path, request: CompletionRequest) -> None:
    for sample in request.samples:
        path = answer_file(folder, request, sample)
        if path.exists():
            aside = next(free for n in itertools.count(1) if not (free := path.with_suffix(f".old{n}.md")).exists())
            path.rename(aside)
            log.warning("llm: %s was there before its question was asked; it is %s now", path, aside.name)
