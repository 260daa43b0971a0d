"""The page of a run: what it says of every kind of run, that it is whole, and that no text from outside becomes part of it."""

from __future__ import annotations

import base64
import hashlib
import secrets
import sys
from statistics import fmean, stdev

import markdown_it
import plotly.graph_objects as go
import pytest
from scipy.stats import trim_mean

from eureka.config import load_config
from eureka.final_types import Correlation
from eureka.report.contents import contents
from eureka.report.markdown import markdown
from eureka.types import Outcome

_here = sys.modules["tests.core.report.conftest"]
HOSTILE, CODE, GOOD, BAD, Page = _here.HOSTILE, _here.CODE, _here.GOOD, _here.BAD, _here.Page


# ── What it says ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_headline_says_whether_the_found_reward_beats_the_human_one(made):
    best = made.candidate(0, 0, 0.9)
    for found, human, headline in (
        (GOOD, BAD, "The found reward beats the human one."),
        (BAD, GOOD, "The found reward loses to the human one."),
        (GOOD, GOOD, "The found reward and the human one cannot be told apart."),
        (GOOD[:2], BAD[:2], "The found reward is ahead of the human one; 2 trainings each are too few to be sure."),
        (BAD[:1], GOOD[:1], "The found reward is behind the human one; 1 training each is too few to be sure."),
        (GOOD[:3], GOOD[:3], "The found reward is level with the human one; 3 trainings each are too few to be sure."),
    ):
        made.final(best, found, human)
        text = made.page().text
        assert headline in text and headline in markdown(made.run()).replace("\\", "")
    made.final(best)
    assert "interquartile mean over 5 trainings each: 0.92 against 0.12." in made.page().text
    made.final(best, human=(*BAD[:3], None, None))
    assert "interquartile mean over 5 and 3 trainings: 0.92 against 0.11." in markdown(made.run())


@pytest.mark.parametrize(
    ("event", "message", "said"),
    [
        ("ended", "budget.tokens: 9 of 9 spent.", "This run came to its end. budget.tokens: 9 of 9 spent."),
        ("interrupted", "", "This run was interrupted and can be resumed."),
        ("stopped", "The provider is down.", "This run stopped before its end and can be resumed. The provider is down."),
        ("failed", "", "This run failed."),
        ("", "", "This run was left without a word: its process was killed, or runs on another machine."),
    ],
)
def test_how_the_run_was_left_is_said(made, event, message, said):
    if event:
        made.left(event, message)
    assert said in made.page().text and said.split(".")[0] in markdown(made.run())


def test_a_run_without_a_usable_candidate_says_so_and_counts_why(made):
    made.candidate(0, 0, wrong="near is not finite")
    made.candidate(0, 1, error="division by zero")
    assert "No reward has trained yet." in made.page().text
    made.left("failed", "no candidate could be trained")
    text = made.page().text
    assert "No usable reward was found." in text and "1 rejected, 1 failed in training, 0 not trained." in text
    assert "No reward of this run has trained yet." in text and "near is not finite" in text and "line 5: division by zero" in text


def test_a_run_that_has_only_begun_has_a_page(made):
    page = made.page()
    assert "No reward has been written yet." in page.text and page.data["figures"] == {} and "# point" in markdown(made.run())


def test_a_run_without_a_final_evaluation_says_why(made, fake):
    made.candidate(0, 0, 0.9)
    made.left("interrupted")
    assert "the run has not come to its final evaluation" in made.page().text
    made.config = load_config(str(fake.write(final={"seeds": 0})))
    assert "the final evaluation is switched off (final.seeds: 0)" in made.page().text


def test_failed_trainings_of_the_final_evaluation_are_told(made):
    best = made.candidate(0, 0, 0.9)
    made.final(best, human=(None, None))
    text = made.page().text
    assert "There is no human reward to compare with" in text and "2 of 2 final trainings of the human reward failed." in text
    assert "Human-normalised score: n/a" in text and "no training under the human reward came to a fitness" in text
    made.final(best, found=(None, 0.9))
    assert "1 of 2 final trainings of the found reward failed." in made.page().text
    made.final(best, found=(None, None))
    assert f"Reward {best} did well in the search, but none of its final trainings came to a fitness." in made.page().text


