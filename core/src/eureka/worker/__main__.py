"""`python -m eureka.worker DIR`: does one job and leaves its result in DIR."""

from __future__ import annotations

import importlib
import re
import sys
import traceback
from pathlib import Path

from eureka.errors import EurekaError
from eureka.job_types import JobResult, WarmJob
from eureka.worker.protocol import Events, leave, read_job, take_lifeline, watch, write_result

OPERATIONS = {
    "describe": "eureka.worker.describe",
    "check": "eureka.worker.check",
    "train": "eureka.worker.train",
    "measure": "eureka.worker.measure",
    "evaluate": "eureka.worker.remeasure",
    "correlate": "eureka.worker.correlate",
    "render": "eureka.worker.render",
}

# What torch and others raise is told by its words: this process need not have loaded them.
_GPU_MEMORY = re.compile(
    r"OutOfMemoryError\b|\w+: .*\b(CUDA|HIP)\b.*out of memory|\w+: .*CU(BLAS|DNN|SOLVER)_STATUS_ALLOC_FAILED", re.IGNORECASE
)


def main() -> None:
    lifeline = take_lifeline()
    directory = Path(sys.argv[1])
    job = read_job(directory)
    if isinstance(job, WarmJob):
        from eureka.worker.warm import serve

        directory, lifeline = serve(job, directory, lifeline, OPERATIONS.values())  # comes back in the workers it forks
        job = read_job(directory)
    if lifeline >= 0:
        watch(lifeline)
    try:
        operation = importlib.import_module(OPERATIONS[job.op])
        result = operation.run(job, directory, Events(directory))
    except EurekaError as error:
        result = JobResult(status="error", error="usage", message=str(error), details=traceback.format_exc())
    except MemoryError:
        result = JobResult(status="error", error="memory", message="out of memory", details=traceback.format_exc())
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        if _GPU_MEMORY.match(message):
            first = " ".join(str(error).splitlines()[:1])[:300]
            result = JobResult(status="error", error="memory", message=f"out of memory on the GPU: {first}", details=traceback.format_exc())
        else:
            result = JobResult(status="error", error="crash", message=message, details=traceback.format_exc())
    if result.details:
        print(result.details, file=sys.stderr)
    write_result(directory, result)
    leave()


if __name__ == "__main__":
    main()
