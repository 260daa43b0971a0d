"""Opens a run, new or old, works on it, and leaves it in good order whatever happens."""

from __future__ import annotations

import json
import os
import shutil
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import eureka
from eureka.builtin.local import kill_leftovers
from eureka.config import Config, apply_changes, config_sha256, load_resolved, to_yaml
from eureka.config_parts import components
from eureka.errors import ConfigError, EurekaError, RunFailed, RunStopped
from eureka.estimate import estimate
from eureka.events import RunEnd, RunStart
from eureka.files import write_atomically
from eureka.initial_reward import initial_in_words
from eureka.job_types import WarmJob
from eureka.journal import FORMAT, Journal, check_version
from eureka.model_check import asks_model, check_model, quotes
from eureka.opened_run import run_meant
from eureka.own_trainers import own_trainers, refuse_confinement
from eureka.people import warnings, will_ask
from eureka.registry import build_manager, make
from eureka.run import MIN_FREE_BYTES, Run
from eureka.search import all_written, describe, search
from eureka.search_start import copy_start, start_in_words
from eureka.secret_values import without_secrets
from eureka.signals import Interrupted, Signals
from eureka.speeds import recall, remember
from eureka.summary import write_summary
from eureka.task_files import copy_task_files
from eureka.types import ConfigChange, RunHeader
from eureka.user_files import check_unchanged, hashes
from eureka.versions import versions


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
    parts = make_components(config, progress)
    new = [p for p in run_dir.absolute().parents if not p.exists()]
    staging = run_dir.with_name(f".{run_dir.name}.{os.getpid()}")  # so that the directory is there whole or not at all
    try:
        staging.mkdir(mode=0o700, parents=True)
        (staging / "inbox").mkdir()
        write_atomically(staging / "config.yaml", to_yaml(config))
        copy_task_files(config.task, staging)
        copy_start(config, staging)
        staging.rename(run_dir)
    except OSError as error:
        _unmake([staging], new)
        raise ConfigError(f"{run_dir}: cannot be made ({error.strerror or error}). Give another --run-dir.") from None
    except ConfigError:
        _unmake([staging], new)
        raise
    try:
        journal = Journal(run_dir.absolute())
        try:
            return _work(journal, config, parts)
        finally:
            journal.close()
    except EurekaError:  # only raised while nothing has been spent: leave nothing half-made behind
        _unmake([run_dir], new)
        raise


def resume(run_dir: Path, sets: Sequence[str] = (), finish: bool = False, progress: str | None = None) -> Ending:
    """Go on with a run that stopped, was killed, or ended (and is now to do more).

    finish: begin nothing new, skip to the final evaluation.
    """
    where = run_meant(run_dir)
    if not (run_dir / "config.yaml").exists():
        why = "is no run: it holds no config.yaml" if run_dir.is_dir() else "there is no such directory"
        raise ConfigError(f"{run_dir}: {why}. {where}")
    check_version(run_dir / "journal.jsonl")  # a newer version's config could not be read either
    try:
        old = load_resolved(run_dir / "config.yaml")
    except ConfigError:
        if (run_dir / "journal.jsonl").exists():
            raise
        raise ConfigError(f"{run_dir}: is no run: its config.yaml is another program's. {where}") from None
    journal = Journal(run_dir.absolute())
    try:
        return _resume(journal, old, sets, finish, progress)
    finally:
        journal.close()


def _resume(journal: Journal, old: Config, sets: Sequence[str], finish: bool, progress: str | None) -> Ending:
    run_dir = journal.path.parent
    for change in (r for r in journal.records if isinstance(r, ConfigChange)):  # journalled first: the file may be one behind
        old, _ = apply_changes(old, [f"{change.key}={json.dumps(change.new)}"])
    config, changes = apply_changes(old, sets)
    header = next((r for r in journal.records if isinstance(r, RunHeader)), None)
    if header is not None:
        check_unchanged(header.files, config)
    refuse_confinement(config, journal.records)
    parts = make_components(config, progress)

    def before(run: Run) -> None:
        kill_leftovers(run_dir / "jobs")
        for key, was, now in changes:
            run.record(ConfigChange(key=key, old=was, new=now, time=time.time()))
        write_atomically(run_dir / "config.yaml", to_yaml(config))
        run.collect_inbox()

    return _work(journal, config, parts, finish=finish, before=before)


def _unmake(trees: Sequence[Path], folders: Sequence[Path]) -> None:
    """Remove these trees, and these folders, innermost first, as far as nothing else is in them."""
    for tree in trees:
        shutil.rmtree(tree, ignore_errors=True)
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def make_components(config: Config, progress: str | None = None) -> dict[str, Any]:
    """Every component the config names, made, by its place in the config."""
    made = {}
    for path, kind, spec in components(config):
        if kind == "trainer" and own_trainers(config) is not None:
            continue  # its options are data for the simulator's own worker
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:]
        if progress is not None and kind == "extensions" and spec.use == "progress":
            spec = spec.model_copy(update={"options": spec.options | {"mode": progress}})
        made[where] = make(kind, spec, where)
    return made


