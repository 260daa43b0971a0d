"""Operation `train`: one segment of every trial of a cohort."""

from __future__ import annotations

from pathlib import Path

from eureka.errors import PluginContractError
from eureka.job_types import JobResult, TrainJob
from eureka.worker.components import reward_device, worker_hooks
from eureka.worker.protocol import Events
from eureka.worker.tools import Tools
from eureka.worker.worker_confinement import keep_temporary_files


def run(job: TrainJob, directory: Path, events: Events) -> JobResult:
    """Let the trainer train. Each trial's own `result.json` is written as it ends, so that nothing is lost when another crashes."""
    hooks = worker_hooks(job.task, job.trainer)
    if reward_device(hooks) is not None:
        keep_temporary_files(directory)
        hooks.hook.eureka_warm_up()  # what is compiled and kept for later is written now: not any more once a reward is loaded here
    tools = Tools(job, directory, events, hooks)
    try:
        done = hooks.hook.eureka_train(job=job, tools=tools)
    finally:
        tools.close()
    if done is None:
        raise PluginContractError(f"trainer: {job.trainer.use}: eureka_train returned nothing; expected True.")
    if tools.unfinished:
        names = ", ".join(tools.unfinished)
        raise PluginContractError(f"trainer: {job.trainer.use}: left {names} without tools.finished or tools.failed.")
    return JobResult(status="ok", faults=tools.faults)
