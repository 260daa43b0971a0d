"""Looks at an environment without a run: one `describe` job, in a directory that is gone afterwards."""

from __future__ import annotations

import tempfile
from pathlib import Path

from eureka.config import Config
from eureka.errors import ConfigError, RunFailed
from eureka.job_types import DescribeJob
from eureka.jobs import Finished, Jobs
from eureka.registry import build_manager, make
from eureka.signals import Interrupted, Signals
from eureka.types import EnvContext

_LOG_LINES = 8


def look(config: Config) -> EnvContext:
    """What a run of this config would find out about its environment before it spends anything.

    Uses the config's simulator and executor, and leaves nothing behind. Raises ConfigError for what the user must mend, RunFailed where
    the simulator failed, KeyboardInterrupt on Ctrl-C.
    """
    executor = make("executor", config.executor, "executor")
    hooks = build_manager({"executor": executor, "task.sim": make("sim", config.task.sim, "task.sim")})
    with tempfile.TemporaryDirectory(prefix="eureka-") as folder, Signals() as signals:
        jobs = Jobs(Path(folder), hooks, signals, slots=1, stall_s=executor.options.stall_s)
        try:
            finished = jobs.run([DescribeJob(run_dir=Path(folder), task=config.task, seed=config.seed)])[0]
        except Interrupted:
            raise KeyboardInterrupt from None
        finally:
            signals.kill_jobs()
        return _context(finished)


def _context(finished: Finished) -> EnvContext:
    result = finished.result
    if result is not None and result.context is not None:
        return result.context
    if result is not None and result.error == "usage":
        raise ConfigError(result.message)
    # Its log goes with the directory, so the end of it is told here.
    log = (finished.dir / "worker.log").read_text(errors="replace").rstrip().splitlines()[-_LOG_LINES:]
    message = result.message if result is not None else finished.message
    raise RunFailed("\n".join([f"the environment could not be described: {message}", *(f"  {line}" for line in log)]))
