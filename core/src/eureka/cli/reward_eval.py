"""`eureka reward eval`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eureka.cli.target import SET

if TYPE_CHECKING:
    from eureka.config import Config
    from eureka.screening import Refusal
    from eureka.session import Ending
    from eureka.state import State
    from eureka.types import Verdict

_HUMAN = "human"
_BESIDE = {"human": "the human reward", "fitness": "the fitness itself as reward"}
_OF_FILES = ("generator.rewards", "search.samples", "final.top")
_FIXED = ("search.", "search=", "generator", "llm", "pruner", "final.top")


@click.command("eval")
@click.argument("files", nargs=-1, required=True, metavar="FILE… [human]")
@click.option(
    "--task", required=True, metavar="CONFIG|ID", help="A name that `eureka tasks` lists, a config, a task.yaml, or an environment's ID."
)
@click.option("--seeds", type=click.IntRange(min=1), help="Trainings of each reward. Default: final.seeds of the config, mostly 5.")
@SET
@click.option(
    "--run-dir", type=click.Path(path_type=Path), help="Where everything goes; the same again goes on. Default: runs/<task>-<time>."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON object a line: each FILE, the human reward, the fitness itself as reward."
)
def evaluate(files: tuple[str, ...], task: str, seeds: int | None, sets: tuple[str, ...], run_dir: Path | None, as_json: bool) -> None:
    """Train rewards of your own as the final evaluation of a run trains its best, and compare them with the human reward.

    Each FILE is a Python program, or a model's answer as it came. A reward is trained once as in a search; those that got through that
    are trained again on fresh seeds, beside the human reward (always; you may name it) and the fitness itself as reward. What it takes
    is what the task's config says, as in `eureka run`. The result is a run: `eureka report` shows it, and the same command with the same
    --run-dir goes on where it was left. Where every FILE is rejected nothing is trained, and no run is left. Exits with 1 if a reward was
    rejected or failed, also one of those two.

    \b
    Examples:
      eureka reward eval my_reward.py --task cartpole
      eureka reward eval mine.py answer.txt human --task lunar_lander --seeds 10 --run-dir runs/mine
    """
    named = tuple(dict.fromkeys(file for file in files if file != _HUMAN))
    if not named:
        raise click.UsageError("Give a FILE to hold against the human reward, which is always trained, too.")
    from eureka.errors import ConfigError
    from eureka.opened_run import read_run
    from eureka.session import default_run_dir
    from eureka.tasks import or_the_task

    config = _config(named, task, seeds, sets)
    folder = run_dir or default_run_dir(config)
    try:
        refused = [] if (folder / "journal.jsonl").exists() else _all_refused(named, config)
    except ConfigError as error:
        raise or_the_task(error, task) from None
    if refused:
        _print(refused, as_json)
        why = "the reward was rejected" if len(refused) == 1 else "every reward was rejected"
        click.echo(f"Error: {why}, so nothing is trained. Mended ones are tried with: eureka reward check FILE… --task {task}", err=True)
        sys.exit(1)
    ending = _run(config, folder, "quiet" if as_json else None)
    if ending.message:
        click.echo(ending.message if ending.code == 130 else f"Error: {ending.message}", err=True)
    if ending.code == 130:
        sys.exit(ending.code)
    rows = _rows(named, read_run(folder)[1])
    if not as_json:
        click.echo()
    _print(rows, as_json)
    sys.exit(ending.code or int(any(row["verdict"] != "trained" for row in rows)))


def _print(rows: list[dict[str, Any]], as_json: bool) -> None:
    for row in rows:
        click.echo(json.dumps(row) if as_json else _line(row))


def _config(files: tuple[str, ...], task: str, seeds: int | None, sets: tuple[str, ...]) -> Config:
    """The task's own config, with these rewards in the place of a search. Raises ConfigError."""
    from eureka.cli.reward import read_text
    from eureka.config import Override, load_config, load_mapping
    from eureka.env_task import env_config
    from eureka.errors import ConfigError
    from eureka.reward_file import as_answer, without_header
    from eureka.tasks import list_configs, list_tasks
    from eureka.yaml_source import read_yaml

    for text in sets:
        if text.startswith(_FIXED):
            raise ConfigError(f"--set {text}: nothing is searched here. May be set: task, trainer, training, evaluation, final.seeds, …")
    count = len(files)
    rewards = [as_answer(file, without_header(read_text(file))) for file in files]
    given: dict[str, Any] = {"generator": {"use": "given", "rewards": rewards, "names": list(files)}, "llm": None, "pruner": "none"}
    given |= {"search.iterations": 1, "search.samples": count, "search.restarts": 1, "search.retest": 0, "search.initial_reward": None}
    given |= {"search.start": None, "search.warm_start": "none"}
    given |= {"search.stop_when_solved": False, "final.top": count} | ({"final.seeds": seeds} if seeds is not None else {})
    overrides = [Override(key, value, "eureka reward eval") for key, value in given.items()]
    if task in list_tasks() or task in list_configs():
        return load_config(task, sets, overrides)
    if not task.endswith((".yaml", ".yml")):
        return load_mapping(env_config(task), f"--task {task}", Path.cwd(), sets, overrides)
    if "task" in read_yaml(Path(task)).data:
        return load_config(task, sets, overrides)
    return load_mapping({"task": task}, task, Path.cwd(), sets, overrides)


