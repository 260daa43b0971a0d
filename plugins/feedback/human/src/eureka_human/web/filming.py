"""Films on the spot what nobody has filmed yet, when people compare policies they were not asked about. One at a time."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from eureka.errors import EurekaError
from eureka.job_types import RenderJob
from eureka.look import worker_failed, workplace
from eureka.people import CLIP, CLIP_HEIGHT, CLIP_SECONDS
from eureka.play import player
from eureka.seeds import derive_seed


class Filming:
    """Starts a `render` worker for each candidate it is asked for, once."""

    def __init__(self, run_dir: Path) -> None:
        self._dir = run_dir
        self._lock, self._one_at_a_time = threading.Lock(), threading.Lock()
        self._said: dict[str, str | None] = {}

    def want(self, candidate: str) -> str | None:
        """Have it filmed; why that went wrong, None as long as it may still go well."""
        with self._lock:
            if candidate not in self._said:
                self._said[candidate] = None
                threading.Thread(target=self._film, args=(candidate,), daemon=True).start()
            return self._said[candidate]

    def _film(self, candidate: str) -> None:
        folder = self._dir / "feedback" / candidate
        part = folder / f".{CLIP}.{os.getpid()}.part"
        try:
            with self._one_at_a_time:
                folder.mkdir(parents=True, exist_ok=True)
                self._render(candidate, part)
                part.replace(folder / CLIP)
        except (EurekaError, OSError) as error:
            self._said[candidate] = str(error)
        finally:
            part.unlink(missing_ok=True)

    def _render(self, candidate: str, part: Path) -> None:
        """Raises EurekaError where it cannot be filmed."""
        chosen = player(self._dir, candidate)
        job = RenderJob(
            run_dir=self._dir,
            task=chosen.config.task,
            trainer=chosen.config.trainer,
            checkpoint=chosen.checkpoint,
            seeds=(derive_seed("fresh", chosen.config.seed, 0),),
            video=part,
            height=CLIP_HEIGHT,
            seconds=CLIP_SECONDS,
        )
        with workplace(chosen.config) as (_, jobs):
            (finished,) = jobs.run([job])
            if finished.result is None or finished.result.status != "ok":
                raise worker_failed(finished, "the policy could not be filmed")
