"""Makes a config whole: names become components with all their options, file names become absolute paths of files that exist."""

from __future__ import annotations

import copy
import functools
import keyword
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from eureka.component import Component
from eureka.config_models import Config
from eureka.config_parts import components
from eureka.contracts import check_hooks
from eureka.errors import ConfigError
from eureka.inner import Inner, inner_options
from eureka.kinds import get_kind
from eureka.layers import Layers
from eureka.option_files import option_files
from eureka.own_trainers import own_trainers, trainer_class
from eureka.registry import check_options, list_components, resolve
from eureka.suggest import closest
from eureka.task_change import task_changes
from eureka.types import ComponentSpec, Fitness, Isolation, VariableSpec
from eureka.validation import at_place, dotted, explain, field_names, show
from eureka.worker.functions import is_function
from eureka.yaml_source import KeyPath, no_such_file

# Names that mean something else wherever a source or an argument may stand.
RESERVED = ("terminated", "native", "length")


def resolve_task(config: Config, layers: Layers) -> Config:
    """The config with its task's file names absolute. Raises ConfigError, a line per bad name, source or missing file."""
    task, problems = config.task, _Problems(layers)
    variables: dict[str, VariableSpec] = {}
    for name, variable in task.variables.items():
        path: KeyPath = ("task", "variables", name)
        with problems.at(path):
            check_name(name)
        with problems.at((*path, "from")):
            if variable.source == "native":
                raise ConfigError('"native" is for fitness only: a reward must not see the reward the environment gives')
            source = _absolute_source(variable.source, layers.base_dir((*path, "from")))
            variables[name] = variable.model_copy(update={"source": source})
    update: dict[str, Any] = {"variables": variables}
    with problems.at(("task", "fitness", "value")):
        value = _absolute_source(task.fitness.value, layers.base_dir(("task", "fitness", "value")))
        update["fitness"] = task.fitness.model_copy(update={"value": value})
    if task.human != "native":
        with problems.at(("task", "human")):
            update["human"] = str(_existing(Path(task.human), layers.base_dir(("task", "human"))))
    problems.raise_any()
    return config.model_copy(update={"task": task.model_copy(update=update)})


def resolve_components(config: Config, layers: Layers, only: set[str] | None = None) -> Config:
    """The config with every component found, held to its hooks, and its options filled in. only: these kinds; default: all.

    With "sim", that is also the trainer where it is the simulator's own. Raises ConfigError with a line per mistake.
    """
    problems = _Problems(layers)
    task, single, many = config.task, dict[str, ComponentSpec](), dict[str, list[ComponentSpec]]()
    for path, kind, spec in components(config):
        if only is not None and kind not in only and not (kind == "trainer" and "sim" in only and _is_own(config, layers)):
            continue
        with problems.at(path, ready=True):
            resolved = _trainer(config, spec, layers) if kind == "trainer" else _component(path, kind, spec, layers)
            if kind == "sim":
                task = task.model_copy(update={"sim": resolved})
            elif len(path) == 1:
                single[kind] = resolved
            else:
                many.setdefault(kind, []).append(resolved)
    if config.llm is None and (only is None or "llm" in only) and ("generator",) not in problems.places:
        with problems.at(("llm",)):
            _check_llm(config.generator, layers)
    problems.raise_any()
    return config.model_copy(update={"task": task, **single, **{kind: tuple(specs) for kind, specs in many.items()}})


