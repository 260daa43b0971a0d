"""`inbox/`: how anybody but the host adds a record to a run. Whole files arrive by rename; the host folds them in."""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from eureka.files import write_atomically
from eureka.types import Note, Preference

log = logging.getLogger("eureka")

LIMIT = 100_000
"""Bytes of what a person may say at once, as JSON."""
_LATEST = 1e11
_SAID: TypeAdapter[Note | Preference] = TypeAdapter(Annotated[Note | Preference, Field(discriminator="kind")])


def drop(run_dir: Path, said: Note | Preference) -> Path:
    """Leave what a person said for a run, from any process, at any time, whether the run is going on or not."""
    inbox = run_dir / "inbox"
    inbox.mkdir(exist_ok=True)
    path = inbox / f"{uuid.uuid4().hex}.json"
    write_atomically(path, said.model_dump_json())
    return path


def peek(run_dir: Path) -> tuple[Note | Preference, ...]:
    """What is in the inbox, oldest first, for readers: changes nothing, and leaves out what is neither or was just taken."""
    found = []
    for path in (run_dir / "inbox").glob("*.json"):
        with contextlib.suppress(ValidationError, OSError):
            found.append(_SAID.validate_json(path.read_bytes()))
    return tuple(sorted(found, key=lambda said: (said.time, said.id)))


def waiting(run_dir: Path, candidates: Collection[str] | None = None) -> Iterator[tuple[Path, Note | Preference]]:
    """What is in the inbox, oldest first. A file that a run cannot take is set aside as `.rejected`, with a warning.

    candidates: those there are; None: whatever a preference names is taken.
    """
    found = []
    for path in (run_dir / "inbox").glob("*.json"):
        try:
            if path.stat().st_size > LIMIT:
                why = _too_long(path.stat().st_size)
            else:
                said = _SAID.validate_json(path.read_bytes())
                why = unfit(said, candidates)
        except ValidationError as error:
            why = f"neither note nor preference ({str(error).splitlines()[0]})"
        except OSError as error:
            why = f"cannot be read ({error.strerror})"
        if why:
            log.warning("%s: %s; set aside", path, why)
            path.replace(path.with_suffix(".rejected"))
        else:
            found.append((said, path))
    for said, path in sorted(found, key=lambda pair: (pair[0].time, pair[0].id)):
        yield path, said


def unfit(said: Note | Preference, candidates: Collection[str] | None = None) -> str:
    """Why a run cannot take what a person said; empty where it can."""
    if (size := len(said.model_dump_json().encode())) > LIMIT:
        return _too_long(size)
    if not 0 <= said.time < _LATEST:
        return f"time: {said.time:g} is no moment in seconds since 1970"
    if isinstance(said, Preference) and candidates is not None:
        if unknown := [id_ for id_ in (said.left, said.right) if id_ not in candidates]:
            return f"a preference for {', '.join(map(ascii, unknown))}, of which this run has no candidate"
        if said.left == said.right:
            return f"a preference for {said.left} over itself"
    return ""


def _too_long(size: int) -> str:
    return f"{size:,} bytes; what a person says may have {LIMIT:,}"
