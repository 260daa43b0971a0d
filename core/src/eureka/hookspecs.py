"""The whole contract between core and components, one hook per stage. Which kind answers which hook: `eureka.kinds`."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from eureka.component import hookspec
from eureka.env import BatchedEnv, EnvRequest
from eureka.events import Progress, RunEnd, RunStart, StageStart
from eureka.feedback_types import FeedbackTools as FeedbackTools
from eureka.feedback_types import OpenFeedback as OpenFeedback
from eureka.feedback_types import Selected as Selected
from eureka.generator_types import Answer, CompletionRequest, Draft, Quote
from eureka.history import GenerateRequest, History
from eureka.job_types import Job, JobExit, TrainJob
from eureka.lesson_types import Lesson
from eureka.spaces import Space
from eureka.training import LoadRequest, Policy, TrainTools
from eureka.types import Dropped, Message, Note, Preference, Task, TrainResult, VariableInfo, VariableSpec, Verdict


@dataclass(frozen=True, slots=True)
class DeriveRequest:
    """For `eureka_derive_variables`: a task that declares no variables. seed: for any rollout that needs one."""

    task: Task
    seed: int


@dataclass(frozen=True, slots=True)
class Derived:
    """The variables of an environment whose task declares none.

    variables: name → source and meaning, `action` among them. dropped: what was left out because it would leak the reward.
    state: names in `variables` that are plain physical state or observed by the policy. Core measures every variable against the
        environment's own reward and the fitness; one of these that follows them is kept with a warning, any other is dropped.
    """

    variables: dict[str, VariableSpec]
    dropped: tuple[Dropped, ...] = ()
    state: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ContextRequest:
    """For `eureka_extract_context`: the task and the variables with their measured ranges."""

    task: Task
    variables: tuple[VariableInfo, ...]
    env: BatchedEnv


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """For `eureka_check_training`: what one row of the environment gives and takes, and the environment steps of each training.

    max_episode_steps: None where the environment truncates no episode.
    """

    observation_space: Space
    action_space: Space
    steps: int
    max_episode_steps: int | None = None


@dataclass(frozen=True, slots=True)
class Injection:
    """How a candidate's code enters the simulator: the code a reward process loads, and the variables `compute_reward` takes."""

    code: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InjectRequest:
    """A candidate's program and the names it may take."""

    code: str
    variables: tuple[str, ...]
    workdir: Path


WORKER = (sys.executable, "-m", "eureka.worker")
"""The command line of core's own worker."""


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A job directory (holding `job.json`) to run a worker on. argv: the worker's command line, the directory its last argument."""

    job: Job
    dir: Path
    argv: tuple[str, ...]


class JobHandle(Protocol):
    """A running worker. `fileno` is readable once it has ended."""

    def fileno(self) -> int: ...
    def wait(self) -> JobExit:
        """Block until it has ended and nothing of it is left; free what the handle holds."""

    def kill(self) -> None:
        """Kill the worker and everything it started, at once."""

    def pause(self) -> None:
        """Stop it in its tracks (Ctrl-Z)."""

    def go_on(self) -> None:
        """Continue after `pause`."""


class WarmHandle(JobHandle, Protocol):
    """The process that workers are forked from."""

    def ready(self, seconds: float) -> bool:
        """Whether workers can be forked from it, or can within `seconds`. An interrupt is heard while it waits."""

    def lives(self) -> bool:
        """Whether it has not ended."""


@dataclass(frozen=True, slots=True)
class Rung:
    """For `eureka_prune`: what the trials of an iteration have reached at the end of a segment. One list of segments per trial."""

    task: Task
    segment: int
    segments: int
    results: dict[str, tuple[TrainResult, ...]]


@dataclass(frozen=True, slots=True)
class Rejected:
    """An answer that gave no reward fit to train: the text and the program found in it, if any, its parents, and why.

    attempt: 0 is the first.
    """

    sample: int
    attempt: int
    text: str
    code: str
    parents: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class RepairRequest:
    """For `eureka_repair_rewards`: the request the iteration was written for, and the latest answer of every sample still rejected."""

    request: GenerateRequest
    rejected: tuple[Rejected, ...]


class GenerateTools(Protocol):
    """What core does for a generator."""

    def ask(self, messages: tuple[Message, ...], samples: tuple[int, ...]) -> Iterable[Answer]:
        """Ask the configured `llm` for one answer per sample. Each is journalled as it arrives and never bought twice."""

    def ask_each(self, questions: Mapping[int, tuple[Message, ...]]) -> Iterable[Answer]:
        """The same with a conversation of its own for every sample, asked at the same time; answers come in any order."""


# ── Simulator, in the worker ─────────────────────────────────────────────────────────────────────────────────────────


@hookspec(firstresult=True)
def eureka_derive_variables(request: DeriveRequest) -> Derived | None:
    """The variables rewards may take, for a task that declares none. A simulator without this hook needs them declared."""


