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
    made.ran("inverted_double_pendulum", found=(0.702, 0.801), human=(0.5, 0.52), sparse=(0.123, 0.105), fitness={"unit": "m/s"})
    made.ran("acrobot", found=(88.0, 92.0), human=(97.0, 99.0), sparse=(460.0, 500.0), fitness={"goal": "minimize"}, correlation=None)
    made.ran("unsure", found=(0.7, 0.7), human=(0.4, 0.6), sparse=(0.5, 0.51))
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
        for figure in ("90 ± 2.8", "480 ± 28", f"{score:.3g} [{interval[0]:.3g}, {interval[1]:.3g}]", "x (less is better)", "x (m/s)"):
            assert figure in shown
        assert "3 of 3" in shown and "3 of 5" in shown
        assert "mean human-normalised score, as in the paper" in shown and "each clipped to 0 … 3" in shown
        assert "left out, needs a package: pip install" in shown and "correlation with the human reward n/a" in shown
    assert told["left_out"] == [{"task": "absent", "why": 'needs a package: pip install "gymnasium[box2d]"'}]


def test_the_plots_hold_the_scores_with_their_intervals_and_name_who_is_not_in_them(several):
    told, page, _ = written(several)
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])
    [drawn] = data["figures"]["scores"]["data"]
    [pendulum, acrobot] = told["tasks"][:2]
    assert drawn["y"] == ["inverted_double_pendulum", "acrobot"]
    assert drawn["x"] == [pendulum["human_normalised"]["score"], acrobot["human_normalised"]["score"]]
    assert drawn["error_x"]["array"][0] == pytest.approx(pendulum["human_normalised"]["interval"][1] - drawn["x"][0])
    [points] = data["figures"]["correlations"]["data"]
    assert (points["customdata"], points["x"]) == (["inverted_double_pendulum"], [0.5])
    assert "Without a score: unsure, broken, later." in page
    assert "for want of a score or of a correlation: acrobot, unsure, broken, later." in page


def test_the_points_are_numbered_from_the_highest_score_on_and_their_names_stand_below(made):
    for name, found, correlation in (("walker2d", (0.7, 0.8), 0.6), ("hopper", (0.71, 0.81), 0.6), ("ant", (0.1, 0.2), -0.9)):
        made.ran(name, found=found, human=(0.5, 0.52), sparse=(0.1, 0.12), correlation=correlation)
    made.ran("swimmer", correlation=None)
    points = correlations(made.rows())["data"][0]
    assert points["text"] == ["1", "2", "3"] and points["customdata"] == ["hopper", "walker2d", "ant"]
    assert points["y"] == sorted(points["y"], reverse=True) and points["x"] == [0.6, 0.6, -0.9]
    assert "<p>1 hopper, 2 walker2d, 3 ant</p>" in written(made)[1].replace("\u00a0", " ")


def test_a_training_that_failed_is_counted_wherever_its_reward_is_shown_and_a_missing_interval_says_why(made):
    made.ran("inverted_double_pendulum", found=(0.702, None, None, None), human=(0.5, 0.52), sparse=(None, None))
    made.ran("lone", found=(0.702, None, None, None), human=(0.5, 0.52), sparse=(0.12, 0.13))
    told, page, text = written(made)
    for shown_in in (page, text.replace("\\", "")):
        assert "0.702 (3 failed)" in shown_in and "n/a (2 failed)" in shown_in
        assert "no interval: of lone a single training came to a fitness" in shown_in
    lines = shown(told)
    assert lines.count("(3 failed)") == 2 and lines.count("(2 failed)") == 1 and max(map(len, lines.splitlines())) <= 100
    assert "no interval: of lone a single training came to a fitness" in " ".join(lines.split())


def test_a_task_links_to_its_runs_page_by_a_relative_path_and_the_command_is_there(several):
    _, page, _ = written(several)
    assert re.findall(r'<td><a href="([^"]*)">', page) == ["acrobot/report.html"]
    assert "eureka suite --tasks inverted_double_pendulum,acrobot,unsure,broken,later --set final.seeds=3" in page


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
    assert "90 ± 2.8" in row and "n/a" in row
    assert any(line.startswith("inverted_double_pendulum ") for line in lines)  # in full
    text = " ".join(" ".join(lines).split())
    assert "Tasks done: 3 of 5 (1 failed, 1 not begun) Less fitness is better: acrobot" in text
    assert 'absent: left out, needs a package: pip install "gymnasium[box2d]"' in text


def test_a_suite_of_one_task_that_has_not_begun_is_a_page_without_plots(made):
    made.waits("later")
    told, page, text = written(made)
    assert 'class="plot"' not in page and "0 of 1 compared with the human reward." in page
    assert "| later | not begun |" in text and "not begun" in shown(told)


@pytest.mark.parametrize(
    ("value", "told"), [(None, "n/a"), (-0.0, "0"), (0.12345, "0.123"), (999.7, "1000"), (12345.6, "12300"), (1e7, "1e+07")]
)
def test_a_figure_of_a_table_has_three_digits_and_no_exponent_where_it_is_as_short(value, told):
    assert short(value) == told
