"""What a command says of an error contains no key, however the error comes to be shown."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType


class _Format(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        from eureka.secret_values import without_secrets

        return without_secrets(super().format(record))


def hide_keys() -> None:
    """From now on warnings and tracebacks on standard error are without the host's keys."""
    assert logging.lastResort is not None
    logging.lastResort.setFormatter(_Format())
    sys.excepthook = _show


def _show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    from eureka.secret_values import without_secrets

    sys.stderr.write(without_secrets("".join(traceback.format_exception(kind, error, trace))))
