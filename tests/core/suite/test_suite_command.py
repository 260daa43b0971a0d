"""`eureka suite`: what it runs, what it does not run again, and what it refuses before anything is spent."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from eureka.cli import main
from eureka.errors import ConfigError
from eureka.session import Ending
from eureka.suite import folder, looking, working

DYING_HOST = f"{sys.executable}\0{Path(__file__).parents[1] / 'fakes' / 'dying_host.py'}"


@pytest.fixture
def here(shipped, monkeypatch):
    """In the folder with the shipped tasks: `eureka suite` with these arguments. The config for all tasks is all.yaml."""
    monkeypatch.chdir(shipped.folder)
    Path("all.yaml").write_text(json.dumps(shipped.settings))

    def suite(*arguments):
        return CliRunner().invoke(main, ["suite", "--config", "all.yaml", *map(str, arguments)])

    return suite


@pytest.fixture
def runs(made, monkeypatch):
    """In the place of runs: what became of each that was begun or resumed, in order, is put into `how` before."""
    made.how, made.begun = {}, []

    def run(name, verb):
        made.begun.append((verb, name))
        outcome = made.how[name].pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        code, records = outcome
        if (made.dir / name).exists():
            for file in (made.dir / name).iterdir():
                file.unlink()
            (made.dir / name).rmdir()
        made.ran(name, **records)
        return Ending(code, records.get("message", ""))

    monkeypatch.setattr(working, "start", lambda config, run_dir: run(run_dir.name, "start"))
    monkeypatch.setattr(working, "resume", lambda run_dir: run(run_dir.name, "resume"))
    monkeypatch.setattr(looking, "look", lambda config: None)
    monkeypatch.setattr("eureka.report.page._library", lambda: "")  # 5 MB that take longer to write than all the rest
    for name in ("one", "two", "three"):
        made.waits(name)
    folder.make(made.suite_to_make())
    return made


def raised(error):
    raise error


def go_on(runs):
    runs.begun.clear()
    return CliRunner().invoke(main, ["suite", "--dir", str(runs.dir)])


def statuses(runs):
    return [row["status"] for row in json.loads((runs.dir / "suite.json").read_text())["tasks"]]


DONE, FAILED = (0, {}), (1, {"event": "failed", "found": None, "message": "no candidate could be trained."})
INTERRUPTED = (130, {"event": "interrupted", "found": None, "message": "Interrupted."})


def test_a_run_that_fails_is_a_row_and_the_rest_goes_on(runs):
    runs.how = {"one": [FAILED], "two": [ConfigError("sim.env: nothing there.")], "three": [DONE]}
    ended = go_on(runs)
    assert ended.exit_code == 1 and statuses(runs) == ["failed", "failed", "done"]
    assert "Task 3 of 3: three" in ended.stdout and "Tasks done: 1 of 3 (2 failed)" in ended.stdout
    assert "Error: no candidate could be trained." in ended.stderr and "Error: sim.env: nothing there." in ended.stderr
    assert "one: failed, no candidate could be trained." in ended.stdout and "two: failed, sim.env: nothing there." in ended.stdout


def test_an_interrupt_ends_it_and_it_goes_on_with_that_run_and_runs_none_again_that_has_ended(runs):
    runs.how = {"one": [DONE], "two": [INTERRUPTED, DONE], "three": [FAILED]}
    left = go_on(runs)
    assert left.exit_code == 130 and left.stderr == f"Interrupted. Go on with: eureka suite --dir {runs.dir}\n"
    assert runs.begun == [("start", "one"), ("start", "two")] and statuses(runs) == ["done", "interrupted", "waiting"]
    assert go_on(runs).exit_code == 1 and runs.begun == [("resume", "two"), ("start", "three")]
    ended = go_on(runs)
    assert ended.exit_code == 1 and runs.begun == [] and statuses(runs) == ["done", "done", "failed"]
    assert "Task 1 of 3: one, done before" in ended.stdout


def test_a_run_that_stopped_at_a_fault_is_tried_again_when_the_suite_goes_on(runs):
    stopped = (1, {"event": "stopped", "found": None, "message": "no room."})
    runs.how = {"one": [stopped, DONE], "two": [DONE], "three": [DONE]}
    assert go_on(runs).exit_code == 1 and statuses(runs) == ["stopped", "done", "done"]
    assert go_on(runs).exit_code == 0 and runs.begun == [("resume", "one")]


def test_ctrl_c_between_two_runs_tells_how_to_go_on(runs, monkeypatch):
    monkeypatch.setattr(working, "start", lambda config, run_dir: raised(KeyboardInterrupt()))
    left = go_on(runs)
    assert left.exit_code == 130 and "Go on with: eureka suite --dir" in left.stderr


def test_two_processes_do_not_work_on_one_suite(runs):
    with folder.locked(runs.dir):
        refused = go_on(runs)
    assert refused.exit_code == 2 and "another process works on this suite" in refused.output


def test_a_suite_with_other_settings_is_refused_with_what_differs_and_further_tasks_join(here, monkeypatch):
    monkeypatch.setattr(working, "start", lambda config, run_dir: raised(ConfigError("not now.")))
    looked = []
    monkeypatch.setattr(looking, "look", lambda config: looked.append(config.task.name))
    made = here("--tasks", "point_one", "--set", "seed=3", "--dir", "s")
    assert made.exit_code == 1 and looked == ["point_one"] and Path("s").stat().st_mode & 0o777 == 0o700
    refused = here("--tasks", "point_one", "--set", "seed=4", "--dir", "s")
    assert (refused.exit_code, looked) == (2, ["point_one"])
    assert "Error: s: these are not the settings that its tasks have:\n  point_one: seed was 3, is 4\nTasks that join" in refused.output
    here("--tasks", "point_two", "--set", "seed=3", "--dir", "s")
    kept = json.loads(Path("s/suite.json").read_text())
    assert [row["task"] for row in kept["tasks"]] == ["point_one", "point_two"] and looked == ["point_one", "point_two"]
    assert kept["command"] == {"config": str(Path("all.yaml").absolute()), "sets": ["seed=3"]}


def test_a_task_joins_with_the_settings_the_suite_was_made_with_where_none_are_given(here, monkeypatch):
    monkeypatch.setattr(working, "start", lambda config, run_dir: raised(ConfigError("not now.")))
    monkeypatch.setattr(looking, "look", lambda config: None)
    here("--tasks", "point_one", "--set", "seed=3", "--dir", "s")
    joined = CliRunner().invoke(main, ["suite", "--dir", "s", "--tasks", "point_two"])
    assert joined.exit_code == 1 and "Task 2 of 2: point_two" in joined.output  # 1: there is no run here
    assert folder.open_suite(Path("s")).configs["point_two"].seed == 3
    other = CliRunner().invoke(main, ["suite", "--dir", "s", "--tasks", "point_two", "--set", "final.clip=true"])
    assert other.exit_code == 2 and "point_one: final.clip was false, is true" in other.output and "seed was" not in other.output
    settings = json.loads(Path("all.yaml").read_text())
    Path("all.yaml").write_text(json.dumps({**settings, "training": {"steps": 100}}))
    changed = CliRunner().invoke(main, ["suite", "--dir", "s", "--tasks", "point_two"])
    assert changed.exit_code == 2 and "point_one: training.steps was 200, is 100" in changed.output
    assert f"made with --config {Path('all.yaml').absolute()}, which is read for those that join" in changed.output


def test_how_a_table_words_the_unit_is_no_other_setting(here, shipped, monkeypatch):
    monkeypatch.setattr(working, "start", lambda config, run_dir: raised(ConfigError("not now.")))
    monkeypatch.setattr(looking, "look", lambda config: None)
    here("--tasks", "point_one", "--dir", "s")
    task = Path("shelf/envs/point_one/task.yaml")
    content = json.loads(task.read_text())
    task.write_text(json.dumps({**content, "fitness": {**content["fitness"], "unit": "m"}}))
    assert here("--tasks", "point_one", "--dir", "s").exit_code == 1  # it went on
    task.write_text(json.dumps({**content, "fitness": {**content["fitness"], "solved": -0.1}}))
    refused = here("--tasks", "point_one", "--dir", "s")
    assert refused.exit_code == 2 and "point_one: task.fitness.solved was null, is -0.1" in refused.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--tasks", "point_one,pont_two"], '--tasks: "pont_two" is no shipped task; did you mean "point_two"?'),
        (["--tasks", ","], "--tasks: no task is named."),
        (["--tasks", "point_one", "--set", "search.sampels=3"], "search.sampels: unknown key"),
        (["--tasks", "point_one", "--set", "final.seeds=0"], "final.seeds: 0 leaves out the final evaluation"),
        (["--tasks", "point_one", "--set", "task=point_two"], "--set task=point_two: each run of a suite has its own task"),
        (["--tasks", "point_one", "--set", "budget.env_steps=10"], "Error: point_one: budget.env_steps"),
        (["--config", "named.yaml"], "named.yaml: names a task"),
        (["--tasks", "point_one", "--dir", "shelf"], "shelf: exists already and is no suite."),
    ],
)
def test_a_mistake_is_told_before_anything_begins(here, arguments, told, monkeypatch):
    monkeypatch.setattr(looking, "look", lambda config: pytest.fail("an environment was looked at"))
    Path("named.yaml").write_text("task: point_one\n")
    refused = here(*arguments)
    assert refused.exit_code == 2 and told in refused.output and not Path("suites").exists()


def test_an_environment_that_cannot_be_made_is_left_out_unless_it_was_named(here, monkeypatch):
    monkeypatch.setattr(working, "start", lambda config, run_dir: raised(ConfigError("not now.")))
    monkeypatch.setattr(
        "eureka.suite.choosing.list_tasks", lambda: {n: Path("shelf/envs", n, "task.yaml").absolute() for n in ("point_one", "absent")}
    )
    named = here("--tasks", "absent")
    assert named.exit_code == 2 and "absent: sim.env: 'none' is unknown" in named.output and not Path("suites").exists()
    absent = ConfigError("sim.env: 'none' is unknown; valid: point.")
    monkeypatch.setattr(looking, "look", lambda config: raised(absent) if config.task.name == "absent" else None)
    here("--dir", "s")
    kept = json.loads(Path("s/suite.json").read_text())
    assert [row["task"] for row in kept["tasks"]] == ["point_one"]
    assert kept["left_out"] == [{"task": "absent", "why": "sim.env: 'none' is unknown; valid: point."}]


@pytest.mark.slow
def test_a_suite_that_is_killed_goes_on_and_comes_to_what_its_runs_came_to(here, shipped):
    command = ["suite", "--tasks", "point_one,point_two", "--config", "all.yaml", "--set", "search.iterations=1", "--dir", "s"]
    assert shipped.eureka("after", "12", *command, script=DYING_HOST).returncode == -9
    done = shipped.eureka(*command)
    assert done.returncode == 0, done.stderr
    kept = json.loads(Path("s/suite.json").read_text())
    for row in kept["tasks"]:
        final = shipped.summary(Path("s", row["task"]))["final"]
        assert row["status"] == "done" and row["found"] == final["best"] and row["sparse"] == final["fitness"]
    trained = shipped.log("trained.log")
    again = shipped.eureka("suite", "--dir", "s")
    assert again.returncode == 0 and "point_two, done before" in again.stdout and shipped.log("trained.log") == trained
    assert Path("s/suite.html").stat().st_size < 6_000_000 and shipped.wait_until_gone() == []
