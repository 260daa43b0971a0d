"""Judges a reward's program by its syntax tree alone: nothing of it is run."""

from eureka.static_check.check import MAX_PROGRAM, check
from eureka.static_check.refusal import MAX_MESSAGE, Problem

__all__ = ["MAX_MESSAGE", "MAX_PROGRAM", "Problem", "check"]
