"""`suite.html`, `suite.md` and the table on the terminal: the same figures, and nothing from outside that does anything."""

from __future__ import annotations

import html
import io
import json
import re

import pytest
from rich.console import Console

from eureka.report.plots.suite import correlations
from eureka.suite.terminal import show
from eureka.suite.words import short
from eureka.suite.writing import write

HOSTILE = '<img src=x onerror="alert(1)">|`a`</script><script>alert(2)</script>\x1b[31m\n[red]'


@pytest.fixture
def several(made):
    fast = {"human": (0.5, 0.52) * 2, "sparse": (0.123, 0.105) * 2, "fitness": {"unit": "m/s"}}
    made.ran("inverted_double_pendulum", found=(0.702, 0.801) * 2, **fast)
    lower = {"human": (97.0, 99.0) * 2, "sparse": (460.0, 500.0) * 2, "fitness": {"goal": "minimize"}}
    made.ran("acrobot", found=(88.0, 92.0) * 2, **lower)
    made.ran("pendulum", correlation=None)
    made.ran("unsure", found=(0.7,) * 4, human=(0.4, 0.6) * 2, sparse=(0.5, 0.51) * 2)
    made.ran("broken", event="failed", found=None, message=HOSTILE)
    made.waits("later")
    made.left_out = {"absent": 'needs a package: pip install "gymnasium[box2d]"'}
    (made.dir / "acrobot" / "report.html").touch()
    return made


def written(made):
    told = write(made.suite(), made.rows())
    assert json.loads((made.dir / "suite.json").read_text()) == told
    return told, (made.dir / "suite.html").read_text(encoding="utf-8"), (made.dir / "suite.md").read_text(encoding="utf-8")


def test_the_three_files_tell_the_same_of_every_task(several):
    told, page, text = written(several)
    rows = {row["task"]: row for row in told["tasks"]}
    score, interval = (rows["acrobot"]["human_normalised"][key] for key in ("score", "interval"))
    for shown in (page, text.replace("\\", "")):
        for name in rows:
            assert name in shown
        for figure in ("90 ± 2.3", "480 ± 23", f"{score:.3g} [{interval[0]:.3g}, {interval[1]:.3g}]", "x (less is better)", "x (m/s)"):
            assert figure in shown
        assert "4 of 4" in shown and "4 of 6" in shown
        assert (
            "Of 6 tasks: 4 done, 4 compared with the human reward, 3 with a score; why others have none is said below the table." in shown
        )
        assert "resampling the found rewards" in shown
        assert "mean human-normalised score, as in the paper" in shown and "each clipped to 0 … 3" in shown
        assert "left out, needs a package: pip install" in shown and "correlation with the human reward n/a" in shown
    assert told["left_out"] == [{"task": "absent", "why": 'needs a package: pip install "gymnasium[box2d]"'}]


def test_the_plots_hold_the_scores_with_their_intervals_and_name_who_is_not_in_them(several):
    told, page, _ = written(several)
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])
    [drawn] = data["figures"]["scores"]["data"]
    scored = told["tasks"][:3]
    assert drawn["y"] == ["inverted_double_pendulum", "acrobot", "pendulum"]
    assert drawn["x"] == [row["human_normalised"]["score"] for row in scored]
    assert drawn["error_x"]["array"][0] == pytest.approx(scored[0]["human_normalised"]["interval"][1] - drawn["x"][0])
    [points] = data["figures"]["correlations"]["data"]
    assert (points["customdata"], points["x"]) == (["inverted_double_pendulum", "acrobot"], [0.5, 0.5])
    assert "Without a score: unsure, broken, later." in page
    assert "Not in the plot, for want of a score or of a correlation: pendulum, unsure, broken, later." in page


def test_the_points_are_numbered_from_the_highest_score_on_and_their_names_stand_below(made):
    for name, found, correlation in (("walker2d", (0.7, 0.8), 0.6), ("hopper", (0.71, 0.81), 0.6), ("ant", (0.1, 0.2), -0.9)):
        made.ran(name, found=found * 2, human=(0.5, 0.52) * 2, sparse=(0.1, 0.12) * 2, correlation=correlation)
    made.ran("swimmer", correlation=None)
    points = correlations(made.rows())["data"][0]
    assert points["text"] == ["1", "2", "3"] and points["customdata"] == ["hopper", "walker2d", "ant"]
    assert points["y"] == sorted(points["y"], reverse=True) and points["x"] == [0.6, 0.6, -0.9]
    assert "<p>1 hopper, 2 walker2d, 3 ant</p>" in written(made)[1].replace("\u00a0", " ")


