"""Feedback plugin for people in the loop: what they say of policies, which of two they find better, and a selector that goes by that."""

from eureka_human.feedback import HumanFeedback
from eureka_human.selector import HumanSelector

__all__ = ["HumanFeedback", "HumanSelector"]
