"""The reward that a search begins from: a user's file in the place of answers, held to what every candidate is held to."""

from __future__ import annotations

from pathlib import Path

from eureka.builtin.outside_text import ERROR_LIMIT, one_line
from eureka.checking import Checker
from eureka.config import Config
from eureka.errors import ConfigError
from eureka.extraction import MAX_BYTES, program_sha256
from eureka.job_types import CheckJob
from eureka.reward_file import as_answer, without_header
from eureka.run import Run, failure
from eureka.screening import screen
from eureka.search_start import REWARD
from eureka.types import Candidate, EnvContext, Verdict
from eureka.yaml_source import shown


def initial_file(config: Config) -> Path | None:
    """The file of `search.initial_reward`; None where none is given, be it that the reward of `search.start` is."""
    given = config.search.initial_reward
    return None if given is None else Path(config.task.human if given == "human" else given)


def initial_text(config: Config, run_dir: Path) -> str:
    """The given reward as an answer: a Python file in a code block, any other as it is. Raises ConfigError where it cannot be read."""
    file = run_dir / REWARD if config.search.takes_reward else initial_file(config)
    assert file is not None
    try:
        with file.open("rb") as stream:
            text = str(stream.read(MAX_BYTES + 1), encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise ConfigError(f"search.initial_reward: {file}: cannot be read ({error.strerror}). Give a file you may read.") from None
    return as_answer(file.name, without_header(text))


def initial_in_words(config: Config) -> str:
    """What the search begins from, such as "human_reward.py as the first iteration"; empty where it is from nothing."""
    file, start = initial_file(config), config.search.start
    if file is None and not config.search.takes_reward:
        return ""
    name = file.name if file is not None else f"the best reward of {shown(Path(start or ''))}"
    place = "the first iteration" if config.search.initial_as == "iteration" else "one reward of the first iteration"
    return f"{one_line(name)} as {place}"


def refuse_initial(run: Run, context: EnvContext) -> None:
    """Raise ConfigError where the initial reward may not train; asked before anything is spent."""
    file, start = initial_file(run.config), run.config.search.start
    if not run.config.search.given(0):
        return
    found, said = screen(initial_text(run.config, run.dir), context)
    wrong = said or _tried(run, context, found.code)
    if wrong is not None:
        line = f", line {wrong.line}" if wrong.line is not None else ""
        why = one_line(wrong.message, ERROR_LIMIT).rstrip(".")
        if file is None:
            raise ConfigError(
                f"search.start: the reward of {start} would be rejected here ({wrong.stage}{line}): {why}. Begin with its policy alone: "
                "--set search.start_reward=false"
            )
        raise ConfigError(
            f"search.initial_reward: {file} would be rejected ({wrong.stage}{line}): {why}. It is "
            f"held to what every candidate is held to. Once it is mended, try it with: eureka reward check {file} --task TASK"
        )


def _tried(run: Run, context: EnvContext, code: str) -> Verdict | None:
    """The verdict on the program where it is rejected on transitions of the environment."""
    task = run.config.task if run.config.task.variables else run.config.task.model_copy(update={"variables": context.derived})
    job = CheckJob(run_dir=run.dir, task=task, context=context, isolation=run.isolation, trainer=run.config.trainer)
    with Checker(run.jobs, job, failure) as checker:
        checker.submit(Candidate(id="r0i0s00", restart=0, iteration=0, sample=0, code=code, sha256=program_sha256(code)))
        [verdict] = checker.rest()
    return None if verdict.accepted else verdict