@hookspec(firstresult=True)
def eureka_extract_context(request: ContextRequest) -> str | None:
    """What a model should read about the environment besides the variable table, without any reward code."""


@hookspec(firstresult=True)
def eureka_make_env(request: EnvRequest) -> BatchedEnv | None:
    """The batched environment; a `RenderedEnv` where `request.render` is set. Raise `ConfigError` for an unknown environment, a source
    that does not resolve, or what is missing for drawing.

    A component may say of itself, as class attribute, `array_library = "torch"`: rewards, the human one too, then take float32 tensors and
    return tensors. What the environment itself gives core, and a task's functions get, are numpy arrays all the same.

    It may have an attribute `reward_device`, such as `cuda:0`, or None: rewards then run on that device in the worker that trains, as no
    confined process could. `isolation: require` is refused, and policies are saved, to be measured by a worker that loads no reward.
    """


@hookspec(firstresult=True)
def eureka_worker(job: Job) -> list[str] | None:
    """Host side: a command line of the simulator's own to run jobs with (the job's directory is appended); None for core's worker.

    Such a worker speaks the protocol of core's (`job_types.py`: `job.json` in, `events.jsonl` and `result.json` out), also for `describe`.
    A component may say of itself, as class attribute, `trainers`: name → a class with the `Options` of each trainer it accepts. Training is
    then the worker's own: `trainer:` names one of these, its options are data for the worker, and no trainer's component is made. And
    `plays_checkpoints = False` where it plays no episodes to measure a checkpoint, so that none are reckoned.
    """


@hookspec(firstresult=True)
def eureka_inject_reward(request: InjectRequest) -> Injection | None:
    """Bind a candidate to the simulator. Core's own binds the arguments of `compute_reward` by name."""


# ── Generation, in the host ──────────────────────────────────────────────────────────────────────────────────────────


@hookspec(firstresult=True)
def eureka_generate_rewards(request: GenerateRequest, tools: GenerateTools) -> Iterable[Draft] | None:
    """One draft per sample in `request.missing`, yielded as soon as it is there.

    A component may say of itself, as class attributes: `needs_llm = True`, a config with it must name an `llm`; `writes_its_own = True`, no
    word of a model's or a stranger's is in its programs, and `isolation` is best-effort where the config does not say;
    `reads_notes = True`, what people say (`history.notes`, and reflections made of it) reaches whoever writes; `improves_parents = False`,
    what the selector chose makes no difference to it.
    """


@hookspec(firstresult=True)
def eureka_repair_rewards(request: RepairRequest, tools: GenerateTools) -> Iterable[Draft] | None:
    """A new draft for each rejected sample that is worth another attempt, yielded as soon as it is there.

    Asked again, with what is still rejected, until it gives none: leave out samples whose `attempt` is high
    enough. A generator without this hook leaves the samples rejected.
    """


@hookspec(firstresult=True)
def eureka_complete(request: CompletionRequest) -> Iterable[Answer] | None:
    """Ask the model; yield each answer as it arrives, in any order. Raise `ModelFault` where it gives none.

    What was answered before a fault is yielded first. Called in several threads at once where several questions are asked at the same
    time (`GenerateTools.ask_each`). `eureka.providers.Provider` is a base that does most of it.
    """


@hookspec(firstresult=True)
def eureka_quote(request: CompletionRequest) -> Mapping[int, Quote] | None:
    """For each sample of a request, who would answer and what that may come to at most. Sends nothing and needs no key.

    A component without this hook gives answers of unknown price; `budget.cost_usd` cannot be kept with it.
    """


@hookspec(firstresult=True)
def eureka_not_sent(request: CompletionRequest) -> Collection[int] | None:
    """Asked of a request that was left unanswered, as on Ctrl-C: those of its samples that can cost nothing, since nobody was asked yet.

    Without this hook all of them count as billed at their most.
    """


@hookspec
def eureka_check_llm() -> None:
    """Raise `ConfigError` where the model could not be asked, as for a missing key. Asked before anything is spent; sends nothing.

    A component may say of itself, as a class attribute: `online = False`, there is no provider for `eureka check --online` to try.
    """


# ── Training, in the worker ──────────────────────────────────────────────────────────────────────────────────────────


@hookspec
def eureka_warm_up() -> None:
    """Simulator and trainer, in the process that workers are forked from: import, and compile, what any job will need.

    Start no thread, open no GPU, read no file of the run. A component without this hook has each worker load what it needs.
    """


@hookspec
def eureka_check_training(request: TrainingRequest) -> Sequence[str] | None:
    """Raise `ConfigError` where the trainer's options do not go with environment or budget. Asked once, before anything is spent.

    May return warnings, a line each, for the user to read before the run goes on.
    """