def test_one_iteration_has_no_family_and_the_second_one_shows_who_was_made_from_whom(made):
    first = made.candidate(0, 0, 0.5)
    page = made.page()
    assert "family" not in page.data["figures"] and "Who was made from whom" not in page.text
    second = made.candidate(1, 0, 0.9, parents=(first,))
    page = made.page()
    edges = [trace for trace in page.data["figures"]["family"]["data"] if trace["mode"] == "lines"]
    assert [trace["x"] for trace in edges] == [[], [1, 2, None]]  # the best one's line is the marked one
    assert page.data["candidates"][second]["parents"] == [first]


def test_the_human_reward_is_shown_where_it_is_a_file_and_what_became_of_it_is_said(made, fake):
    assert "The environment's own reward. It is computed inside of the simulator" in made.page().text
    file = fake.folder / "human.py"
    file.write_text("def compute_reward(x):\n    return -x**2, {}\n")
    made.config = load_config(str(fake.write(task={"human": str(file)})))
    page = made.page()
    assert "-x**2" in page.text and "The task's file human.py." in page.text
    made.records[0] = made.records[0].model_copy(update={"files": {str(file): "another"}})
    assert "which has changed since this run began" in made.page().text
    file.unlink()
    assert "which cannot be read now (No such file or directory)" in made.page().text


def test_where_the_human_reward_is_the_fitness_the_page_says_so(made, fake):
    made.final(made.candidate(0, 0, 0.9))
    assert "Here the human reward is the fitness itself" not in made.page().text
    made.config = load_config(str(fake.write(task={"fitness": {"value": "native", "fold": "mean"}})))
    assert "Here the human reward is the fitness itself" in made.page().text


def test_a_candidate_has_its_prompt_answer_verdict_and_error(made):
    made.candidate(0, 0, wrong="x is never used", text="the text")
    failed = made.candidate(0, 1, error="overflow")
    data = made.page().data
    [attempt] = data["candidates"]["r0i0s00"]["attempts"]
    read = data["texts"]
    assert attempt["asked"] == [["user", attempt["asked"][0][1]]] and read[attempt["asked"][0][1]] == "Write one.\nthe text"
    assert read[attempt["answer"]] == "Here: the text" and read[attempt["code"]] == CODE
    assert (attempt["accepted"], attempt["stage"], attempt["line"], read[attempt["verdict"]]) == (False, "smoke", 4, "x is never used")
    assert attempt["by"] == "acme m-1: 100 tokens read, 7 written, $0.5, 1.0 s."
    error = data["candidates"][failed]["error"]
    assert (read[error["text"]], error["line"]) == ("overflow", 5)


def test_an_answer_that_was_repaired_keeps_what_came_before_it(made):
    made.candidate(0, 0, wrong="it raises")
    _, _, candidate, verdict = made.records[-4:]
    made.records += [
        candidate.model_copy(update={"attempt": 1}),
        verdict.model_copy(update={"attempt": 1, "accepted": True, "message": ""}),
    ]
    first, second = made.page().data["candidates"]["r0i0s00"]["attempts"]
    assert (first["number"], first["accepted"], second["number"], second["accepted"]) == (1, False, 2, True)


def test_every_component_of_the_best_has_a_curve(made):
    made.candidate(0, 0, 0.9, names=("near", "fitness", "total_effort"))
    page = made.page()
    assert [page.data["figures"][f"measured-{k}"]["data"][0]["x"] for k in range(6)] == [[10, 20]] * 6
    assert "measured-6" not in page.data["figures"] and "total_effort" in page.text


