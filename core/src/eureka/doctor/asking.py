"""Has another process look, so that whatever crashes, hangs or must not be loaded here is a line in the table."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class NoAnswer(Exception):
    """The process did not say what it was asked; the message says how it ended."""


def ask(python: Path, code: str, *arguments: str, seconds: float = 20, isolated: bool = False, env: Mapping[str, str] | None = None) -> Any:
    """What a Python program prints last, as JSON. Raises NoAnswer.

    seconds: after which it, and all it started, is killed. isolated: `python -I`, as workers of another interpreter are started. env: laid
    over this process's environment.
    """
    command = [str(python), *["-I"] * isolated, "-c", code, *arguments]
    try:
        # In a folder in which no file is taken for a module.
        process = subprocess.Popen(
            command,
            cwd="/",
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise NoAnswer(f"{python} cannot be run: {error.strerror}") from None
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=2)
        raise NoAnswer(f"no answer within {seconds:g} s") from None
    said = err.decode(errors="replace").strip()
    if process.returncode < 0:
        raise NoAnswer(f"ended by {signal.Signals(-process.returncode).name}{f': {_last(said)}' if said else ''}")
    try:
        return json.loads(out.decode(errors="replace").strip().splitlines()[-1])
    except (IndexError, ValueError):
        raise NoAnswer(_last(said) or f"no answer, exit code {process.returncode}") from None


def _last(text: str) -> str:
    return (text.splitlines() or [""])[-1].strip()[:300]
