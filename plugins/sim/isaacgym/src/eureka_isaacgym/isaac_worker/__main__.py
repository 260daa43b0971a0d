"""`python -I isaac_worker JOB_DIRECTORY`: copies itself into the job's directory, for whoever wants to see what ran, and runs that."""

import json
import os
import shutil
import sys


def main() -> None:
    """Do the job, or be one of the processes that a job has of its own (`simulator`)."""
    job = os.path.abspath(sys.argv[1])
    if sys.version_info < (3, 8):  # noqa: UP036
        _refuse(job)
        return
    here = os.path.dirname(os.path.abspath(__file__))
    copy = os.path.join(job, "isaac_worker")
    if here != copy and not os.path.isdir(copy):
        shutil.copytree(here, copy, ignore=shutil.ignore_patterns("__pycache__"))
    sys.dont_write_bytecode = True
    sys.path[0] = job
    if sys.argv[2:] == ["simulator"]:
        from isaac_worker.simulator import serve

        serve(job)
    else:
        from isaac_worker.operations import run

        run(job)


def _refuse(job: str) -> None:
    """Tell the host in a line; nothing else of the worker can be imported. This file is of older grammar for that."""
    version = "{}.{}".format(*sys.version_info[:2])
    message = "sim.python: {} is Python {}, and the worker needs 3.8 or later; give an interpreter of Python 3.8, which Isaac Gym has"
    with open(os.path.join(job, "result.json"), "w") as file:
        json.dump({"status": "error", "error": "usage", "message": message.format(sys.executable, version)}, file)


main()
