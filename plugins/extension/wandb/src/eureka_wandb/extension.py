"""The `wandb` extension: shows a run in Weights & Biases, at once or, from the files of `mode: offline`, later."""

from __future__ import annotations

import logging
import shutil
import uuid
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

import eureka
from eureka.component import Options as BaseOptions
from eureka.errors import ConfigError
from eureka.events import RunEnd, RunStart, StageStart
from eureka.files import write_atomically
from eureka.journal import read_journal
from eureka.run_metrics import Numbers, RunMetrics
from eureka.secret_values import without_secrets
from eureka.types import Record
from eureka_wandb import content
from eureka_wandb.credentials import refuse_without_key

log = logging.getLogger("eureka")


class Wandb(eureka.Component):
    """Send curves, candidates with their answers and the final evaluation to W&B, or keep them for `wandb sync`."""

    class Options(BaseOptions):
        mode: Literal["online", "offline", "disabled"] = Field(
            "offline",
            description="offline keeps all in the run's folder `wandb`; online sends it, prompts and answers too; disabled does nothing.",
        )
        project: str = Field("eureka", min_length=1, description="W&B project.")
        entity: str | None = Field(None, description="W&B user or team; null: the default of the key's owner.")
        name: str | None = Field(None, description="The run's name at W&B; null: that of its folder.")
        tags: tuple[str, ...] = Field((), description="Tags of the run at W&B.")

    options: Options

    def __init__(self, options: Options) -> None:
        """Raises ConfigError where the library, or for `online` a key, is missing."""
        super().__init__(options)
        if options.mode != "disabled" and find_spec("wandb") is None:
            raise ConfigError(
                'extensions: "wandb" needs the module wandb, which is missing: pip install eureka-plugin-wandb (or only: pip install wandb)'
            )
        if options.mode == "online":
            refuse_without_key()
        self._run_dir = Path()
        self._metrics: RunMetrics | None = None
        self._points = 0
        self._run: Any = None
        self._axes: set[str] = set()
        self._has_settings = False

    @eureka.hookimpl
    def eureka_on_run_start(self, event: RunStart) -> None:
        """Begin where W&B's history of the run ends; offline that is the beginning, for what a killed host kept may be short."""
        if self.options.mode == "disabled":
            return
        self._run_dir, self._metrics = event.run_dir, RunMetrics(event.run_dir)
        self._try(lambda: self._open(event))
        for record in read_journal(event.run_dir / "journal.jsonl"):
            self._take(record)

    @eureka.hookimpl
    def eureka_on_stage(self, event: StageStart) -> None:
        """Show the settings as they are now: a resume may have changed them, and the first stage completes the task."""
        if self._run is not None and event.stage != "context" and not self._has_settings:
            self._has_settings = True
            self._try(lambda: self._run.config.update(content.settings(self._run_dir), allow_val_change=True))

    @eureka.hookimpl
    def eureka_on_record(self, record: Record) -> None:
        self._take(record)

    @eureka.hookimpl
    def eureka_on_run_end(self, event: RunEnd) -> None:
        if self._run is not None:
            self._try(lambda: self._close(event))
        self._metrics = self._run = None

    def _open(self, event: RunStart) -> None:
        import wandb

        folder, online = event.run_dir / "wandb", self.options.mode == "online"
        id_ = _id(folder / "run-id")
        for earlier in folder.glob(f"offline-run-*-{id_}"):
            shutil.rmtree(earlier)
        quiet = wandb.Settings(
            silent=True,
            console="off",  # what is on the terminal is `progress`, and not to be captured
            disable_git=True,
            disable_code=True,
            x_disable_stats=True,
            x_disable_machine_info=True,
            x_save_requirements=False,
            init_timeout=30.0,
            finish_timeout=30.0,  # what is on disk then, `wandb sync` sends
        )
        self._run = wandb.init(
            mode=self.options.mode,
            project=self.options.project,
            entity=self.options.entity,
            name=self.options.name or event.run_dir.name,
            tags=self.options.tags,
            dir=str(event.run_dir),
            id=id_,
            resume="allow" if online else None,
            reinit="create_new",
            config=content.settings(event.run_dir),
            settings=quiet,
        )

    def _close(self, event: RunEnd) -> None:
        import wandb

        assert self._metrics is not None
        summary = {"status": event.status, **event.summary}
        if rows := content.candidates(self._metrics.state):
            summary["candidates"] = wandb.Table(columns=content.CANDIDATE_COLUMNS, data=rows)
        if rows := content.final(self._metrics.state):
            summary["final_evaluation"] = wandb.Table(columns=content.FINAL_COLUMNS, data=rows)
        self._run.summary.update(summary)
        self._run.finish(exit_code=0 if event.status in ("ended", "interrupted") else 1)

    def _take(self, record: Record) -> None:
        """Send the points of a record. A point's place among all of the run's is its step at W&B, so that none is there twice."""
        for item in self._metrics.take(record) if self._metrics is not None else ():
            if isinstance(item, Numbers):
                step, self._points = self._points, self._points + 1
                if self._run is not None and step >= self._run.starting_step:
                    self._try(lambda: self._send(item, step))  # noqa: B023

    def _send(self, point: Numbers, step: int) -> None:
        place = f"{point.series.replace('.', '-')}/" if point.series else ""  # a dot is W&B's own separator
        row = {f"{place}{name}": value for name, value in point.values.items()}
        for pattern in sorted({f"{name.partition('/')[0]}/*" for name in row} - self._axes):
            self._axes.add(pattern)
            self._run.define_metric(pattern, step_metric=point.axis)
        self._run.log({point.axis: point.step, **row}, step=step, commit=True)

    def _try(self, what: Callable[[], object]) -> None:
        try:
            what()
        except Exception as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self._run = None
        log.warning("wandb: %s. The run goes on without it; a resume sends what is missing.", without_secrets(str(error)).rstrip("."))


def _id(file: Path) -> str:
    """The run's id at W&B, the same in all sessions."""
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        write_atomically(file, uuid.uuid4().hex[:8])
    return file.read_text()