def resolve_task_changes(config: Config, layers: Layers) -> Config:
    """The config, its components resolved, with what its trainer has changed of the task resolved as the task itself is.

    Raises ConfigError, a line per mistake.
    """
    if own_trainers(config) is not None:
        return config
    options, problems = copy.deepcopy(config.trainer.options), _Problems(layers)
    sim = config.task.sim
    for at, change in task_changes(resolve("trainer", config.trainer.use).Options.model_validate(options)):
        path: KeyPath = ("trainer", *at)
        target: Any = functools.reduce(lambda value, key: value[key], at, cast(Any, options))
        with problems.at((*path, "sim"), ready=True):
            spec = ComponentSpec(use=sim.use, options=change.sim_options(config.task))
            resolved = _options((*path, "sim"), "sim", spec, resolve("sim", sim.use), layers)
            target["sim"] = {key: resolved[key] for key in change.sim}
        with problems.at((*path, "fitness"), ready=True):
            _check_fitness((*path, "fitness"), {**config.task.fitness.model_dump(), **change.fitness}, layers)
        if isinstance(value := change.fitness.get("value"), str):
            with problems.at((*path, "fitness", "value")):
                target["fitness"]["value"] = _absolute_source(value, layers.base_dir((*path, "fitness", "value")))
    problems.raise_any()
    return config.model_copy(update={"trainer": ComponentSpec(use=config.trainer.use, options=options)})


def _check_fitness(path: KeyPath, fitness: dict[str, Any], layers: Layers) -> None:
    try:
        Fitness.model_validate(fitness)
    except ValidationError as error:
        raise ConfigError("\n".join(explain(error, Fitness, fitness, path, layers.where))) from None


def check_pruner(config: Config, layers: Layers) -> None:
    """Raise ConfigError where the pruner of a config with resolved components would never be asked, or before it can know anything."""
    training, name = config.training, show(config.pruner.use)
    if getattr(resolve("pruner", config.pruner.use), "keeps_all", False):
        return
    ends = "set training.segments, such as [0.25, 0.5]"
    if len(training.ends) == 1:
        wrong = f"{name} decides at the end of each segment but the last, and a training has one; {ends}, or pruner: none"
    elif training.ends[0] * training.checkpoints < training.steps:
        wrong = (
            f"{name} decides by checkpoints, and the first segment ends (after {training.ends[0]:,} of {training.steps:,} steps) before "
            f"the first of training.checkpoints ({training.checkpoints}) is due; {ends}, or more checkpoints"
        )
    else:
        return
    raise ConfigError(at_place(layers.where(("pruner",)), ("pruner",), wrong))


def resolve_initial(config: Config, layers: Layers) -> Config:
    """The config with the file of `search.initial_reward` absolute. Raises ConfigError where there is none."""
    given, problems = config.search.initial_reward, _Problems(layers)
    path: KeyPath = ("search", "initial_reward")
    with problems.at(path):
        if given == "human" and config.task.human == "native":
            raise ConfigError(
                "human is task.human, and that is native here: the environment's own reward, which is no program that could be shown or "
                "changed. Write it down as a file with compute_reward and give that: search.initial_reward: FILE"
            )
        if given is not None and given != "human":
            file = _existing(Path(given), layers.base_dir(path))
            if file.is_dir():
                raise ConfigError(f"{show(str(file))} is a folder; give the file of one reward")
            given = str(file)
    problems.raise_any()
    return config.model_copy(update={"search": config.search.model_copy(update={"initial_reward": given})})


def resolve_start(config: Config, layers: Layers) -> Config:
    """The config with the directory of `search.start` absolute. Raises ConfigError where no training could begin with a policy."""
    from eureka.search_start import find_start, refuse_policies  # which reads another run, and that its config

    start, problems = config.search.start, _Problems(layers)
    if start is not None:
        path: KeyPath = ("search", "start")
        folder = Path(layers.base_dir(path), Path(start).expanduser()).absolute()
        config = config.model_copy(update={"search": config.search.model_copy(update={"start": str(folder)})})
        with problems.at(path):
            find_start(config)
    elif config.search.warm_start != "none":
        with problems.at(("search", "warm_start")):
            refuse_policies(config)
    problems.raise_any()
    return config


def check_stop(config: Config, layers: Layers) -> None:
    """Raise ConfigError where the search is to stop when solved, and the task does not say when that is."""
    if config.search.stop_when_solved and config.task.fitness.solved is None:
        wrong = f"task {show(config.task.name)} does not say when it is solved; give task.fitness.solved: NUMBER, or leave this false"
        raise ConfigError(at_place(layers.where(("search", "stop_when_solved")), ("search", "stop_when_solved"), wrong))


