"""What host and worker tell each other: a job for each operation of the protocol, its result, and how a worker ended."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from eureka.final_types import Correlation, FreshEvaluation, PlayedEpisode
from eureka.lesson_types import Lesson
from eureka.types import Budget, ComponentSpec, EnvContext, Isolation, Record, Task, Trial


class _Job(Record):
    format: Literal[1] = 1
    run_dir: Path
    task: Task
    threads: int = 1
    alone: bool = Field(False, description="Whether an executor that places jobs on GPUs keeps others of the run away: it is tried again.")


class DescribeJob(_Job):
    """Make the environment, roll it out at random, write `context/recordings.npz`; the result holds an `EnvContext`.

    trainer: is asked whether it can train in the environment for `steps`; None where nothing will be trained: a human reward that is
        faulty is then a warning, else an error.
    isolation: what reward processes will have to hold, tried now, before anything is spent; None where none will be started.
    lessons: of a curriculum, the task itself apart; each is tried, too, and leaves recordings.
    policy: a checkpoint, relative to the run's directory, that trainings are to begin with: it must act in the environment's spaces.
    """

    op: Literal["describe"] = "describe"
    seed: int
    trainer: ComponentSpec | None = None
    steps: int = 0
    isolation: Isolation | None = None
    lessons: tuple[Lesson, ...] = ()
    policy: str | None = None


class CheckJob(_Job):
    """Try candidates in reward processes as they come: on recorded transitions and on synthetic ones.

    The host appends a `Candidate` a line to `candidates.jsonl` in the job's directory, the worker answers each with a `Verdict` a line
    in `verdicts.jsonl`. The line `end` says that no more will come: the worker then leaves its result. After each line either side writes
    to the named pipe beside the file (`candidates.jsonl.bell`), for the other need not look again and again; it may, if there is none.
    """

    op: Literal["check"] = "check"
    context: EnvContext
    isolation: Isolation
    trainer: ComponentSpec | None = Field(
        None, description="What will train, for a simulator's own worker: it has the device in its options."
    )


class TrainJob(_Job):
    """Train a cohort: all trials in one environment with one budget.

    lesson: what goes into each `TrainResult.lesson`; `task` is then that lesson's.
    """

    op: Literal["train"] = "train"
    trainer: ComponentSpec
    trials: tuple[Trial, ...]
    budget: Budget
    isolation: Isolation
    specs: dict[str, str] = Field(description="Trial id → the `spec` its result must carry.")
    lesson: str = ""
    keep_all: bool = Field(False, description="Whether candidates' policies are kept at every checkpoint, not at the best alone.")


class MeasureJob(_Job):
    """Measure what a cohort's training saved unmeasured, as it would have measured itself; each trial's result is written then.

    trials: without their programs, so that no reward can be loaded. The other fields are the training's.
    """

    op: Literal["measure"] = "measure"
    trainer: ComponentSpec
    trials: tuple[Trial, ...]
    budget: Budget
    specs: dict[str, str]
    keep_all: bool = False
    lesson: str = ""


class EvaluateJob(_Job):
    """Measure saved checkpoints on fresh episodes. `checkpoints`: (trial directory, spec) each."""

    op: Literal["evaluate"] = "evaluate"
    trainer: ComponentSpec
    checkpoints: tuple[tuple[str, str], ...]
    seeds: tuple[int, ...] = Field(description="One per episode; the same episodes for every checkpoint.")


class CorrelateJob(_Job):
    """Compute a candidate's reward and the human one on recorded evaluation episodes. `dirs`: segment directories of its trainings."""

    op: Literal["correlate"] = "correlate"
    candidate: str
    code: str
    dirs: tuple[str, ...]
    isolation: Isolation


class RenderJob(_Job):
    """Play episodes of one saved policy for somebody to watch: in a window, into a video, or for the figures alone.

    checkpoint: its directory, relative to the run's. video: the file to write; the worker leaves it whole or the result is an error.
    height: of the video, in pixels at most. seconds: of the video at most; episodes are played to their end all the same.
    """

    op: Literal["render"] = "render"
    trainer: ComponentSpec
    checkpoint: str
    seeds: tuple[int, ...] = Field(description="One per episode.")
    window: bool = False
    video: Path | None = None
    video_format: Literal["mp4", "gif"] = "mp4"
    height: int | None = None
    seconds: float | None = None


class WarmJob(_Job):
    """Load what the run's workers need, then be the process they are forked from. It leaves no result and ends with the host."""

    op: Literal["warm"] = "warm"
    trainer: ComponentSpec


Job = Annotated[
    DescribeJob | CheckJob | TrainJob | MeasureJob | EvaluateJob | CorrelateJob | RenderJob | WarmJob, Field(discriminator="op")
]


class JobResult(Record):
    """What a worker leaves as `result.json`: the operation's records, or why there are none.

    error: `usage` (the user must mend something; `message` says what), `memory`, or `crash` (`details` holds the traceback).
    """

    status: Literal["ok", "error"]
    error: Literal["usage", "memory", "crash"] | None = None
    message: str = ""
    details: str = ""
    faults: dict[str, str] = Field({}, description="Trials without a result because the machine, not the reward, was at fault: why.")
    context: EnvContext | None = None
    fresh: tuple[FreshEvaluation, ...] = ()
    correlation: Correlation | None = None
    played: tuple[PlayedEpisode, ...] = ()
    cut: bool = Field(False, description="Whether the video ended before the episodes did.")


class JobExit(Record):
    """How a worker process ended."""

    returncode: int | None = None
    signal: int | None = None
    stderr_tail: str = ""
