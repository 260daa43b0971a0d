"""`dying_host.py WHEN N ARGUMENTS…`: the command line of Eureka, killed by SIGKILL at its Nth journal append of substance.

WHEN is `after` (the record is on disk) or `before` (the one after the Nth never gets there; a completion is let through, since
one that was sold but not journalled may be bought again).
"""

import os
import signal
import sys

from eureka import journal
from eureka.cli import main

when, number = sys.argv.pop(1), int(sys.argv.pop(1))
append = journal.Journal.append
written = 0


def dying(self, record):
    global written
    substance = record.kind not in ("session", "run")
    if when == "before" and substance and written >= number and record.kind != "completion":
        os.kill(os.getpid(), signal.SIGKILL)
    append(self, record)
    written += substance
    if written >= number and (when == "after" or record.kind == "completion"):
        os.kill(os.getpid(), signal.SIGKILL)


journal.Journal.append = dying
main()