def test_every_candidate_is_a_point_of_the_search(made):
    ids = [made.candidate(0, 0, 0.5), made.candidate(0, 1, wrong="no"), made.candidate(1, 0, error="no"), made.candidate(1, 1, 0.7)]
    made.final(ids[-1])
    traces = made.page().data["figures"]["search"]["data"]
    points = {id_: y for trace in traces for id_, y in zip(trace.get("customdata", ()), trace["y"], strict=False)}
    assert points == {ids[0]: 0.5, ids[1]: 0, ids[2]: 0, ids[3]: 0.7}
    assert {trace.get("yaxis", "y") for trace in traces if "customdata" in trace} == {"y", "y3"}  # without a fitness: on a strip of its own
    assert next(trace["y"] for trace in traces if trace["type"] == "bar") == [0.5, 0.5]


def test_plotly_accepts_every_plot(made):
    first = made.candidate(0, 0, 0.5)
    made.candidate(0, 1, wrong="no")
    made.final(made.candidate(1, 0, 0.9, parents=(first,)))
    figures = made.page().data["figures"]
    assert {"final", "search", "family", "learning", "measured-0"} <= set(figures)
    for figure in figures.values():
        go.Figure(figure)  # raises where a property is none of Plotly's, or has a value it does not take


# ── That it is whole, and small ──────────────────────────────────────────────────────────────────────────────────────


def test_the_page_fetches_nothing(made):
    made.candidate(0, 0, 0.9)
    page = made.page()
    assert not [tag for tag, attributes in page.tags if {"src", "srcset", "data", "poster"} & set(attributes)]
    assert not list(page.find("link")) and all(a["href"].startswith("#") for a in page.find("a"))
    assert "url(" not in made.html().partition("</style>")[0] and "@import" not in made.html().partition("</style>")[0]


def test_a_long_run_with_long_answers_stays_below_six_megabytes(made):
    for sample in range(20):
        made.candidate(
            0, sample, 0.1, text=f"{sample} <é>{secrets.token_urlsafe(36_000)}", code=CODE + f"# {secrets.token_urlsafe(3_000)}\n"
        )
    html = made.html()
    assert 5_700_000 < len(html.encode()) <= 6_000_000
    page = Page(html)
    prompts, answers, programs = kept = lengths(page, "prompt"), lengths(page, "answer"), lengths(page, "code")
    assert min(map(len, kept)) == 20
    assert set(prompts[1:]) < set(range(200)) and set(answers[1:]) < set(range(5_000, 48_000))  # prompts are cut before answers
    assert min(programs) > 4_000 and prompts[0] > answers[0] > 48_000  # answers before programs, the best one's last
    assert (
        "more characters are in the candidate's folder" in page.data["texts"][page.data["candidates"]["r0i0s01"]["attempts"][0]["answer"]]
    )


def test_four_hundred_candidates_keep_their_programs_and_answers_whole(made):
    for iteration in range(25):
        asked = secrets.token_hex(500)
        for sample in range(16):
            body = "".join(f"    # {secrets.token_hex(40)}\n" for _ in range(20))
            answer = f"{asked}\n\n{secrets.token_hex(250)}"
            made.candidate(iteration, sample, 0.1, text=answer, code=f"def compute_reward(x):\n{body}    return x, {{}}\n")
    html = made.html()
    page = Page(html)
    assert len(html.encode()) <= 6_000_000
    assert {len(page.data["candidates"]), *map(len, (lengths(page, "answer"), lengths(page, "code")))} == {400}
    assert min(lengths(page, "code")) >= 1_750 and min(lengths(page, "answer")) > 1_500


def lengths(page, what):
    """Of every candidate's prompt, answer or code, as the page has it."""
    attempts = [one["attempts"][0] for one in page.data["candidates"].values()]
    return [len(page.data["texts"][one["asked"][0][1] if what == "prompt" else one[what]]) for one in attempts]


def test_numbers_that_are_not_finite_do_not_break_the_page(made):
    made.candidate(0, 0, float("nan"))
    made.candidate(0, 1, float("inf"))
    assert made.page().data["candidates"]["r0i0s00"]["fitness"] is None


# ── That nothing in it runs but its own scripts ──────────────────────────────────────────────────────────────────────


