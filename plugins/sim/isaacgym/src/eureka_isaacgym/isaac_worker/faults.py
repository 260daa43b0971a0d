"""What goes wrong in ways the host has words for; everything else is a crash."""

from __future__ import annotations


class Usage(Exception):
    """The user must mend something: a path, an option, what is installed. The message says what, and begins with the setting's key."""


class RewardMemory(MemoryError):
    """There was no memory while a reward was computed. Whose fault that is the operation must tell."""


def out_of_memory(error: BaseException) -> bool:
    """Whether it says that there was no memory, on the GPU or beside it; torch has words for that, and not always a class."""
    words = str(error).lower()
    return isinstance(error, MemoryError) or any(told in words for told in ("out of memory", "can't allocate memory", "alloc_failed"))


class RewardFault(Exception):
    """A candidate's own fault. code: a word for the kind. line: of the candidate's program, where one is known."""

    def __init__(self, code: str, message: str, line: object = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
