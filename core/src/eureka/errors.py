"""The exceptions Eureka raises on purpose. Each message is fit to be shown as it is: place, value, what is valid, next step."""

from __future__ import annotations

from collections.abc import Collection


class EurekaError(Exception):
    """Base of every error whose message alone is what a user needs; the command line prints it without a traceback."""

    exit_code = 1


class ConfigError(EurekaError):
    """A mistake in what the user wrote (config, task, command line, environment). Nothing was spent."""

    exit_code = 2


class RunFailed(EurekaError):
    """The run came to its end without a usable reward, or cannot go on. What was journalled is kept."""


class RunStopped(EurekaError):
    """The run stopped in good order at a fault from outside (disk full, provider down) and can be resumed."""


class ModelFault(EurekaError):
    """A model's provider gave no answer and asking again would not help, or did not. The run stops, resumably.

    billed: whether what was asked may be billed all the same; False where the provider refused it or was not reached.
    samples: those it was asked for when it failed; None: all that have no answer. lost_tries: calls before the last that may be billed.
    """

    def __init__(self, message: str, billed: bool = True, samples: Collection[int] | None = None) -> None:
        super().__init__(message)
        self.billed = billed
        self.samples = samples
        self.lost_tries = 0

    def may_bill(self, sample: int) -> bool:
        """Whether the question of a sample that has no answer may be billed."""
        return self.billed and (self.samples is None or sample in self.samples)


class IsolationMissing(EurekaError):
    """This machine cannot confine generated code as `isolation: require` asks; names what was still possible. None of it has run."""

    exit_code = 2


class JournalError(EurekaError):
    """A journal that cannot be read or written; names the file and the line."""

    exit_code = 2


class BudgetReached(EurekaError):
    """A cap of `budget` leaves nothing for what comes next. The run ends in good order with what it has."""


class PluginContractError(EurekaError):
    """A plugin broke a hook's contract. A programmer's error: names the component, the hook and what was expected."""


class RewardFailed(Exception):
    """A candidate's reward failed during training. Trainers catch it and give the trial up: `tools.failed(trial, error)`.

    `code` is one of "error" (it raised), "contract" (wrong shape, type or components), "non_finite", "timeout", "memory",
    "killed", "fitness" (the policy made the fitness non-finite), "resource", or, of the check alone, "constant", "impure" (it depends
    on more than its arguments), "slow" and "too_large". A resource fault (the machine's, not the
    reward's) is tried again and never held against the candidate. `line`: of the candidate's program. `row`: of the batch.
    """

    def __init__(self, code: str, message: str, line: int | None = None, row: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.row = row