def _work(
    journal: Journal,
    config: Config,
    parts: dict[str, Any],
    finish: bool = False,
    before: Callable[[Run], None] = lambda run: None,
) -> Ending:
    run_dir = journal.path.parent  # absolute: workers and extensions may be anywhere, and a printed command should work from anywhere
    with Signals() as signals:
        run = Run(run_dir, config, journal, build_manager(parts), parts["executor"], signals)
        if not finish and not all_written(config, run.state):
            check_model(run, parts["generator"])
            if will_ask(config, run.state.selections):
                run.hooks.hook.eureka_check_feedback()
        return _session(run, parts, finish, before)


def _session(run: Run, parts: Mapping[str, Any], finish: bool, before: Callable[[Run], None]) -> Ending:
    resumed = run.state.header is not None
    go_on = f"Go on with: eureka resume {run.dir}"
    try:
        status, message, code = _search(run, parts, resumed, finish, before)
    except Interrupted:
        status, message, code = "interrupted", f"Interrupted. {go_on}", 130
    except RunFailed as error:
        status, message, code = "failed", str(error), 1
    except RunStopped as error:
        status, message, code = "stopped", str(error), 1
    except EurekaError as error:
        if run.state.context is None and not resumed:  # nothing was spent: the user's mistake, not a run that stopped
            _leave(run, "failed", str(error))
            raise
        status, message, code = "stopped", f"{error} {go_on}", 1
    except OSError as error:
        why = f"{error.filename or run.dir}: {error.strerror}"
        status, message, code = "stopped", f"{why}. Everything before is kept: mend that (make room?), then `eureka resume {run.dir}`.", 1
    except Exception as error:
        # A component's bug, or ours. The user gets a line; whoever mends it gets the traceback.
        with suppress(OSError):
            (run.dir / "error.log").write_text(without_secrets(traceback.format_exc()))
        status, code = "stopped", 1
        message = f"{type(error).__name__}: {error}. This is a bug in a component or in Eureka; see {run.dir / 'error.log'}. {go_on}"
    message = without_secrets(message)
    try:
        _leave(run, status, message)
    except Interrupted:
        pass  # it was being left already
    return Ending(code, "" if code == 0 else message)


def _search(run: Run, parts: Mapping[str, Any], resumed: bool, finish: bool, before: Callable[[Run], None]) -> tuple[str, str, int]:
    run.notify("eureka_on_run_start", event=_start_event(run, parts, resumed))
    if not resumed:
        run.record(
            RunHeader(
                format=FORMAT,
                eureka=eureka.__version__,
                task=run.config.task.name,
                seed=run.config.seed,
                config_sha256=config_sha256(run.config),
                retest=run.config.search.retest,
                files=hashes(run.config),
                versions=versions(run.config),
                time=time.time(),
            )
        )
    run.session("resumed" if resumed else "started")
    before(run)
    run.jobs.keep_warm(WarmJob(run_dir=run.dir, task=run.config.task, trainer=run.config.trainer))
    describe(run)
    remark = search(run, finish)
    run.collect_inbox()
    return "ended", remark, 0


def _leave(run: Run, status: Any, message: str) -> None:
    """Workers gone, records flushed, summary written, extensions told. On a full disk as much of it as goes."""
    with run.signals.deferred():
        run.signals.kill_jobs()
        try:
            run.session(status, message)
            summary = write_summary(run.state)
            remember(run.config, run.state, run.jobs.slots)
        except (OSError, RunStopped):
            summary = {}
        run.notify("eureka_on_run_end", event=RunEnd(run_dir=run.dir, status=status, summary=summary, message=message))


def _start_event(run: Run, parts: Mapping[str, Any], resumed: bool) -> RunStart:
    config, generator = run.config, parts["generator"]
    asks = asks_model(config, generator)
    if asks and config.llm is not None:
        model = config.llm.options.get("model")
        designer = f"designed by {config.llm.use}" + (f" ({model})" if model else "")
    else:
        designer = f"designed by {config.generator.use}, no model"
    names: Sequence[str] = getattr(generator, "names", ())
    if names:
        designer = ", ".join(names)
    if initial := initial_in_words(config):
        designer += f"; {initial}"
    confinement = ""
    if run.isolation != "require":
        own = getattr(generator, "writes_its_own", False)
        confinement = f"{run.isolation} ({'no model writes these rewards' if own else 'what a model writes is run all the same'})"
    lines = estimate(config, quotes(config, run.hooks) if asks else [], run.jobs.slots, recall(config))
    if resumed:
        done = sum(not v.accepted or v.candidate in run.state.outcomes for v in run.state.verdicts.values())
        lines = (f"The whole run, {done:,} of whose {config.search.rewards:,} rewards are trained or rejected already:", *lines)
    return RunStart(
        run_dir=run.dir,
        task=config.task.name,
        description=config.task.description,
        generator=config.generator.use,
        designed_by=designer,
        begins_with=start_in_words(config),
        names={f"r0i0s{sample:02}": name for sample, name in enumerate(names)},
        iterations=config.search.iterations,
        samples=config.search.samples,
        restarts=config.search.restarts,
        steps_per_candidate=config.training.steps,
        own_return=config.task.fitness.value == "native" and config.task.fitness.fold in ("sum", "any"),
        warnings=tuple(warnings(config, parts)),
        confinement=confinement,
        estimate=lines,
        resumed=resumed,
    )


def default_run_dir(config: Config) -> Path:
    """`runs/<task>-<time>`, with a number where that exists."""
    stem = f"{config.task.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    names = (stem, *(f"{stem}-{n}" for n in range(2, 1000)))
    return next(path for name in names if not (path := Path("runs", name)).exists())