def wicked(made):
    """A run in which every text that can come from outside is hostile."""
    task = made.config.task.model_copy(update={"name": HOSTILE, "description": HOSTILE})
    made.config = made.config.model_copy(update={"task": task})
    first = made.candidate(0, 0, 0.5, text=HOSTILE, code=f"{CODE}# {HOSTILE}", names=(HOSTILE,))
    made.candidate(0, 1, text=HOSTILE, wrong=HOSTILE)
    made.candidate(0, 2, text=HOSTILE, error=HOSTILE)
    made.reflection(0, first, HOSTILE)
    made.left("interrupted", HOSTILE)
    return made


def test_hostile_text_becomes_neither_a_tag_nor_a_script(made):
    plain, hostile = made.page(), wicked(made).page()
    assert len(hostile.scripts) == 3 and hostile.scripts[1:] == plain.scripts[1:]
    assert not list(hostile.find("img"))
    assert not [name for _, attributes in hostile.tags for name in attributes if name.startswith("on")]
    assert "document.title='owned'" in hostile.text and "document.title='owned'" in " ".join(hostile.data["texts"])
    assert "\u202e" not in made.html() and "\u2028" not in hostile.scripts[0]  # what turns text around, or ends a line of script
    assert "<" not in hostile.scripts[0] and "&" not in hostile.scripts[0]


