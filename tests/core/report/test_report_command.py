"""`eureka report` on a real run of the fake parts: its figures are those of the journal, and it reads nothing but the run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from statistics import fmean

import pytest
from click.testing import CliRunner
from scipy.stats import trim_mean

from eureka.builtin.result_lines import result_lines
from eureka.cli import main
from eureka.events import RunEnd
from eureka.journal import read_journal
from eureka.process import this_process
from eureka.registry import make
from eureka.summary import union
from eureka.types import ComponentSpec

_core = sys.modules["tests.core.conftest"]
NEAR, SMALL, FAR, RAISES, PROSE = (getattr(_core, name) for name in ("NEAR", "SMALL", "FAR", "RAISES", "PROSE"))
Page = sys.modules["tests.core.report.conftest"].Page


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    fake = _core.Fake(tmp_path_factory.mktemp("reported"))
    fake.answers([[NEAR, RAISES, PROSE], [SMALL, FAR, NEAR]])
    fake.ended = fake.run(final={"seeds": 4}, extensions=["progress", "report"])
    assert fake.ended.returncode == 0, fake.ended.stderr
    fake.left = (fake.run_dir / "report.html").read_text()
    fake.done = report(fake.run_dir)
    assert fake.done.exit_code == 0, fake.done.stderr
    return fake


def report(*arguments):
    return CliRunner().invoke(main, ["report", *map(str, arguments)])


@pytest.fixture
def page(ran):
    return Page((ran.run_dir / "report.html").read_text())


def test_it_names_the_page_and_the_text_it_wrote(ran):
    written = [ran.run_dir / "report.html", ran.run_dir / "report.md"]
    assert ran.done.stdout.splitlines() == list(map(str, written)) and all(path.stat().st_size > 1000 for path in written)
    assert written[0].stat().st_size < 6_000_000


def test_a_run_leaves_the_page_when_it_ends_and_names_it(ran):
    assert f"Everything is in {ran.run_dir}: open report.html in a browser" in ran.ended.stdout.splitlines()
    left, page = Page(ran.left), Page((ran.run_dir / "report.html").read_text())
    assert "This run came to its end." in left.text and left.data == page.data and left.pairs == page.pairs


def test_a_page_that_cannot_be_written_is_a_warning_and_nothing_more(ran, tmp_path, caplog):
    copy = shutil.copytree(ran.run_dir, tmp_path / "copy")
    (copy / "report.html").unlink()
    (copy / "report.html").mkdir()
    os.utime(copy / "report.html", (0, 0))  # older than the summary, as a page of an earlier session is
    part = make("extensions", ComponentSpec(use="report"))
    event = RunEnd(run_dir=copy, status="ended", summary=json.loads((copy / "summary.json").read_text()))
    part.eureka_on_run_end(event)
    assert "no report was written" in caplog.text and "report.html: cannot be written (Is a directory)" in caplog.text
    assert "open report.html" not in result_lines(event)[-1]


def test_the_pages_figures_are_those_of_summary_json(ran, page):
    summary = json.loads((ran.run_dir / "summary.json").read_text())
    assert f"{summary['best']['fitness'] + 0.0:.4g}" in page.text and summary["best"]["id"] in page.text
    for row in summary["iterations"]:
        cells = [f"{row[key] + 0.0:.4g}" for key in ("best", "best_so_far")] + [f"{row['execute_rate']:.0%}"]
        assert [str(row["index"] + 1), *cells, f"{row['execute_rate_first_try']:.0%}"] in page.rows
    for name, reward in ((f"Found: {summary['final']['id']}", "best"), ("Human", "human"), ("Fitness as reward", "fitness")):
        entry = summary["final"][reward]
        seeds = ", ".join(f"{value + 0.0:.4g}" for value in entry["seeds"])
        shown = next(row for row in page.rows if row[0] == name)
        assert shown[2] == " to ".join(f"{bound + 0.0:.4g}" for bound in entry["interval"])
        assert shown[1] == f"{entry['iqm'] + 0.0:.4g}" and shown[-1] == seeds
        assert shown[3] == f"{entry['mean'] + 0.0:.4g} ± {entry['std'] + 0.0:.4g}"
    assert page.pairs["tokens read"] == f"{summary['tokens']['input']:,}" and page.pairs["cost"] == "$0.006"
    assert page.pairs["environment steps, training"] == f"{summary['env_steps']['training']:,}"


def test_the_pages_figures_are_those_of_the_journal_reckoned_anew(ran, page):
    results, fresh, answers = ran.journal("result"), ran.journal("fresh"), ran.journal("completion")
    assert page.pairs["environment steps, training"] == f"{sum(r['steps'] for r in results):,}"
    evaluated = sum(r["evaluation_steps"] for r in results) + sum(f["steps"] for f in fresh)
    assert page.pairs["environment steps, evaluation"] == f"{evaluated:,}"
    assert page.pairs["time training"] == f"{round(union(tuple(i) for r in results for i in r['training_intervals']))} s"
    assert page.pairs["answers of models"] == str(len(answers)) == "6"
    assert page.pairs["tokens written"] == str(sum(a["output_tokens"] for a in answers))
    outcomes = {o["candidate"]: o for o in ran.journal("outcome") if o["phase"] == "search"}
    for id_, candidate in page.data["candidates"].items():
        assert candidate["fitness"] == (outcomes[id_]["fitness"] if id_ in outcomes else None)
        points = [p for r in results if r["dir"] in (outcomes[id_]["dirs"] if id_ in outcomes else ()) for p in r["checkpoints"]]
        assert candidate["curve"] == {"x": [p["steps"] for p in points], "y": [p["fitness"] for p in points]}
    best = ran.journal("evaluation")[-1]["best"]
    measured = [fmean(f["fitness"]) for f in sorted(fresh, key=lambda f: f["dir"]) if f["dir"].startswith(f"final/{best}/")]
    assert page.data["figures"]["final"]["data"][0]["x"] == measured
    row = next(row for row in page.rows if row[0] == f"Found: {best}")
    assert row[1] == f"{trim_mean(measured, 0.25) + 0.0:.4g}" and row[3].startswith(f"{fmean(measured) + 0.0:.4g} ± ")
    difference = fmean(measured) - fmean(fmean(f["fitness"]) for f in fresh if f["dir"].startswith("final/human/"))
    assert f"Difference of the means: {difference + 0.0:.4g}, 95 % interval" in page.text


def test_every_answer_is_there_as_the_model_gave_it(ran, page):
    given = {(a["iteration"], a["sample"]): a["text"] for a in ran.journal("completion")}
    for (iteration, sample), text in given.items():
        [attempt] = page.data["candidates"][f"r0i{iteration}s{sample:02}"]["attempts"]
        assert page.data["texts"][attempt["answer"]] == text
    asked = ran.journal("asked")[0]["messages"]
    first = page.data["candidates"]["r0i0s00"]["attempts"][0]["asked"]
    assert [[role, page.data["texts"][text]] for role, text in first] == [[m["role"], m["content"]] for m in asked]


@pytest.mark.slow
def test_the_command_it_prints_runs_the_same_search_again(ran, page):
    commands = next(iter(page.text.partition("Reproduce it\n")[2:])).split("\n")
    shown = [line for line in commands if line.startswith("eureka run ")]
    assert shown[0] == f"eureka run {ran.run_dir}/config.yaml" and "replay" in shown[1]
    again = subprocess.run(
        f"{_core.EUREKA} {shown[1].removeprefix('eureka ')} --set final.seeds=0 --quiet --run-dir {ran.folder}/again",
        shell=True, capture_output=True, text=True, env={"XDG_CACHE_HOME": str(ran.folder / "cache"), **os.environ},
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    told = {o["candidate"]: o["fitness"] for o in ran.journal("outcome") if o["phase"] == "search"}
    assert told == {o["candidate"]: o["fitness"] for o in ran.journal("outcome", ran.folder / "again") if o["phase"] == "search"}


def test_a_run_that_is_going_on_is_reported_as_such_and_no_plugin_is_needed(ran, tmp_path):
    live = shutil.copytree(ran.run_dir, tmp_path / "live")
    config = live / "config.yaml"
    config.write_text(config.read_text().replace("parts.py:", "nowhere.py:"))
    lines = (live / "journal.jsonl").read_bytes().splitlines(keepends=True)
    kinds = [record.kind for record in read_journal(live / "journal.jsonl")]
    (live / "journal.jsonl").write_bytes(b"".join(lines[: kinds.index("outcome") + 1]) + b'{"kind":"outc')
    (live / "journal.lock").write_text(json.dumps({**this_process()._asdict(), "since": time.time()}))
    script = (
        "import sys; from pathlib import Path; from eureka.report import write_report\n"
        f"write_report(Path({str(live)!r}))\n"
        "loaded = {'torch', 'gymnasium', 'numba', 'eureka_gymnasium', 'eureka_population'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text = Page((live / "report.html").read_text()).text
    assert "This run is going on: this is how it stood at 20" in text
    assert "It will be compared with the human reward when the search is over." in text


def test_two_runs_are_compared_on_one_page(ran, tmp_path):
    second = shutil.copytree(ran.run_dir, tmp_path / "second")
    done = report(ran.run_dir, second, "--out", tmp_path / "both.html")
    assert (done.exit_code, done.stdout) == (0, f"{tmp_path}/both.html\n"), done.stderr
    page = Page((tmp_path / "both.html").read_text())
    summary = json.loads((ran.run_dir / "summary.json").read_text())
    found, human = (f"{summary['final'][reward]['iqm'] + 0.0:.4g}" for reward in ("best", "human"))
    for name in ("run", "second"):
        row = next(row for row in page.rows if row[0] == name and row[1] != "state")
        assert (row[1], row[4], row[6]) == ("ended", found, human) and "RecitingLLM" in row[2]
    assert len(page.data["figures"]["final-0"]["data"]) == 12 and "def compute_reward(" in page.text


def test_runs_whose_folders_share_a_name_are_told_apart_and_only_the_same_fitness_is_compared(ran, tmp_path):
    places = [tmp_path / where / "runs" / "first" for where in ("a", "b", "c")]
    for place in places:
        shutil.copytree(ran.run_dir, place, ignore=shutil.ignore_patterns("report.*"))
    config = (places[2] / "config.yaml").read_text()
    [measured] = re.findall(r"^  fitness:\n    value: (.*)$", config, re.M)
    (places[2] / "config.yaml").write_text(config.replace("goal: maximize", "goal: minimize").replace("unit: null", "unit: m"))
    done = report(*places, "--out", tmp_path / "all.html")
    assert done.exit_code == 0, done.stderr
    page = Page((tmp_path / "all.html").read_text())
    names = {row[0] for row in page.rows if row[1:2] == ["ended"]}
    assert names == {"a/runs/first", "b/runs/first", "c/runs/first"}
    assert {name for name in page.data["figures"] if name.startswith("best")} == {"best-0", "best-1"}
    assert page.data["figures"]["best-1"]["layout"]["yaxis"]["title"]["text"] == "best fitness so far (m, less is better)"
    assert f"fitness {measured}, mean, minimize" in page.text


def test_what_is_no_run_no_page_or_no_place_is_refused_in_a_line(ran, tmp_path):
    for arguments, message in (
        ([tmp_path], f"{tmp_path}: is no run: it holds no config.yaml and journal.jsonl."),
        ([ran.run_dir, "--out", tmp_path / "page.txt"], "is no page; give a name that ends in .html."),
        ([ran.run_dir, "--out", tmp_path / "no" / "page.html"], "page.html: cannot be written (No such file or directory). Name another"),
    ):
        done = report(*arguments)
        assert done.exit_code == 2 and message in done.stderr and "Traceback" not in done.stderr