def _all_refused(files: tuple[str, ...], config: Config) -> list[dict[str, Any]]:
    """A row for each file where none may train, as found before anything is begun; none at all where one may. Raises ConfigError."""
    from eureka.reward_check import judge

    judged = sorted(judge(config, config.generator.options["rewards"], config.isolation or "require"), key=lambda one: one.number)
    if any(one.accepted for one in judged):
        return []
    return [{"file": files[one.number], "id": None, "same_as": None, **_rejected(one.said)} for one in judged]


def _rejected(said: Refusal | Verdict) -> dict[str, Any]:
    return {"verdict": "rejected", "stage": said.stage, "message": said.message, "line": said.line}


def _run(config: Config, folder: Path, progress: str | None) -> Ending:
    """A run of its own, or the one that was left there, with what of it may change. Raises ConfigError where another is there."""
    from eureka.config_changes import changes, differences, in_words, listed, may_change
    from eureka.errors import ConfigError
    from eureka.opened_run import read_run
    from eureka.session import resume, start
    from eureka.validation import dotted

    if not (folder / "journal.jsonl").exists():
        return start(config, folder, progress)
    old, state = read_run(folder)
    if state.context is not None and state.context.derived:  # which the config of a run has, and that of its task has not
        old = old.model_copy(update={"task": old.task.model_copy(update={"variables": {}})})
    fixed = [one for one in differences(old, config) if not may_change(dotted(one.path)) and dotted(one.path) != "generator.names"]
    lines = in_words([one for one in fixed if dotted(one.path) not in _OF_FILES])
    if fixed:
        lines = ["the rewards are others"] * (len(lines) < len(fixed)) + lines
        raise ConfigError(
            f"{folder}: holds a run of other rewards or settings:\n{listed(lines)}\nGive another --run-dir. What is there goes on as it is "
            f"with: eureka resume {folder}"
        )
    return resume(folder, [f"{key}={json.dumps(now)}" for key, _, now in changes(old, config)], progress=progress)


def _rows(files: tuple[str, ...], state: State) -> list[dict[str, Any]]:
    """What came of each file, then of human and sparse reward; figures as in `summary.json`.

    `verdict`: trained, rejected, failed (in its first training, or in every final one), or waiting where something else stopped it.
    `same_as`: the file with the same program before it.
    """
    from eureka.summary import summarize

    final = summarize(state)["final"] or {}
    known = {row.pop("id"): row for row in final.get("others", ())}
    if final:
        known[final["id"]] = {**final["best"], "against": final["against"], "human_normalised": final["human_normalised"]}
    rows: list[dict[str, Any]] = []
    for file, candidate in zip(files, state.iteration(0, 0), strict=False):
        same = next(c for c in state.iteration(0, 0) if c.sha256 == candidate.sha256)
        verdict, outcome = state.verdicts.get(candidate.id), state.outcomes.get(candidate.id)
        row: dict[str, Any] = {"file": file, "id": candidate.id, "same_as": files[same.sample] if same != candidate else None}
        if verdict is not None and not verdict.accepted:
            row |= _rejected(verdict)
        elif outcome is not None and outcome.error is not None:
            row |= {"verdict": "failed", "message": outcome.error.message, "line": outcome.error.line}
        elif same.id in known:
            row |= _came_to("best" if same.id == final["id"] else same.id, known[same.id], state)
        else:
            row |= {"verdict": "waiting"}
        rows.append(row)
    rows += [{"file": None, "id": name, "same_as": None, **_came_to(name, final[name], state)} for name in _BESIDE if final]
    return rows


def _came_to(reward: str, figures: dict[str, Any], state: State) -> dict[str, Any]:
    """What the final trainings of a reward came to. reward: best, human, fitness, or the id of another."""
    if figures["mean"] is not None:
        return {"verdict": "trained", **figures}
    trainings = state.evaluation.trainings if state.evaluation is not None else ()
    error = next((t.error for t in trainings if reward in (t.reward, t.candidate) and t.error is not None), None)
    why, line = (f": {error.message}", error.line) if error is not None else ("", None)
    return {"verdict": "failed", "message": f"every final training failed{why}", "line": line, **figures}


def _line(row: dict[str, Any]) -> str:
    from eureka.builtin.outside_text import ERROR_LIMIT, one_line
    from eureka.builtin.result_lines import compared, measured, with_interval

    name = one_line(row["file"] or _BESIDE[row["id"]], 1000)
    if row["same_as"] is not None:
        name += f" (the same program as {one_line(row['same_as'], 1000)})"
    if row["verdict"] in ("rejected", "failed"):
        where = ", ".join(filter(None, (row.get("stage"), f"line {row['line']}" if row["line"] is not None else "")))
        return f"{name}: {row['verdict']}{f' ({where})' if where else ''}: {one_line(row['message'], ERROR_LIMIT)}"
    if row["verdict"] == "waiting":
        return f"{name}: not measured"
    mean, middle = measured(row)
    lines = [f"{name}: mean {mean}, interquartile mean {middle}"]
    if row["file"] is None:
        return lines[0]
    lines += compared(row["against"]["human"])
    score = row["human_normalised"]
    told = f"n/a, {score['why']}" if score["score"] is None else with_interval(score["score"], score["interval"])
    lines.append(f"human-normalised score {told}")
    return "\n    ".join(lines)
