"""Component `human` of kind `feedback`."""

from __future__ import annotations

from eureka.component import Component, hookimpl
from eureka.history import History
from eureka.hookspecs import FeedbackTools, OpenFeedback
from eureka.types import Note, Preference


class HumanFeedback(Component):
    """Let people say what they think of policies."""

    @hookimpl
    def eureka_collect_feedback(self, history: History, tools: FeedbackTools) -> list[Note | Preference]:
        """Nobody is asked; what people say of their own accord is in the inbox."""
        return []

    @hookimpl
    def eureka_open_feedback(self, request: OpenFeedback) -> bool:
        """Serve the page until Ctrl-C."""
        from eureka_human.web import serve

        serve(request.run_dir, request.host, request.port, request.allow_hosts)
        return True
