"""Every record that flows through a run up to its final evaluation; those of that are in `eureka.final_types`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from eureka.task_types import ComponentSpec as ComponentSpec
from eureka.task_types import Fitness as Fitness
from eureka.task_types import Record as Record
from eureka.task_types import Task as Task
from eureka.task_types import VariableSpec as VariableSpec

Isolation = Literal["require", "best-effort", "none"]
"""How surely a reward process must be confined: `require` fails unless its self-test passes, `best-effort` goes on with what holds,
`none` confines nothing (the code still runs in a process of its own, with caps on memory and CPU time)."""

ArrayLibrary = Literal["numpy", "torch"]
"""What rewards are written with; the simulator decides. numpy: float64 arrays. torch: float32 tensors."""

Anew = Literal["environment", "optimizer", "learning_rate", "value_head", "normalizers"]
"""What a training that goes on from a saved state may begin anew all the same. environment: its rows are reset, for it is another lesson's.
optimizer: its moments. learning_rate: its schedule, or what it was adapted to. value_head: the value function, or its last layer where it
shares layers with the policy. normalizers: of observations, rewards and returns."""


# ── What describing the environment gives ────────────────────────────────────────────────────────────────────────────


class VariableInfo(Record):
    """A variable as generators see it. `low`, `mean`, `high`: measured over random actions, one number per entry; empty: not measured."""

    name: str
    type: str = Field("", description="The annotation its argument needs where programs are compiled: Tensor, float, int or bool.")
    shape: tuple[int, ...] = Field(description="Without the batch axis: () or (d,).")
    common: bool = Field(False, description="Whether it is one value for all rows of the batch, its shape then the whole one.")
    meaning: str = ""
    unit: str = ""
    goal: Literal["high", "low", "zero"] | None = None
    low: tuple[float, ...] = ()
    mean: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    bounds: tuple[tuple[float, ...], tuple[float, ...]] | None = Field(
        None, description="Declared lower and upper bounds, one number per entry, infinite where open; None where none are declared."
    )


class Dropped(Record):
    """Something of the environment that is no variable, and why: it would tell a reward what the reward or the fitness is."""

    name: str
    source: str
    reason: str = Field(description='Fit to follow "NAME: ", such as "only reward code uses it".')


class EnvContext(Record):
    """Everything a generator may know of the environment."""

    kind: Literal["context"] = "context"
    task: str
    description: str
    text: str = Field(description="What the simulator says of the environment, from `eureka_extract_context`.")
    variables: tuple[VariableInfo, ...] = Field(description="Without the `prev_` ones; `has_prev` tells which have one.")
    has_prev: tuple[str, ...]
    action_low: tuple[float, ...] = Field((), description="Bounds of a continuous action; empty for discrete ones.")
    action_high: tuple[float, ...] = ()
    array_library: ArrayLibrary = "numpy"
    reward_device: str | None = Field(None, description="Where rewards run in the worker that trains; None: in processes of their own.")
    max_episode_steps: int | None = None
    lesson_episode_steps: dict[str, int | None] = Field({}, description="The same in each lesson before the task itself, by its name.")
    fold: Literal["sum", "mean", "last", "max", "any"] = "sum"
    goal: Literal["maximize", "minimize"] = "maximize"
    derived: dict[str, VariableSpec] = Field({}, description="The task's variables where it declares none; empty where it declares some.")
    dropped: tuple[Dropped, ...] = Field((), description="What deriving left out because it would leak the reward.")
    warnings: tuple[str, ...] = Field((), description="What the user should know before spending; a line each.")
    isolation: str = Field("", description="What held a reward process on this machine, as in `TrainResult.isolation`; empty: not tried.")

    @property
    def arguments(self) -> tuple[str, ...]:
        """Every name a reward may take."""
        return (*(v.name for v in self.variables), *(f"prev_{n}" for n in self.has_prev))


# ── From prompt to verdict ───────────────────────────────────────────────────────────────────────────────────────────


class Message(Record):
    """One message of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


class Asked(Record):
    """Written before a paid call. Without an answer it counts at its maximum towards the budget and is asked again."""

    kind: Literal["asked"] = "asked"
    restart: int
    iteration: int
    samples: tuple[int, ...]
    attempt: int = 0
    messages: tuple[Message, ...]
    parameters: dict[str, Any] = Field({}, description="The options of the `llm` that an answer depends on.")
    max_tokens: int = Field(0, description="The most one sample's answer may come to in tokens, read and written; 0 when unknown.")
    max_cost_usd: float | None = Field(None, description="The most one sample's answer may cost; None when unknown.")
    time: float


