"""`python -I isaac_worker JOB_DIRECTORY`: copies itself into the job's directory, for whoever wants to see what ran, and runs that."""

from __future__ import annotations

import os
import shutil
import sys


def main() -> None:
    """Do the job, or be one of the processes that a job has of its own (`simulator`)."""
    job = os.path.abspath(sys.argv[1])
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


main()
