"""A task in words for a model: its variables as a table, and what its fitness counts."""

from __future__ import annotations

from collections.abc import Sequence

from eureka.builtin.outside_text import one_line
from eureka.types import EnvContext, Task, VariableInfo

_ENTRIES = 8
_FOLDS = {
    "sum": "the sum over its steps of a measure of the task",
    "mean": "the mean over its steps of a measure of the task",
    "last": "the value that a measure of the task has at its last step",
    "max": "the largest value that a measure of the task has at any of its steps",
    "any": "1 if the task's condition holds at any of its steps, else 0",
}
_COMPILED = """The program is compiled by TorchScript: it is typed, and takes no Python but tensors, numbers, lists and dicts of tensors.
Annotate each argument with its type above, and the result: `-> Tuple[torch.Tensor, Dict[str, torch.Tensor]]`. A `float` or `int` is one
number, the same for all B; so is a tensor that has no B in its shape."""
_DEVICE = "Make every tensor you create on an argument's device: `torch.zeros_like(x)`, `torch.tensor([1.0, 2.0], device=x.device)`."
_GOALS = {"high": "high is good", "low": "low is good", "zero": "near zero is good", None: ""}


def fitness_text(task: Task, context: EnvContext) -> str:
    """What the fitness is, without its code: that would invite copying it."""
    direction = "Higher is better." if context.goal == "maximize" else "Lower is better."
    solved = f" The task counts as solved at {task.fitness.solved:g}." if task.fitness.solved is not None else ""
    measured = "Trusted code computes it from the simulator; a policy's fitness is the mean over episodes."
    if any(v.type for v in context.variables):  # a simulator with a worker of its own: core evaluates no policy there
        measured = "The task's own code computes it; a policy's fitness is measured in the episodes of its training, while it trains."
    return f"An episode's fitness is {_FOLDS[context.fold]}. {measured} {direction}{solved}{_lessons(context)}"


def _lessons(context: EnvContext) -> str:
    """Which lessons a policy goes through before the task itself; empty where there are none."""
    names = [one_line(name) for name in context.lesson_episode_steps]
    if not names:
        return ""
    return (
        f"\n\nA policy is trained in lessons, other versions of this task ({', '.join(names)}), then in the task itself, all under the one "
        "reward: write it so that it means the same in each. Only in the task itself does fitness count."
    )


def variables_text(context: EnvContext) -> str:
    """A Markdown table, one variable a line."""
    typed = any(v.type for v in context.variables)
    columns = ["name", *["type"] * typed, "shape", "unit", "meaning", "low", "mean", "high", "hint"]
    head = f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}"
    lines = [head, *(_row(v, typed) for v in context.variables)]
    lines += ["", _COMPILED] if typed else []
    lines += ["", _DEVICE] if typed or (context.reward_device and context.array_library == "torch") else []
    about_action = ["`action` is the action taken in the step."] if any(v.name == "action" for v in context.variables) else []
    if context.action_low:
        about_action.append(f"Actions lie between {_entries(context.action_low)} and {_entries(context.action_high)}.")
    lines += ["", " ".join(about_action)] if about_action else []
    if context.max_episode_steps is not None:
        lines += ["", f"An episode lasts at most {context.max_episode_steps} steps."]
    return "\n".join(lines)


def previous_text(context: EnvContext) -> str:
    """What `prev_<name>` means, and which there are."""
    if not context.has_prev:
        return "No variable is available as it was before the step."
    names = ", ".join(f"`prev_{name}`" for name in context.has_prev)
    reset = "what the reset gave" + (" (zeros for `prev_action`)" if "action" in context.has_prev else "")
    return (
        f"With `prev_` in front, a variable is what it was before the step, of the same shape; on an episode's first step, {reset}. "
        f"A difference such as `x - prev_x` measures progress. There are: {names}."
    )


def _row(variable: VariableInfo, typed: bool) -> str:
    shape = f"(B, {', '.join(map(str, variable.shape))})" if variable.shape else "(B,)"
    if typed and variable.common:
        shape = f"({', '.join(map(str, variable.shape))})" if variable.shape else ""
    elif typed and not variable.low:
        shape = "not known"
    wide = len(variable.low) > _ENTRIES  # one number each for an image of a robot's 60 joints, instead of 180
    low = (min(variable.low),) if wide else variable.low
    mean = (sum(variable.mean) / len(variable.mean),) if wide else variable.mean
    high = (max(variable.high),) if wide else variable.high
    meaning = _cell(variable.meaning) + (" (low, mean and high over all entries)" if wide else "")
    kind = [variable.type or "not known"] * typed
    cells = (f"`{variable.name}`", *kind, shape, _cell(variable.unit), meaning.strip(), _entries(low), _entries(mean), _entries(high))
    return f"| {' | '.join(cells)} | {_GOALS[variable.goal]} |"


def _cell(text: str) -> str:
    return one_line(text, 400).replace("|", "\\|")


def _entries(values: Sequence[float]) -> str:
    numbers = [f"{v + 0.0:.3g}" for v in values]
    if not numbers:
        return ""
    return numbers[0] if len(numbers) == 1 else f"[{', '.join(numbers)}]"
