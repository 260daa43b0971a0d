"""The `tensorboard` extension: shows a run in TensorBoard while it goes on and afterwards."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import eureka
from eureka.errors import ConfigError
from eureka.events import RunEnd, RunStart, StageStart
from eureka.journal import read_journal
from eureka.run_metrics import Numbers, RunMetrics, Text
from eureka.secret_values import without_secrets
from eureka.types import Record
from eureka_tensorboard.event_files import EventFiles

log = logging.getLogger("eureka")


class TensorBoard(eureka.Component):
    """Write curves, prompts, answers and the final evaluation as event files into the run's folder `tensorboard`."""

    def __init__(self, options: eureka.Options) -> None:
        """Raises ConfigError where the library is missing."""
        super().__init__(options)
        if find_spec("tensorboard") is None:
            raise ConfigError(
                'extensions: "tensorboard" needs the module tensorboard, which is missing: '
                "pip install eureka-plugin-tensorboard (or only: pip install tensorboard)"
            )
        self._run_dir = Path()
        self._metrics: RunMetrics | None = None
        self._files: EventFiles | None = None
        self._has_config = False

    @eureka.hookimpl
    def eureka_on_run_start(self, event: RunStart) -> None:
        """Write what the journal holds anew: a host that was killed may have written less, or half."""
        self._run_dir, self._metrics = event.run_dir, RunMetrics(event.run_dir)
        before = read_journal(event.run_dir / "journal.jsonl")
        try:
            self._files = EventFiles(event.run_dir / "tensorboard")
        except OSError as error:
            self._give_up(error)
        self._write([item for record in before for item in self._metrics.take(record)])

    @eureka.hookimpl
    def eureka_on_stage(self, event: StageStart) -> None:
        if event.stage != "context":  # which may complete the task
            self._write_config()

    @eureka.hookimpl
    def eureka_on_record(self, record: Record) -> None:
        if self._metrics is not None:
            self._write(self._metrics.take(record))

    @eureka.hookimpl
    def eureka_on_run_end(self, event: RunEnd) -> None:
        self._write_config()
        self._metrics = self._files = None

    def _write_config(self) -> None:
        """Once a session, since a resume may have changed it."""
        if not self._has_config:
            self._has_config = True
            self._write([Text("", 0, "config", without_secrets((self._run_dir / "config.yaml").read_text()))])

    def _write(self, items: Iterable[Numbers | Text]) -> None:
        try:
            if self._files is not None:
                self._files.write(items)
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self._files = None
        log.warning(
            "tensorboard: %s: cannot write (%s). The run goes on without; once that is mended, a resume writes all of it again.",
            self._run_dir / "tensorboard",
            error.strerror,
        )
