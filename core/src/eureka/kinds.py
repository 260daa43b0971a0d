"""The table of kinds: what fills each, which hooks it must answer, and where it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eureka.errors import ConfigError
from eureka.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of component.

    name: its key in YAML and the last part of its entry-point group. noun: with its article, for messages.
    required: alternatives; a component must implement every hook of at least one of them.
    """

    name: str
    noun: str
    required: tuple[tuple[str, ...], ...]
    runs_in: Literal["host", "worker"]
    many: bool
    description: str

    @property
    def group(self) -> str:
        """The entry-point group plugins register in."""
        return f"eureka.{self.name}"

    @property
    def where(self) -> str:
        """Where it stands in a config."""
        return "task.sim" if self.name == "sim" else self.name

    @property
    def required_hooks(self) -> str:
        """The hooks it must answer, in words."""
        return " or ".join(" and ".join(hooks) for hooks in self.required)


_SIM = (("eureka_make_env", "eureka_extract_context"), ("eureka_worker",))
_TRAINER = (("eureka_train", "eureka_load_policy"),)
_LIFECYCLE = tuple((f"eureka_on_{event}",) for event in ("run_start", "stage", "record", "progress", "run_end"))

_TABLE = (
    Kind("sim", "a sim", _SIM, "worker", False, "Binds a simulator: makes batched environments and describes them."),
    Kind("generator", "a generator", (("eureka_generate_rewards",),), "host", False, "Writes reward candidates."),
    Kind("llm", "an llm", (("eureka_complete",),), "host", False, "Answers prompts: a model, or a stand-in for one."),
    Kind("trainer", "a trainer", _TRAINER, "worker", False, "Trains a policy under each candidate."),
    Kind("pruner", "a pruner", (("eureka_prune",),), "host", False, "Chooses which trainings go on after each segment."),
    Kind("selector", "a selector", (("eureka_select",),), "host", False, "Chooses the parents of the next iteration."),
    Kind("reflector", "a reflector", (("eureka_reflect",),), "host", False, "Tells the generator how a parent's training went."),
    Kind("feedback", "a feedback component", (("eureka_collect_feedback",),), "host", True, "Brings in what people say."),
    Kind("executor", "an executor", (("eureka_submit",),), "host", False, "Starts workers, here or elsewhere."),
    Kind("extensions", "an extension", _LIFECYCLE, "host", True, "Watches a run: progress, logs, dashboards."),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _TABLE}


def get_kind(name: str) -> Kind:
    """The kind of that name. Raises ConfigError naming the valid ones."""
    if name not in KINDS:
        raise ConfigError(f'"{name}" is no kind of component{did_you_mean(name, KINDS)} Valid: {", ".join(KINDS)}.')
    return KINDS[name]
