"""What a line of the journal may be: one of `JournalRecord` as JSON."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from eureka.final_types import Clip, Correlation, Evaluation, FreshEvaluation
from eureka.types import (
    Asked,
    Candidate,
    Completion,
    ConfigChange,
    EnvContext,
    Fault,
    Note,
    Outcome,
    Preference,
    Pruning,
    Question,
    Reflection,
    RunHeader,
    Selection,
    Session,
    TrainResult,
    Verdict,
    Waited,
)

JournalRecord = Annotated[
    RunHeader
    | Session
    | ConfigChange
    | EnvContext
    | Asked
    | Completion
    | Fault
    | Candidate
    | Verdict
    | TrainResult
    | Outcome
    | Selection
    | Pruning
    | Reflection
    | Question
    | Note
    | Preference
    | Waited
    | FreshEvaluation
    | Evaluation
    | Correlation
    | Clip,
    Field(discriminator="kind"),
]
