"""Feedback plugin for people in the loop."""

from eureka_human.feedback import HumanFeedback

__all__ = ["HumanFeedback"]
