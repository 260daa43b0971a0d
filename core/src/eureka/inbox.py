"""`inbox/`: how anybody but the host adds a record to a run. Whole files arrive by rename; the host folds them in."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from eureka.types import Note

log = logging.getLogger("eureka")


def drop(run_dir: Path, note: Note) -> Path:
    """Leave a note for a run, from any process, at any time, whether the run is going on or not."""
    inbox = run_dir / "inbox"
    inbox.mkdir(exist_ok=True)
    path = inbox / f"{uuid.uuid4().hex}.json"
    temporary = path.with_suffix(".part")
    temporary.write_text(note.model_dump_json())
    temporary.replace(path)
    return path


def waiting(run_dir: Path) -> Iterator[tuple[Path, Note]]:
    """The notes in the inbox, oldest first. A file that is none is set aside as `.rejected`, with a warning."""
    found = []
    for path in (run_dir / "inbox").glob("*.json"):
        try:
            found.append((Note.model_validate_json(path.read_bytes()), path))
        except (ValidationError, OSError) as error:
            log.warning("%s: no note, set aside (%s)", path, str(error).splitlines()[0])
            path.replace(path.with_suffix(".rejected"))
    for note, path in sorted(found, key=lambda pair: (pair[0].time, pair[0].id)):
        yield path, note