class Completion(Record):
    """One answer, as it came, up to a million characters."""

    kind: Literal["completion"] = "completion"
    key: str = Field("", description="Hash of what it answers, see `eureka.completion_key`; empty where no model was asked.")
    restart: int
    iteration: int
    sample: int
    attempt: int = 0
    text: str
    provider: str
    model: str = ""
    finish_reason: str = ""
    input_tokens: int = Field(0, description="Those from and into the provider's cache among them.")
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    lost_tries: int = Field(0, description="Calls for it that broke off before and may be billed; each counts at its most.")
    cost_usd: float | None = Field(0.0, description="None: the price is not known.")
    started: float
    ended: float


class Fault(Record):
    """A question that got no answer to these samples. Not billed, it counts nothing towards the budget."""

    kind: Literal["fault"] = "fault"
    restart: int
    iteration: int
    samples: tuple[int, ...]
    attempt: int = 0
    message: str
    billed: bool = Field(description="Whether the provider may have billed it.")
    lost_tries: int = Field(0, description="Calls that broke off before the last and may be billed, too.")
    time: float


class Candidate(Record):
    """A reward to be tried. `id` is `r0i2s07`: restart, iteration, sample."""

    kind: Literal["candidate"] = "candidate"
    id: str
    restart: int
    iteration: int
    sample: int
    code: str = Field(description="The extracted program; empty when none was found.")
    sha256: str = Field(description="Of the program without comments and formatting: equal programs have equal hashes.")
    parents: tuple[str, ...] = ()
    replicate_of: str | None = None
    policy: str | None = Field(None, description="Checkpoint its training begins with, relative to the run's directory; None: none.")
    repairs: tuple[str, ...] = Field((), description="What extraction mended.")
    attempt: int = Field(0, description="0: the first answer; then those it was sent back for, and at last a fresh one.")


class Verdict(Record):
    """Whether a candidate may train. The verdict on an earlier attempt is replaced by that on a later one.

    message: why not; of an accepted one, what to know of it, mostly nothing.
    """

    kind: Literal["verdict"] = "verdict"
    candidate: str
    accepted: bool
    stage: Literal["extract", "static", "smoke"] | None = None
    code: str = ""
    message: str = ""
    line: int | None = None
    seconds: float = 0.0
    attempt: int = Field(0, description="The candidate's attempt this is about.")
    isolation: str = Field("", description="What held the process it was tried in; empty where it was refused before.")


# ── Training ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Trial(Record):
    """One reward on one seed. `reward` is `candidate` (with `code`), `human` or `fitness`; the last two are trusted."""

    id: str
    reward: Literal["candidate", "human", "fitness"]
    code: str = ""
    seed: int
    dir: str = Field(description="Where its results go, relative to the run directory.")
    start: str | None = Field(None, description="`dir` of the segment it goes on from.")
    anew: tuple[Anew, ...] = Field((), description="What of that segment's state it does not go on with.")
    policy: str | None = Field(None, description="Checkpoint it begins with, relative to the run's directory, where it has no `start`.")
    policy_sha256: str = Field("", description="Of that checkpoint's files; empty where there is none.")


class Budget(Record):
    """A segment of a training: from step `start` to `end` of `total`, with checkpoints at k/`checkpoints` of the total."""

    start: int
    end: int
    total: int
    checkpoints: int = 10
    episodes: int = Field(description="Evaluation episodes per checkpoint.")


class CheckpointResult(Record):
    """Core's evaluation of a policy at the first update at or after k/10 of the budget."""

    index: int = Field(description="k: 1 to 10.")
    steps: int = Field(description="Environment steps trained when it was taken.")
    fitness: float
    length: float = Field(description="Mean episode length in steps.")
    components: dict[str, float] = Field(
        {}, description="Mean per step of every reward component since the last checkpoint; `total` is the reward itself."
    )


class TrialError(Record):
    """Why a trial failed, fit to be shown to a model once cleaned."""

    code: str
    message: str
    line: int | None = None


class TrainResult(Record):
    """What one segment of one trial came to. Written by core's worker code as `result.json` in the trial's directory."""

    kind: Literal["result"] = "result"
    trial: str
    dir: str
    spec: str = Field(description="Hash of all that determines the numbers; a result is harvested only where it matches.")
    lesson: str = Field("", description="Name of the lesson, whose fitness the checkpoints' is; empty: the task itself.")
    num_envs_divided: int = Field(1, description="By what the trainer's environments were divided: with all there was no memory for it.")
    status: Literal["ok", "failed", "resource"]
    checkpoints: tuple[CheckpointResult, ...] = ()
    steps: int = Field(0, description="Environment steps trained in this segment.")
    reached: int = Field(0, description="Environment steps trained by its end, over all segments: an update may overshoot its end.")
    evaluation_steps: int = 0
    error: TrialError | None = None
    isolation: str = Field(
        "",
        description="What held the reward process: layers joined by `+`, such as `seccomp+landlock+limits`, or `none`; else `trusted`. "
        "`worker:landlock` or `worker:none` where it ran in the worker that trains. A simulator's own worker has words of its own, such as "
        "`torchscript`.",
    )
    remark: str = Field("", description="What else to know of it, such as that its reward, compiled, failed and ran as plain Python.")
    training_intervals: tuple[tuple[float, float], ...] = ()
    evaluation_intervals: tuple[tuple[float, float], ...] = ()