@hookspec(firstresult=True)
def eureka_lessons(task: Task) -> tuple[Lesson, ...] | None:
    """Asked of the trainer in the host: the lessons that each training goes through, in order; the last must be `task` as it is.

    A training is then cut where lessons may end, and a job's `task` is its lesson's. None: there is only the task. Must follow from the
    component's options and `task` alone. They are to be in an option `lessons`, where messages point.
    """


@hookspec(firstresult=True)
def eureka_train(job: TrainJob, tools: TrainTools) -> bool | None:
    """Train every trial of the cohort for its segment, ending each with `tools.finished` or `tools.failed`; return True.

    A component may say of itself, as class attributes: `takes_policies = True`, it begins with `tools.start_policy`; `renews`, a frozenset
    of `eureka.types.Anew`, what of `tools.anew` it knows how to begin anew. Without them no training starts warm, and no lesson follows
    another. Its `Options` may have a method `fewer_envs(divisor) -> dict | None`: which options to set otherwise to train with that many
    times fewer environments, as after an out of memory; None where there are too few for that. Without it none is tried so.
    """


@hookspec(firstresult=True)
def eureka_load_policy(request: LoadRequest) -> Policy | None:
    """Load what `Policy.save` wrote. Its `save` need not work again."""


# ── Search, in the host ──────────────────────────────────────────────────────────────────────────────────────────────


@hookspec(firstresult=True)
def eureka_prune(rung: Rung) -> tuple[str, ...] | None:
    """The ids that train on. Asked at the end of every segment but the last.

    A component may say of itself, as class attribute, `keeps_all = True`: then it is not asked, and under `budget.env_steps` or
    `budget.hours` some candidates train to the end while others wait for a higher cap. Else all of a rung come before the next.
    One with a method `keeps(going: int) -> int`, how many of so many train on, has the estimate of a run's steps reckon with it.
    """


@hookspec(firstresult=True)
def eureka_select(history: History) -> tuple[str, ...] | Selected | None:
    """The ids of the parents of the next iteration; `Selected` where something else than fitness chose them. Never asked while nothing
    has trained.

    A component may say of itself, as class attribute, `reads_preferences = True`: then nobody is told that what people prefer changes
    nothing, but where nobody is asked for it.
    """


@hookspec(firstresult=True)
def eureka_reflect(history: History, parent: str) -> str | None:
    """What the generator is told about this parent; empty for nothing."""


@hookspec
def eureka_check_feedback() -> None:
    """Raise `ConfigError` where nobody could be asked, as for want of a terminal. Asked before anything is spent.

    A component may say of itself, as class attribute or property, `asks_words = False`: then nobody is told that a generator without
    `reads_notes` leaves them unread. And `asks_preferences`: True, comparisons are asked for or taken, False, they are not; whoever has a
    selector that cannot use them, or one that gets none, is told.
    """


@hookspec
def eureka_collect_feedback(history: History, tools: FeedbackTools, restart: int, iteration: int) -> list[Note | Preference] | None:
    """What people say after an iteration, before its parents are chosen. May wait for them, with `tools.wait`.

    Asked again when a run is resumed before the parents were chosen: what `history` holds of answers is not to be asked again. What came
    through the inbox (`tools.answers`) is journalled already and not to be returned. A preference for a candidate there is none of, and
    what is longer than `eureka.inbox.LIMIT`, are left out with a warning.
    """


@hookspec(firstresult=True)
def eureka_open_feedback(request: OpenFeedback) -> bool | None:
    """For `eureka feedback DIR`: let people answer the questions of a run, whether it is going on or not, until interrupted; return True.

    Answers go to the run's inbox (`eureka.inbox.drop`).
    """


@hookspec(firstresult=True)
def eureka_submit(request: JobRequest) -> JobHandle | None:
    """Start a worker on the job's directory, in an environment without the host's secrets."""


@hookspec(firstresult=True)
def eureka_has_room(job: Job) -> bool | None:
    """Whether the job, which is the next to be submitted, can be now; asked again, several times a second, until it can.

    An executor without this hook has room whenever fewer jobs than `slots` run.
    """


@hookspec(firstresult=True)
def eureka_keep_warm(request: JobRequest) -> WarmHandle | None:
    """Start the process that later workers may be forked from, the request's job a `WarmJob`; do not wait for it.

    Asked again after it has ended. An executor without this hook starts each worker anew.
    """


# ── Lifecycle, in the host. A failing one is logged and never kills a run ────────────────────────────────────────────


@hookspec
def eureka_on_run_start(event: RunStart) -> None:
    """The search is about to begin or to go on."""


@hookspec
def eureka_on_stage(event: StageStart) -> None:
    """A stage begins."""


@hookspec
def eureka_on_record(record: object) -> None:
    """A record was appended to the journal: any of `eureka.journal_types.JournalRecord`."""


@hookspec
def eureka_on_progress(event: Progress) -> None:
    """A trial got further."""


@hookspec
def eureka_on_run_end(event: RunEnd) -> None:
    """The run ended or was left."""
