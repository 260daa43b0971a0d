"""`eureka runs`."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from eureka import run_list
from eureka.cli import main
from eureka.run_list import ListedRun

NOW = time.mktime((time.localtime().tm_year, 3, 5, 14, 7, 0, 0, 0, -1))


@pytest.fixture
def listed(monkeypatch, tmp_path):
    """Has `eureka runs` find these; each is given without what does not matter."""
    monkeypatch.chdir(tmp_path)
    Path("runs").mkdir()

    def find(*found):
        monkeypatch.setattr(run_list, "list_runs", lambda folder: list(found))
        return CliRunner().invoke(main, ["runs"])

    return find


def run(name="cartpole-1", state="ended", started=NOW, task="cartpole", done=2, planned=5, **more):
    return ListedRun(Path("runs", name), state, started, task, done, planned, **more)


def test_each_run_is_a_line_and_one_whose_name_does_not_tell_it_names_its_task(listed):
    shown = listed(
        run(best="r0i0s00", fitness=0.91234, final=0.8, seconds=75.4),
        run("night/first", "at a cap", task="acrobot", seconds=7200, started=0),
    )
    assert (shown.exit_code, shown.output.splitlines()) == (
        0,
        [
            "STARTED      STATE     ITER  SEARCH  FINAL  TIME   RUN",
            "03-05 14:07  ended     2/5   0.9123  0.8    75 s   cartpole-1",
            "1970-01-01   at a cap  2/5   none    none   2.0 h  night/first (acrobot)",
        ],
    )


def test_cost_is_a_column_where_any_run_cost_something_and_says_what_is_not_known(listed):
    shown = listed(run(cost_usd=0.25, unpriced=1), run("cartpole-2", seconds=600))
    header, *lines = shown.output.splitlines()
    assert [line[header.index("COST") :].split()[0] for line in lines] == ["$0.25+?", "$0.00"]


def test_a_broken_run_is_a_line_and_a_reason_and_nothing_of_either_is_read_by_the_terminal(listed):
    shown = listed(ListedRun(Path("runs", "odd\x1b[31m"), "broken", NOW, error="line 3\nis no record"))
    assert shown.exit_code == 0 and "\x1b" not in shown.output
    assert shown.output.splitlines()[1:] == [
        "03-05 14:07  broken                             odd[31m",
        "",
        "odd[31m is broken: line 3 is no record",
    ]


def test_json_has_every_field_of_every_run(listed):
    listed(run(fitness=1.5, final=1.25, best="r0i0s00"))
    [found] = json.loads(CliRunner().invoke(main, ["runs", "--json"]).output)
    assert found == {
        "name": "cartpole-1", "dir": str(Path("runs", "cartpole-1").absolute()), "state": "ended", "started": NOW, "task": "cartpole",
        "done": 2, "planned": 5, "best": "r0i0s00", "fitness": 1.5, "final": 1.25, "cost_usd": 0.0, "unpriced": 0, "seconds": 0.0,
        "error": "",
    }  # fmt: skip


def test_no_runs_is_no_error_and_a_folder_that_is_not_there_is(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    none = CliRunner().invoke(main, ["runs"])
    assert (none.exit_code, none.output) == (0, "There are no runs in runs. Begin one: eureka run cartpole\n")
    assert CliRunner().invoke(main, ["runs", "--json"]).output == "[]\n"
    missing = CliRunner().invoke(main, ["runs", "nosuch"])
    assert missing.exit_code == 2 and missing.output.startswith("Error: nosuch: there is no such folder.")