def default_isolation(config: Config) -> Isolation:
    """What a config with resolved components means by saying nothing: a program that a model or a stranger wrote must be confined."""
    generator = resolve("generator", config.generator.use)
    own = getattr(generator, "writes_its_own", False) and config.search.initial_reward in (None, "human") and not config.search.takes_reward
    return "best-effort" if own or sys.platform != "linux" else "require"


class _Problems:
    """Gathers what is wrong, so that all of it is said at once. places: the settings that are."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self._lines: list[str] = []
        self.places: set[KeyPath] = set()

    @contextmanager
    def at(self, path: KeyPath, ready: bool = False) -> Iterator[None]:
        """Gather a ConfigError raised inside, with its place. ready: its message names the place already."""
        try:
            yield
        except ConfigError as error:
            self._lines.append(str(error) if ready else at_place(self._layers.where(path), path, str(error)))
            self.places.add(path)

    def raise_any(self) -> None:
        if self._lines:
            raise ConfigError("\n".join(self._lines))


def check_name(name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ConfigError(f"{show(name)} is no Python name, and a reward takes it as an argument; use letters, digits and _")
    if name.startswith(("prev_", "_")):
        raise ConfigError("a name must not begin with prev_ or _; prev_ variables are made for every variable")
    if name in RESERVED:
        raise ConfigError(f"{show(name)} is reserved, as are {', '.join(n for n in RESERVED if n != name)}; choose another name")


def _absolute_source(source: str, base_dir: Path) -> str:
    if not is_function(source):
        return source
    file, _, name = source.rpartition(":")
    return f"{_existing(Path(file), base_dir)}:{name}"


def _existing(file: Path, base_dir: Path) -> Path:
    path = Path(base_dir, file.expanduser()).resolve()
    if not path.exists():
        raise ConfigError(no_such_file(path))
    return path


def _trainer(config: Config, spec: ComponentSpec, layers: Layers) -> ComponentSpec:
    """As `_component`; of a simulator that trains in a worker of its own, the options are the simulator's and nothing else is asked."""
    path, sim_dir = ("trainer",), layers.base_dir(("task", "sim", "use"))
    try:
        accepted = own_trainers(config, sim_dir)
    except ConfigError:
        accepted = None  # what is wrong with the simulator is told at its own place
    if accepted is None:
        return _component(path, "trainer", spec, layers)
    place = layers.where((*path, "use"))
    cls = trainer_class(config, sim_dir=sim_dir, where=f"{place}: trainer" if place else "trainer")
    return ComponentSpec(use=spec.use, options=_options(path, "trainer", spec, cls, layers, f"sim:{config.task.sim.use}"))


def _is_own(config: Config, layers: Layers) -> bool:
    """Whether the trainer is one that the simulator accepts for a worker of its own."""
    try:
        return config.trainer.use in (own_trainers(config, layers.base_dir(("task", "sim", "use"))) or ())
    except ConfigError:
        return False  # what is wrong with the simulator is told at its own place


def _component(path: KeyPath, kind: str, spec: ComponentSpec, layers: Layers, inside: type[Inner] | None = None) -> ComponentSpec:
    """The spec with an absolute `use`, the component's defaults filled in, and the same done to components inside of it.

    inside: the option that it is inside of another by.
    """
    base_dir, place = layers.base_dir((*path, "use")), layers.where((*path, "use"))
    where = f"{place}: {dotted(path)}" if place else dotted(path)
    cls = resolve(kind, spec.use, base_dir, where)
    try:
        check_hooks(dotted(path), cls, get_kind(kind))
    except ConfigError as error:
        raise ConfigError(f"{place}: {error}" if place else str(error)) from None
    inner = list(inner_options(cls.Options))
    if inner and inside is not None:
        names = ", ".join(option.key for option in inner)
        raise ConfigError(f"{where}: {show(spec.use)} is made of components and cannot be inside of another; name its {names} there.")
    file, _, name = spec.use.rpartition(":")
    use = f"{_existing(Path(file), base_dir)}:{name}" if file.endswith(".py") else spec.use
    problems, options = _Problems(layers), dict(spec.options)
    if inside is not None:
        _check_own(path, inside, [key for key in options if key not in field_names(cls.Options)], problems)
    for option in inner:
        value, at = options.get(option.key), (*path, option.key)
        if option.many and isinstance(value, list):
            options[option.key] = [_inner((*at, index), option.type, one, layers, problems) for index, one in enumerate(value)]
        elif not option.many and value is not None:
            options[option.key] = _inner(at, option.type, value, layers, problems)
    problems.raise_any()
    return ComponentSpec(use=use, options=_options(path, kind, spec.model_copy(update={"options": options}), cls, layers))


