"""`report`: a page to look at in the run's directory, whenever a host leaves the run."""

from __future__ import annotations

import logging

from eureka.component import Component, hookimpl
from eureka.errors import EurekaError
from eureka.events import RunEnd

log = logging.getLogger("eureka")


class Report(Component):
    """Write `report.html` and `report.md` into the run's directory when it ends or is left, as `eureka report` does.

    Written before those extensions are told that stand before it, so that what `progress` says last can name it.
    """

    @hookimpl
    def eureka_on_run_end(self, event: RunEnd) -> None:
        if not event.summary.get("iterations"):
            return  # nothing was done that one could look at
        from eureka.report import write_report

        try:
            write_report(event.run_dir)
        except EurekaError as error:  # a full disk, say: the run is none the worse
            log.warning("no report was written: %s", error)
