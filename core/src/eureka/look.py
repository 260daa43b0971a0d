"""Looks at an environment without a run: one `describe` job, in a directory that is gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eureka.config import Config
from eureka.errors import ConfigError, EurekaError, RunFailed
from eureka.job_types import DescribeJob
from eureka.jobs import Finished, Jobs
from eureka.lessons import lessons_of
from eureka.registry import build_manager, make
from eureka.search_start import POLICY, copy_start
from eureka.signals import Interrupted, Signals
from eureka.types import EnvContext, Isolation

_LOG_LINES = 8
_OF_TASK = ("sim.", "variables.", "variables:", "fitness.", "human:")


def look(config: Config) -> EnvContext:
    """What a run of this config would find out about its environment before it spends anything.

    Uses the config's simulator and executor, and leaves nothing behind. Raises ConfigError for what the user must mend, RunFailed where
    the simulator failed, KeyboardInterrupt on Ctrl-C.
    """
    with workplace(config) as (folder, jobs):
        return describe(config, folder, jobs)


@contextmanager
def workplace(config: Config) -> Iterator[tuple[Path, Jobs]]:
    """A directory and the workers of the config's executor for what is no run; when the block ends all of them are gone.

    Ctrl-C raises KeyboardInterrupt.
    """
    executor = make("executor", config.executor, "executor")
    hooks = build_manager({"executor": executor, "task.sim": make("sim", config.task.sim, "task.sim")})
    with tempfile.TemporaryDirectory(prefix="eureka-") as folder, Signals() as signals:
        try:
            yield Path(folder), Jobs(Path(folder), hooks, signals, slots=1, stall_s=executor.options.stall_s)
        except Interrupted:
            raise KeyboardInterrupt from None
        finally:
            signals.kill_jobs()


def describe(config: Config, folder: Path, jobs: Jobs, as_run: bool = False, isolation: Isolation | None = None) -> EnvContext:
    """Describe the environment in `folder`: its `context/recordings.npz` is there afterwards. Raises as `look` does.

    as_run: ask what a run does before it spends anything, also of the trainer and of what is to confine rewards (see `job_of_run`).
    isolation: what rewards will have to be confined by, where no trainer is asked.
    """
    job = DescribeJob(run_dir=folder, task=config.task, seed=config.seed, isolation=isolation)
    if as_run:
        copy_start(config, folder)
        job = job_of_run(config, folder)
    finished = jobs.run([job])[0]
    if finished.result is not None and finished.result.context is not None:
        return finished.result.context
    error = worker_failed(finished, "the environment could not be described")
    raise ConfigError(in_config(str(error))) if as_run and isinstance(error, ConfigError) else error


def job_of_run(config: Config, folder: Path) -> DescribeJob:
    """The job with which a run begins."""
    return DescribeJob(
        run_dir=folder,
        task=config.task,
        seed=config.seed,
        trainer=config.trainer,
        steps=config.training.steps,
        isolation=config.isolation or "require",
        lessons=lessons_of(config)[:-1],
        policy=POLICY if config.search.start is not None else None,
    )


def in_config(message: str) -> str:
    """What is wrong with a task, its key as it stands in a config: a worker names it as it stands in task.yaml."""
    return f"task.{message}" if message.startswith(_OF_TASK) else message


def worker_failed(finished: Finished, what: str) -> EurekaError:
    """What to tell the user of a job that did not do its work, when its directory will be gone."""
    result = finished.result
    if result is not None and result.error == "usage":
        return ConfigError(result.message)
    log = (finished.dir / "worker.log").read_text(errors="replace").rstrip().splitlines()[-_LOG_LINES:]
    return RunFailed("\n".join([f"{what}: {result.message if result is not None else finished.message}", *(f"  {line}" for line in log)]))