class Outcome(Record):
    """What a candidate's training came to, over all its segments."""

    kind: Literal["outcome"] = "outcome"
    candidate: str
    status: Literal["ok", "failed", "resource"]
    fitness: float | None = Field(None, description="The best checkpoint's; None unless `ok`.")
    mean_fitness: float | None = Field(None, description="Mean over the checkpoints: how soon it learnt.")
    steps: int | None = Field(None, description="Steps at the best checkpoint.")
    dirs: tuple[str, ...] = Field((), description="Segment directories, in order; each may hold `transitions.npz`.")
    lesson_dirs: tuple[str, ...] = Field((), description="Those before them, of a curriculum's lessons: their fitness is another.")
    shared_with: str | None = Field(None, description="The identical program of the same iteration that was trained for it.")
    error: TrialError | None = None
    remark: str = Field("", description="What else to know of the training, such as that it had fewer environments.")
    pruned_at: int | None = Field(
        None, description="Environment steps after which the pruner ended it; the fitness is what it had reached by then."
    )
    phase: Literal["search", "retest"] = "search"


# ── Between iterations ───────────────────────────────────────────────────────────────────────────────────────────────


class Reflection(Record):
    """What a generator is told about one parent."""

    kind: Literal["reflection"] = "reflection"
    restart: int
    iteration: int
    parent: str
    text: str
    notes: tuple[str, ...] = Field((), description="Ids of the notes that took its place; empty: the reflector wrote it.")


class Selection(Record):
    """The parents chosen after an iteration; empty when nothing trained."""

    kind: Literal["selection"] = "selection"
    restart: int
    iteration: int
    parents: tuple[str, ...]
    scores: dict[str, float] = Field({}, description="Candidate → what it was chosen by, larger is better; empty: fitness.")
    scored_by: str = Field("", description='What `scores` are, such as "rating of 12 comparisons"; empty: fitness.')


class Pruning(Record):
    """Which candidates of an iteration train on after a segment."""

    kind: Literal["pruning"] = "pruning"
    restart: int
    iteration: int
    segment: int
    of: tuple[str, ...] = Field((), description="Who had come that far.")
    kept: tuple[str, ...]


class Question(Record):
    """What people are asked after an iteration. `r0i2.words`, or `r0i2.pair3`: unique in a run, and the same when a resume asks again.

    candidates: of `words`, whose policies are shown, best first; of `preference`, the left and the right one.
    Videos are files: `feedback/<candidate>/clip.mp4` in the run's directory, or `why.txt` there says why there is none.
    """

    kind: Literal["question"] = "question"
    id: str
    about: Literal["words", "preference"]
    restart: int
    iteration: int
    candidates: tuple[str, ...]
    time: float


class Note(Record):
    """One message of feedback from a person. An empty text means "go on": nothing is told, and its question is answered."""

    kind: Literal["note"] = "note"
    id: str
    author: str
    text: str
    time: float
    question: str = Field("", description="Id of the question it answers; empty where nobody asked.")
    replaces: bool = Field(False, description="Whether it takes the reflection's place after that question's iteration.")


class Preference(Record):
    """Which of two policies a person found better. left, right: candidates, as they were shown."""

    kind: Literal["preference"] = "preference"
    id: str
    author: str
    left: str
    right: str
    choice: Literal["left", "right", "tie", "both_bad"]
    time: float
    question: str = Field("", description="Id of the question it answers; empty where nobody asked.")


class Waited(Record):
    """How long people were waited for after an iteration, in seconds since 1970. Does not count in `budget.hours`."""

    kind: Literal["waited"] = "waited"
    restart: int
    iteration: int
    started: float
    ended: float


# ── The run itself ───────────────────────────────────────────────────────────────────────────────────────────────────


class RunHeader(Record):
    """The journal's first line."""

    kind: Literal["run"] = "run"
    format: int
    eureka: str
    task: str
    seed: int
    config_sha256: str
    retest: int | None = Field(None, description="`search.retest`; None: an earlier version did not say.")
    files: dict[str, str] = Field({}, description="Path → sha256 of every Python file of the user's that determines a training's numbers.")
    versions: dict[str, str] = Field({}, description="Package → version, of Python and what takes part: see `eureka.versions`.")
    time: float


class Session(Record):
    """A host opened (`started`, `resumed`) or left (`interrupted`, `stopped`, `ended`) the run."""

    kind: Literal["session"] = "session"
    event: Literal["started", "resumed", "interrupted", "stopped", "failed", "ended"]
    time: float
    message: str = ""


class ConfigChange(Record):
    """One setting changed by `eureka resume --set`."""

    kind: Literal["config_change"] = "config_change"
    key: str
    old: Any
    new: Any
    time: float