def test_a_training_that_failed_is_counted_wherever_its_reward_is_shown_and_a_missing_interval_says_why(made):
    made.ran("inverted_double_pendulum", found=(0.702, None, None, None), human=(0.5, 0.52), sparse=(None, None))
    made.ran("lone", found=(0.702, None, None, None), human=(0.5, 0.52) * 2, sparse=(0.12, 0.13) * 2)
    made.ran("whole")
    told, page, text = written(made)
    for shown_in in (page, text.replace("\\", "")):
        assert "0.702 (3 failed)" in shown_in and "n/a (2 failed)" in shown_in
        assert "no interval: of lone fewer than 4 trainings came to a fitness" in shown_in
    lines = shown(told)
    assert lines.count("(3 failed)") == 2 and lines.count("(2 failed)") == 1 and max(map(len, lines.splitlines())) <= 100
    assert "no interval: of lone fewer than 4 trainings came to a fitness" in " ".join(lines.split())


def test_a_task_links_to_its_runs_page_by_a_relative_path_and_the_command_is_there(several):
    _, page, _ = written(several)
    assert re.findall(r'<td><a href="([^"]*)">', page) == ["acrobot/report.html"]
    assert "eureka suite --tasks inverted_double_pendulum,acrobot,pendulum,unsure,broken,later --set final.seeds=3" in page


def test_text_from_outside_is_shown_and_does_nothing(made):
    name = HOSTILE.replace("/", "").replace("\n", "")
    made.ran(name, message=HOSTILE)
    made.ran("broken", event="failed", found=None, message=HOSTILE)
    told, page, text = written(made)
    assert told["tasks"][0]["status"] == "done"
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "&lt;img src=x" in markup and "<img" not in markup and "\x1b" not in page
    assert page.count("<script") == 3 and "default-src 'none'; script-src 'sha256-" in html.unescape(page)
    assert "\\<img" in text and "<img" not in text.replace("\\<img", "") and "\x1b" not in text
    lines = shown(told)
    assert "\x1b" not in lines and "[red]" in lines


def shown(told, **how):
    out = io.StringIO()
    show(told, Console(file=out, markup=False, emoji=False, highlight=False, **how))
    return out.getvalue()


def test_the_terminals_table_fits_100_columns_and_needs_no_terminal(several):
    told, _, _ = written(several)
    lines = shown(told).splitlines()
    assert max(map(len, lines)) <= 100
    [row] = (line for line in lines if line.startswith("acrobot "))
    assert "90 ± 2.3" in row and "0.5" in row
    assert any(line.startswith("inverted_double_pendulum ") for line in lines)  # in full
    text = " ".join(" ".join(lines).split())
    assert "Tasks done: 4 of 6 (1 failed, 1 not begun) Less fitness is better: acrobot" in text
    assert 'absent: left out, needs a package: pip install "gymnasium[box2d]"' in text


def test_a_suite_of_one_task_that_has_not_begun_is_a_page_without_plots(made):
    made.waits("later")
    told, page, text = written(made)
    assert 'class="plot"' not in page and "Of 1 task: 0 done, 0 compared with the human reward, 0 with a score." in page
    assert "There is no plot: no task has a score yet." in page and "a score and a correlation, and none has both" in page
    assert "| later | not begun |" in text and "not begun" in shown(told)


def test_of_one_task_with_a_score_there_is_no_figure_over_tasks_and_no_probability_of_too_few_trainings(made):
    made.ran("acrobot")
    made.ran("few", found=(0.9, 0.91), human=(0.5, 0.51), sparse=(0.0, 0.01))
    told, page, text = written(made)
    assert told["tasks"][1]["against_human"]["probability_of_improvement"] == 1 and "100%" not in text.splitlines()[3]
    for shown_in in (page, text, " ".join(shown(told).split())):
        assert "2 compared with the human reward, 1 with a score; why others have none is said below the table." in shown_in
        assert "interquartile mean: " not in shown_in and "mean human-normalised score" not in shown_in
    assert "a score and a correlation, and 1 has both" in page and "2 trainings do not tell how far apart" in page


@pytest.mark.parametrize(
    ("value", "told"), [(None, "n/a"), (-0.0, "0"), (0.12345, "0.123"), (999.7, "1000"), (12345.6, "12300"), (1e7, "1e+07")]
)
def test_a_figure_of_a_table_has_three_digits_and_no_exponent_where_it_is_as_short(value, told):
    assert short(value) == told