def _inner(path: KeyPath, inner: type[Inner], value: Any, layers: Layers, problems: _Problems) -> Any:
    """A component inside of another, resolved; what is no component is left for the options it is in to tell."""
    value = {"use": value} if isinstance(value, str) else value
    if not isinstance(value, dict) or not isinstance(value.get("use"), str):
        return value
    own = {key: one for key, one in value.items() if key in inner.model_fields}
    spec = ComponentSpec(use=value["use"], options={key: one for key, one in value.items() if key not in own})
    with problems.at(path, ready=True):
        return {**own, **_component(path, inner.kind, spec, layers, inside=inner).as_yaml()}
    return value


def _check_own(path: KeyPath, inner: type[Inner], unknown: list[str], problems: _Problems) -> None:
    """Tell the keys that the component does not know, and that are near one which the option itself adds to it."""
    for key in unknown:
        if (near := closest(key, inner.model_fields)) is not None:
            with problems.at((*path, key)):
                raise ConfigError(f'unknown key; did you mean "{near}"?')


def _options(path: KeyPath, kind: str, spec: ComponentSpec, cls: type[Component], layers: Layers, shown_by: str = "") -> dict[str, Any]:
    # A file named in a file is relative to it, one in --set to the current directory: a pass for each folder there is.
    folders = [layers.base_dir(key_path) for key_path in (path, *_key_paths(spec.options, path))]
    passes = {folder: check_options(cls, kind, spec, path, folder, layers.where, shown_by) for folder in folders}
    dumped = {folder: options.model_dump(mode="json", by_alias=True) for folder, options in passes.items()}
    result: dict[str, Any] = _each_from_its_folder(path, dumped, layers)
    # As a worker will read it, with no folder at hand: what is still relative is found here, not there.
    check_options(cls, kind, spec.model_copy(update={"options": result}), path, None, layers.where, shown_by)
    problems = _Problems(layers)
    for key_path, file in option_files(cls.Options, result):
        if key_path[0] in spec.options:
            with problems.at((*path, *key_path)):
                _existing(file, Path())
    problems.raise_any()
    return result


def _key_paths(value: Any, at: KeyPath) -> Iterator[KeyPath]:
    """Every key path below a mapping."""
    for key, below in value.items() if isinstance(value, dict) else ():
        yield (*at, key)
        yield from _key_paths(below, (*at, key))


def _each_from_its_folder(path: KeyPath, values: dict[Path, Any], layers: Layers) -> Any:
    """Of the values that a setting has when its files are relative to each folder, the one for the folder it was written in."""
    value = values.get(layers.base_dir(path), next(iter(values.values())))
    if not isinstance(value, dict):
        return value
    return {k: _each_from_its_folder((*path, k), {f: v[k] for f, v in values.items() if k in v}, layers) for k in value}


def _check_llm(generator: ComponentSpec, layers: Layers) -> None:
    cls = resolve("generator", generator.use, layers.base_dir(("generator", "use")))
    if getattr(cls, "needs_llm", False):
        names = ", ".join(dict.fromkeys(c.name for c in list_components() if c.kind == "llm"))
        raise ConfigError(
            f'generator "{generator.use}" asks a model and none is set; write llm: NAME in the config, or --set llm=NAME '
            f"(its options: eureka plugins show llm:NAME). Installed: {names or 'none'}"
        )
