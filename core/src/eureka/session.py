"""Opens a run, new or old, works on it, and leaves it in good order whatever happens."""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import eureka
from eureka.builtin.local import kill_leftovers
from eureka.config import Config, apply_changes, config_sha256, load_resolved, to_yaml
from eureka.errors import ConfigError, EurekaError, RunFailed, RunStopped
from eureka.files import write_atomically
from eureka.journal import FORMAT, Journal, check_version
from eureka.registry import build_manager, make
from eureka.run import MIN_FREE_BYTES, Run
from eureka.search import describe, search
from eureka.signals import Interrupted, Signals
from eureka.summary import write_summary
from eureka.types import ComponentSpec, ConfigChange, RunEnd, RunHeader, RunStart


class Ending(NamedTuple):
    """How a session ended: the command line's exit code, and what to tell the user unless all went well."""

    code: int
    message: str


def start(config: Config, run_dir: Path, progress: str | None = None) -> Ending:
    """Begin a run in a directory that does not exist yet. progress: the display's mode, if not the config's.

    Raises ConfigError, leaving nothing behind, for what the user must mend.
    """
    if run_dir.exists():
        hint = f"Go on with: eureka resume {run_dir}" if (run_dir / "journal.jsonl").exists() else "Give another --run-dir."
        raise ConfigError(f"{run_dir}: exists already. {hint}")
    parent = next(p for p in run_dir.absolute().parents if p.exists())
    free = shutil.disk_usage(parent).free
    if free < MIN_FREE_BYTES:
        raise ConfigError(
            f"{parent}: {free / 1e6:.0f} MB left on this disk; a run needs at least {MIN_FREE_BYTES / 1e6:.0f} MB. "
            "Make room, or give a --run-dir elsewhere."
        )
    components, extras = _components(config, progress)
    new = [p for p in run_dir.absolute().parents if not p.exists()]
    made = False
    try:
        run_dir.mkdir(mode=0o700, parents=True)
        made = True
        (run_dir / "inbox").mkdir()
        write_atomically(run_dir / "config.yaml", to_yaml(config))
    except OSError as error:
        _unmake([run_dir] if made else [], new)
        raise ConfigError(f"{run_dir}: cannot be made ({error.strerror}). Give another --run-dir.") from None
    try:
        return _work(run_dir, config, components, extras, resumed=False)
    except EurekaError:  # only raised while nothing has been spent: leave nothing half-made behind
        _unmake([run_dir], new)
        raise


def resume(run_dir: Path, sets: Sequence[str] = (), finish: bool = False, progress: str | None = None) -> Ending:
    """Go on with a run that stopped, was killed, or ended (and is now to do more).

    finish: begin nothing new, skip to the final evaluation.
    """
    missing = next((name for name in ("config.yaml", "journal.jsonl") if not (run_dir / name).is_file()), None)
    if missing is not None:
        why = f"is no run: it holds no {missing}" if run_dir.is_dir() else "there is no such directory"
        raise ConfigError(f"{run_dir}: {why}. Give the directory that `eureka run` named; without --run-dir it is in runs/.")
    check_version(run_dir / "journal.jsonl")
    old = load_resolved(run_dir / "config.yaml")
    config, changes = apply_changes(old, sets)
    components, extras = _components(config, progress)

    def before(run: Run) -> None:
        kill_leftovers(run_dir / "jobs")
        for key, was, now in changes:
            run.record(ConfigChange(key=key, old=was, new=now, time=time.time()))
        if changes:
            write_atomically(run_dir / "config.yaml", to_yaml(config))

    return _work(run_dir, config, components, extras, resumed=True, finish=finish, before=before)


