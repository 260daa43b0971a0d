"""The secret of a run's page: the token in its link, and what is derived from it. Made once, so links and open pages outlive the server."""

from __future__ import annotations

import contextlib
import hmac
import os
import re
import secrets
from pathlib import Path

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class Key:
    """What opens the page of one run.

    cookie: name of the cookie with `session`; its own for each run, since browsers do not keep the ports of a machine apart.
    session: what a browser that came with the token shows from then on. form: what each form of the page holds, bound to `session`.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self.cookie = f"eureka_{self._derive('cookie')[:12]}"
        self.session = self._derive("session")
        self.form = self._derive(f"form {self.session}")

    def alias(self, candidate: str) -> str:
        """Another name for a candidate, which tells nothing of it: in a blind comparison its id must not be in the page."""
        return self._derive(f"candidate {candidate}")[:16]

    def _derive(self, what: str) -> str:
        return hmac.digest(self.token.encode(), what.encode(), "sha256").hex()


def same(given: str, expected: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def key_of(run_dir: Path) -> Key:
    """The key of a run, from `feedback/token` in its directory, which only its owner may read. Made where there is none."""
    path = run_dir / "feedback" / "token"
    if (token := _read(path)) is None:
        path.parent.mkdir(exist_ok=True)
        part = path.with_name(f".token.{os.getpid()}.{secrets.token_hex(4)}.part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():  # it holds no token
            path.unlink()
        with contextlib.suppress(FileExistsError):  # another server of this run was faster: its token counts
            path.hardlink_to(part)
        part.unlink()
        token = _read(path)
    assert token is not None
    return Key(token)


def _read(path: Path) -> str | None:
    try:
        token = path.read_text().strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    return token if _TOKEN.fullmatch(token) else None