def test_the_policy_allows_exactly_the_scripts_of_the_page(made):
    page = wicked(made).page()
    [policy] = [meta["content"] for meta in page.find("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in page.scripts[1:]]
    assert rules["script-src"].split() == hashes and rules["default-src"] == "'none'"
    assert "unsafe-eval" not in policy and "http" not in policy and "blob" not in policy
    for script in page.scripts[1:]:
        assert "<!--" not in script and "\r" not in script  # either would have a browser hash something else


def test_hostile_text_stays_text_in_markdown(made):
    text = markdown(wicked(made).run())
    tokens = markdown_it.MarkdownIt("commonmark").enable("table").parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    assert not [token for token in (*tokens, *inline) if token.type in ("html_block", "html_inline", "image", "link_open")]
    assert next(token.content for token in tokens if token.type == "fence").startswith("import numpy")


def test_the_pages_data_says_what_the_tables_say(made):
    best = made.candidate(0, 0, 0.12345678)
    made.final(best)
    _, values = contents(made.run())
    assert values["tiles"][0][:1] == ("0.1235",) and values["iterations"][1] == [["1", "0.1235", "0.1235", "100%", "100%"]]


@pytest.mark.parametrize("goal", ["maximize", "minimize"])
def test_the_final_evaluations_figures_are_those_of_the_summary_and_of_the_records_reckoned_anew(made, fake, goal):
    made.config = load_config(str(fake.write(task={"fitness": {"value": "x", "fold": "mean", "goal": goal}})))
    made.final(
        best := made.candidate(0, 0, 0.9), found=(0.1, 0.5, 0.55, 0.7, 0.9, None), human=(0.05, 0.2, 0.3, 0.5, 0.6), sparse=(-1.0, -1.1) * 2
    )
    made.records.append(Correlation(candidate=best, dirs=(), value=0.4321, transitions=9))
    trainings = next(record for record in made.records if record.kind == "evaluation").trainings
    values = {name: [t.fresh for t in trainings if t.reward == name and t.fresh is not None] for name in ("best", "human", "fitness")}
    page, final = made.page(), made.run().summary["final"]
    for title, name in ((f"Found: {best}", "best"), ("Human", "human"), ("Fitness as reward", "fitness")):
        row = next(row for row in page.rows if row[0] == title)
        middle = trim_mean(values[name], 0.25)
        assert row[1] == f"{middle:.4g}" == f"{final[name]['iqm']:.4g}"
        assert row[2] == "{:.4g} to {:.4g}".format(*final[name]["interval"]) and min(values[name]) <= final[name]["interval"][0] < middle
        assert row[3] == f"{fmean(values[name]):.4g} ± {stdev(values[name]):.4g}"
    sign = 1 if goal == "maximize" else -1
    scores = {name: [sign * value for value in mine] for name, mine in values.items()}
    pairs = [(x > y) + (x == y) / 2 for x in scores["best"] for y in scores["human"]]
    best_, human, sparse = (fmean(scores[name]) for name in ("best", "human", "fitness"))
    against, normalised = final["against"]["human"], final["human_normalised"]
    tiles = {label: (value, more) for value, label, more in contents(made.run())[1]["tiles"]}
    told = [
        "{:.4g} to {:.4g}".format(*interval) for interval in (against["probability_interval"], normalised["interval"], against["interval"])
    ]
    assert tiles["likely to beat the human reward"] == (f"{fmean(pairs):.0%}", told[0])
    assert tiles["human-normalised score"] == (f"{(best_ - sparse) / abs(human - sparse):.4g}", told[1])
    assert tiles["correlation with the human reward"] == ("0.4321", "") and final["correlation"]["score"] == 0.4321
    better = ", more being better" if goal == "minimize" else ""
    assert f"Difference of the means: {best_ - human:.4g}, 95 % interval {told[2]}{better}." in page.text


def test_a_probability_of_too_few_trainings_is_shown_nowhere(made):
    made.final(made.candidate(0, 0, 0.9), found=GOOD[:3], human=BAD[:3])
    assert made.run().summary["final"]["against"]["human"]["probability_of_improvement"] == 1
    text = made.page().text
    for shown in (text, markdown(made.run())):
        assert "likely to beat" not in shown and "Difference of the means" not in shown
    assert "How sure it is takes 4 trainings of each at least; 5 are usual (final.seeds)." in text
    assert "3 trainings do not tell how far apart the human reward and the fitness itself as reward are" in text


def test_of_what_the_best_fitness_is_the_mean_is_said_and_what_the_column_of_the_retest_is(made):
    best = made.candidate(0, 0, 0.9)
    made.records.append(Outcome(candidate=best, status="ok", phase="retest", fitness=0.7, mean_fitness=0.5, steps=20))
    page, text = made.page(), markdown(made.run())
    told = f"Reward {best}, fitness 0.8, the mean of its trainings: 0.9 in the search, 0.7 trained again on a fresh seed."
    assert told in page.text and told in text
    assert ("0.8", "best fitness in the search", f"{best}, a mean with its retest on a fresh seed") in contents(made.run())[1]["tiles"]
    header, row = (cells for cells in page.rows if cells[0] == "candidate" or cells[0].startswith(best))
    assert dict(zip(header, row, strict=True))["on a fresh seed"] == "0.7"
    for shown in (page.text, text):
        assert "On a fresh seed: what the best few came to when trained once more (search.retest)." in shown


def test_the_command_is_told_as_one_where_no_model_was_asked(made, fake):
    made.candidate(0, 0, 0.9)
    assert "The first command runs the same search anew" in made.page().text
    made.records = [record for record in made.records if record.kind not in ("asked", "completion")]
    for shown in (made.page().text, markdown(made.run())):
        assert "The command runs the same search anew" in shown and "replay" not in shown


def test_the_unit_of_the_fitness_is_with_its_figures(made, fake):
    fitness = {"value": "x", "fold": "mean", "goal": "minimize", "unit": "m/s<b>"}
    made.config = load_config(str(fake.write(task={"fitness": fitness})))
    best = made.candidate(0, 0, 0.9)
    assert f"The best reward so far is {best}, fitness 0.9 (m/s<b>) in the search." in made.page().text
    made.final(best)
    page = made.page()
    axes = {name: page.data["figures"][name]["layout"] for name in ("final", "search", "learning")}
    assert axes["final"]["xaxis"]["title"]["text"] == "fitness on fresh episodes (m/s&lt;b&gt;, less is better)"
    assert (
        axes["search"]["yaxis"]["title"]["text"] == axes["learning"]["yaxis"]["title"]["text"] == "fitness (m/s&lt;b&gt;, less is better)"
    )
    assert any("%{y:.4~g} (m/s&lt;b&gt;)" in trace["hovertemplate"] for trace in page.data["figures"]["search"]["data"])
    assert "Fitness on fresh episodes (m/s<b>), interquartile mean" in page.text and "best fitness in the search (m/s<b>)" in page.text