def _unmake(trees: Sequence[Path], folders: Sequence[Path]) -> None:
    """Remove these trees, and these folders, innermost first, as far as nothing else is in them."""
    for tree in trees:
        shutil.rmtree(tree, ignore_errors=True)
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _components(config: Config, progress: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Every component the config names, made: those the host must reach by itself apart."""
    specs: dict[str, tuple[str, ComponentSpec | None]] = {
        "task.sim": ("sim", config.task.sim),
        "generator": ("generator", config.generator),
        "llm": ("llm", config.llm),
        "trainer": ("trainer", config.trainer),
        "pruner": ("pruner", config.pruner),
        "selector": ("selector", config.selector),
        "reflector": ("reflector", config.reflector),
        "executor": ("executor", config.executor),
    }
    specs |= {f"feedback[{i}]": ("feedback", spec) for i, spec in enumerate(config.feedback)}
    specs |= {f"extensions[{i}]": ("extensions", spec) for i, spec in enumerate(config.extensions)}
    made = {}
    for where, (kind, spec) in specs.items():
        if spec is None:
            continue
        if progress is not None and where.startswith("extensions") and spec.use == "progress":
            spec = spec.model_copy(update={"options": spec.options | {"mode": progress}})
        made[where] = make(kind, spec, where)
    return made, {"executor": made["executor"], "generator": made["generator"]}


def _work(
    run_dir: Path,
    config: Config,
    components: dict[str, Any],
    extras: dict[str, Any],
    resumed: bool,
    finish: bool = False,
    before: Callable[[Run], None] = lambda run: None,
) -> Ending:
    run_dir = run_dir.absolute()  # workers and extensions may be anywhere, and a printed command should work from anywhere
    hooks = build_manager(components)
    journal = Journal(run_dir)
    try:
        with Signals() as signals:
            run = Run(run_dir, config, journal, hooks, extras["executor"], signals)
            return _session(run, extras["generator"], resumed, finish, before)
    finally:
        journal.close()


def _session(run: Run, generator: Any, resumed: bool, finish: bool, before: Callable[[Run], None]) -> Ending:
    status, message, code = "failed", "", 1
    try:
        run.notify("eureka_on_run_start", event=_start_event(run, generator, resumed))
        if run.state.header is None:
            run.record(
                RunHeader(
                    format=FORMAT,
                    eureka=eureka.__version__,
                    task=run.config.task.name,
                    seed=run.config.seed,
                    config_sha256=config_sha256(run.config),
                    time=time.time(),
                )
            )
        run.session("resumed" if resumed else "started")
        before(run)
        describe(run)
        message = search(run, finish)
        status, code = "ended", 0
    except Interrupted:
        status, message, code = "interrupted", f"Interrupted. Go on with: eureka resume {run.dir}", 130
    except RunFailed as error:
        status, message = "failed", str(error)
    except RunStopped as error:
        status, message = "stopped", str(error)
    except EurekaError as error:
        if run.state.context is None:  # nothing was spent: the user's mistake, not a run that stopped
            _leave(run, "failed", str(error))
            raise
        status, message = "stopped", f"{error} Go on with: eureka resume {run.dir}"
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            run.signals.kill_jobs()
            raise
        why = f"{error.filename or run.dir}: cannot write ({error.strerror}). Everything before is kept: make room, then"
        status, message = "stopped", f"{why} `eureka resume {run.dir}`."
    except BaseException:
        run.signals.kill_jobs()
        raise
    _leave(run, status, message)
    return Ending(code, "" if code == 0 else message)


def _leave(run: Run, status: Any, message: str) -> None:
    """Workers gone, records flushed, summary written, extensions told. On a full disk as much of it as goes."""
    with run.signals.deferred():
        run.signals.kill_jobs()
        try:
            run.session(status, message)
            summary = write_summary(run.state)
        except (OSError, RunStopped):
            summary = {}
        run.notify("eureka_on_run_end", event=RunEnd(run_dir=run.dir, status=status, summary=summary, message=message))


def _start_event(run: Run, generator: Any, resumed: bool) -> RunStart:
    config = run.config
    if getattr(generator, "needs_llm", False) and config.llm is not None:
        model = config.llm.options.get("model")
        designer = f"designed by {config.llm.use}" + (f" ({model})" if model else "")
    else:
        designer = f"designed by {config.generator.use}, no model"
    return RunStart(
        run_dir=run.dir,
        task=config.task.name,
        description=config.task.description,
        generator=config.generator.use,
        designed_by=designer,
        iterations=config.search.iterations,
        samples=config.search.samples,
        restarts=config.search.restarts,
        steps_per_candidate=config.training.steps,
        resumed=resumed,
    )


def default_run_dir(config: Config) -> Path:
    """`runs/<task>-<time>`, with a number where that exists."""
    stem = f"{config.task.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    names = (stem, *(f"{stem}-{n}" for n in range(2, 1000)))
    return next(path for name in names if not (path := Path("runs", name)).exists())
