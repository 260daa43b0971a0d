"""Asks on a web page, which a process of its own serves while the run lasts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from eureka.errors import RunStopped
from eureka.hookspecs import FeedbackTools
from eureka.types import Question
from eureka_human.questions import unanswered
from eureka_human.web.reach import is_loopback, warning

if TYPE_CHECKING:
    from eureka_human.server_process import ServerProcess

log = logging.getLogger("eureka")

_LOOK_S = 1.0
_STARTS = 3


class Page:
    """The page of a run; its server is started when something is first asked, and again where it has ended."""

    def __init__(self, host: str, port: int, allow_hosts: Sequence[str]) -> None:
        self._host, self._port, self._allow_hosts = host, port, allow_hosts
        self._server: ServerProcess | None = None

    def ask(self, tools: FeedbackTools, questions: Sequence[Question], people: int, wait: bool, overdue: Callable[[], bool]) -> None:
        """Until each question has been answered by so many, or it is overdue; at once where nobody waits.

        Raises RunStopped for a server that ends again and again.
        """
        self._open(tools, people, wait)
        starts = 1
        while wait and unanswered(questions, tools.answers(), people):
            if overdue():
                log.warning("feedback: nobody has answered in time; the run goes on, and answers count from when they come")
                return
            tools.wait(_LOOK_S)
            if self._server is not None and not self._server.lives():
                if starts == _STARTS:
                    raise RunStopped(
                        f"feedback: the server of the page ended {starts} times. Nothing that was said is lost. "
                        f"Go on with: eureka resume {tools.run_dir}"
                    )
                starts += 1
                self._open(tools, people, wait)

    def close(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _open(self, tools: FeedbackTools, people: int, wait: bool) -> None:
        if self._server is None or not self._server.lives():
            from eureka_human.server_process import ServerProcess

            if self._server is None and not is_loopback(self._host):
                log.warning("feedback: %s", warning(self._host, self._allow_hosts, "allow_hosts: [NAME]"))
            self._server = ServerProcess.start(tools.run_dir, self._host, self._port, self._allow_hosts)
            if not wait:  # else it is told for as long as the run waits
                log.warning("feedback: the run goes on; meanwhile questions can be answered at %s", self._server.link)
        tools.tell(self._server.link, people)
