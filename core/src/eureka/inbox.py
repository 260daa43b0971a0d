"""`inbox/`: how anybody but the host adds a record to a run. Whole files arrive by rename; the host folds them in."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from eureka.types import Note, Preference

log = logging.getLogger("eureka")

_SAID: TypeAdapter[Note | Preference] = TypeAdapter(Annotated[Note | Preference, Field(discriminator="kind")])


def drop(run_dir: Path, said: Note | Preference) -> Path:
    """Leave what a person said for a run, from any process, at any time, whether the run is going on or not."""
    inbox = run_dir / "inbox"
    inbox.mkdir(exist_ok=True)
    path = inbox / f"{uuid.uuid4().hex}.json"
    temporary = path.with_suffix(".part")
    temporary.write_text(said.model_dump_json())
    temporary.replace(path)
    return path


def waiting(run_dir: Path) -> Iterator[tuple[Path, Note | Preference]]:
    """What is in the inbox, oldest first. A file that is neither is set aside as `.rejected`, with a warning."""
    found = []
    for path in (run_dir / "inbox").glob("*.json"):
        try:
            found.append((_SAID.validate_json(path.read_bytes()), path))
        except (ValidationError, OSError) as error:
            log.warning("%s: neither note nor preference, set aside (%s)", path, str(error).splitlines()[0])
            path.replace(path.with_suffix(".rejected"))
    for said, path in sorted(found, key=lambda pair: (pair[0].time, pair[0].id)):
        yield path, said
