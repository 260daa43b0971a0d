"""An option of a component that says in what a task of its own differs from the run's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, Field

from eureka.component import Options
from eureka.task_types import Fitness, Task
from eureka.yaml_source import KeyPath


class TaskChange(Options):
    """What of the run's task is otherwise. Names, files and mistakes in it are resolved with the config, as those of the task are.

    Description, variables and human reward stay: a reward computed in both has to mean the same.
    """

    sim: dict[str, Any] = Field(
        {}, description="Options of the task's simulator, such as `env`, `wrappers`; a mapping (`kwargs`) is added to the task's own."
    )
    fitness: dict[str, Any] = Field({}, description="Of the task's fitness: `value`, `fold`, `goal`.")

    def sim_options(self, task: Task) -> dict[str, Any]:
        """All options of the simulator."""
        own = task.sim.options
        both = {key for key, value in self.sim.items() if isinstance(value, dict) and isinstance(own.get(key), dict)}
        return {**own, **self.sim, **{key: {**own[key], **self.sim[key]} for key in both}}

    def of(self, task: Task) -> Task:
        """The task with the changes made."""
        sim = task.sim.model_copy(update={"options": self.sim_options(task)})
        fitness = Fitness.model_validate({**task.fitness.model_dump(), **self.fitness})
        return task.model_copy(update={"sim": sim, "fitness": fitness})


def task_changes(options: Any, at: KeyPath = ()) -> Iterator[tuple[KeyPath, TaskChange]]:
    """Key path and value of every change of the task in a component's options, however deep."""
    if isinstance(options, TaskChange):
        yield at, options
    elif isinstance(options, BaseModel):
        for name, field in type(options).model_fields.items():
            yield from task_changes(getattr(options, name), (*at, field.alias or name))
    elif isinstance(options, (list, tuple)):
        for index, item in enumerate(options):
            yield from task_changes(item, (*at, index))
