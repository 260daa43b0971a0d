import json
import math
import re
import subprocess
import sys
import threading

import pytest
from rich.console import Console

from eureka.builtin.progress import Progress
from eureka.builtin.progress_live import render
from eureka.builtin.progress_state import RunState
from eureka.builtin.result_lines import compared, result_lines
from eureka.events import Progress as Step
from eureka.events import RunEnd, RunStart, StageStart
from eureka.types import Candidate, Completion, Dropped, Outcome, TrialError, VariableSpec, Verdict

HOSTILE = "[red]x[/] \x1b[2J\x1b]0;pwned\x07\nnew line [/nope]"
SUMMARY = {
    "best": {"id": "r0i0s01", "fitness": 0.9},
    "final": {
        "best": {"mean": 0.8, "std": 0.1, "seeds": [0.7, 0.9], "failed": 0, "iqm": 0.8, "interval": [0.7, 0.9]},
        "human": {"mean": 0.5, "std": 0.0, "seeds": [0.5, None], "failed": 1, "iqm": 0.5, "interval": None},
        "fitness": {"mean": None},
        "against": {
            "human": {"difference": 0.3, "interval": [0.2, 0.4], "probability_of_improvement": 1, "probability_interval": [1, 1]},
        },
        "human_normalised": {"score": None, "interval": None, "why": HOSTILE},
        "correlation": {"score": 0.25, "why": ""},
        "others": [],
    },
}


@pytest.fixture
def start(tmp_path):
    return RunStart(
        run_dir=tmp_path,
        task="hill",
        description=HOSTILE,
        generator="symbolic",
        designed_by="designed by symbolic, no model",
        iterations=2,
        samples=3,
        restarts=1,
        steps_per_candidate=1000,
        resumed=False,
    )


def records(make, iteration=0):
    """One iteration: rejected, trained, failed."""
    ids = [f"r0i{iteration}s{s:02}" for s in range(3)]
    yield "stage", StageStart(stage="generate", iteration=iteration)
    for s, id in enumerate(ids):
        yield "record", Completion(restart=0, iteration=iteration, sample=s, text="", provider="x", started=0, ended=0)
        yield "record", make.entry(id).candidate
    yield "stage", StageStart(stage="repair", iteration=iteration, trials=tuple(ids))
    yield "record", Verdict(candidate=ids[0], accepted=False, stage="smoke", message=HOSTILE, line=4)
    yield "record", Verdict(candidate=ids[1], accepted=True)
    yield "record", Verdict(candidate=ids[2], accepted=True)
    yield "stage", StageStart(stage="train", iteration=iteration, trials=tuple(ids[1:]))
    for steps in (250, 500, 1000):
        yield "progress", Step(trial=ids[1], steps=steps, total=1000, fitness=0.5)
    yield "progress", Step(trial=ids[2], steps=500, total=1000)
    yield "record", Outcome(candidate=ids[1], status="ok", fitness=0.9, steps=1000)
    yield "record", Outcome(candidate=ids[2], status="failed", error=TrialError(code="error", message=HOSTILE))
    yield "stage", StageStart(stage="reflect", iteration=iteration)


def play(display, start, events, end=None):
    display.eureka_on_run_start(start)
    for kind, event in events:
        getattr(display, f"eureka_on_{kind}")(event)
    display.eureka_on_run_end(end or RunEnd(run_dir=start.run_dir, status="ended", summary=SUMMARY))


def show(mode, start, events, capsys, end=None):
    play(Progress(Progress.Options(mode=mode)), start, events, end)
    return capsys.readouterr().out


def test_plain_lines_tell_stages_verdicts_results_and_the_end_but_no_steps(make, start, capsys):
    out = show("auto", start, records(make), capsys)  # captured output is no terminal
    lines = out.splitlines()
    assert "Rewards: designed by symbolic, no model" in lines
    assert "Search: 2 iterations of 3 rewards, 1,000 environment steps each" in lines
    assert "Iteration 1 of 2: training 2 rewards" in lines
    assert "r0i0s01 accepted" in lines
    assert "r0i0s01 trained: fitness 0.9 at step 1,000" in lines
    assert "Iteration 1 of 2: 1 trained, 1 rejected, 1 failed; best r0i0s01 with fitness 0.9; best so far r0i0s01 with 0.9" in lines
    assert f"Everything is in {start.run_dir}" in lines
    assert len([line for line in lines if "0.5" in line]) == 1  # the final's; steps are not told


def test_rewards_that_have_names_are_told_by_them_and_no_search_is_spoken_of(make, start, capsys):
    names = {f"r0i0s{n:02}": name for n, name in enumerate(["mine.py", "good.py", "worse.py"])}
    compared_ones = start.model_copy(update={"names": names, "designed_by": ", ".join(names.values()), "iterations": 1})
    events = [*records(make), ("stage", StageStart(stage="final", trials=("r0i0s01.final0",)))]
    lines = show("plain", compared_ones, events, capsys).splitlines()
    assert {"Rewards: mine.py, good.py, worse.py", "Reading 3 rewards", "good.py accepted", "Training 2 rewards"} <= set(lines)
    assert "1 trained, 1 rejected, 1 failed; best good.py with fitness 0.9" in lines
    assert not [line for line in lines if "r0i0s" in line or "search" in line.lower() or "teration" in line]
    live = show("live", compared_ones, events, capsys)
    assert "good.py.final0" in live and "r0i0s" not in live


def test_the_end_of_a_run_shows_each_reward_how_the_best_compares_and_why_something_is_not_known(make, start, capsys):
    out = show("auto", start, records(make), capsys)
    table = [re.split("  +", line.strip()) for line in out[out.index("Trained again") :].splitlines()]
    assert ["this reward", "0.8 ± 0.1", "0.8 [0.7, 0.9]"] in table and ["the human's reward", "0.5 ± 0", "0.5 (1 failed)"] in table
    assert ["better than the human's by 0.3 [0.2, 0.4]; probability of improvement 1 [1, 1]"] in table
    assert ["correlation with the human's 0.25"] in table
    assert ["human-normalised score: n/a, [red]x[/] [2J]0;pwned new line [/nope]"] in table
    assert not any("the fitness itself" in cell for row in table for cell in row)


def test_what_is_worse_than_the_human_reward_is_said_to_be(start):
    against = {"difference": -0.3, "interval": [-0.4, 0.1], "probability_of_improvement": 0.2, "probability_interval": [0, 0.6]}
    other = {"id": "r0i0s02", "mean": 0.7, "std": None, "seeds": [0.7], "failed": 0, "iqm": 0.7, "interval": None}
    final = SUMMARY["final"] | {"against": {"human": against}, "others": [other]}
    lines = result_lines(RunEnd(run_dir=start.run_dir, status="ended", summary={**SUMMARY, "final": final}))
    assert "    behind the human's by 0.3 [-0.1, 0.4], which may be chance; probability of improvement 0.2 [0, 0.6]" in lines
    [sure] = compared(against | {"interval": [-0.4, -0.1]})
    assert sure == "worse than the human's by 0.3 [0.1, 0.4]; probability of improvement 0.2 [0, 0.6]"
    [level] = compared(against | {"difference": 0.0, "interval": [-0.1, 0.1]})
    assert level.startswith("level with the human's, difference 0 [-0.1, 0.1], which may be chance; probability")
    assert any(line.split() == ["r0i0s02,", "another", "reward", "0.7", "0.7"] for line in lines)


@pytest.mark.parametrize(
    ("difference", "told"),
    [(0.3, "ahead of the human's by 0.3"), (-0.3, "behind the human's by 0.3"), (0.0, "level with the human's, difference 0")],
)
def test_too_few_trainings_give_no_verdict_no_probability_and_no_interval(start, difference, told):
    against = {"difference": difference, "interval": None, "probability_of_improvement": 1, "probability_interval": None}
    final = SUMMARY["final"] | {"best": SUMMARY["final"]["best"] | {"interval": None}, "against": {"human": against}}
    lines = result_lines(RunEnd(run_dir=start.run_dir, status="ended", summary={**SUMMARY, "final": final}))
    assert f"    {told}; too few trainings to be sure (5 are usual: final.seeds)" in lines
    assert not [line for line in lines if "probability" in line or "interval]" in line]


@pytest.mark.parametrize(
    ("in_search", "in_retest", "told"),
    [
        ([0.9], [], "0.8 in the search"),
        ([0.9], [0.7], "0.8, the mean of its trainings: 0.9 in the search, 0.7 trained again on a fresh seed"),
        ([0.9, 0.8], [0.7], "0.8, the mean of its trainings: 0.85 in the search (2 trainings), 0.7 trained again on a fresh seed"),
        ([0.9, 0.7], [], "0.8, the mean of its trainings: 0.8 in the search (2 trainings)"),
        ([], [0.8], "0.8 when trained again on a fresh seed, pruned in the search"),
    ],
)
def test_the_best_rewards_fitness_says_of_which_trainings_it_is_the_mean(start, in_search, in_retest, told):
    best = {"id": "r0i0s01", "fitness": 0.8, "in_search": in_search, "in_retest": in_retest}
    lines = result_lines(RunEnd(run_dir=start.run_dir, status="ended", summary={**SUMMARY, "best": best}))
    assert f"Best reward: r0i0s01, fitness {told}" in lines


def test_the_table_that_stays_on_the_screen_tells_of_no_time_left_nor_does_the_clip(make, start):
    now = [0.0]
    state = RunState(start, clock=lambda: now[0])
    for kind, event in records(make):
        getattr(state, f"on_{kind}")(event)
        now[0] += 10
    shown, last = (on_screen(render(state, is_over=over)) for over in (False, True))
    assert " left of the search" in shown and " left" not in last and "best so far: r0i0s01" in last
    state.on_stage(StageStart(stage="clip"))
    assert "left" not in on_screen(render(state))


def on_screen(what):
    console = Console(width=200)
    with console.capture() as captured:
        console.print(what)
    return captured.get()


def test_a_reward_whose_every_final_training_failed_has_a_row_that_says_so(start):
    lost = {"mean": None, "std": None, "seeds": [None] * 5, "failed": 5, "iqm": None, "interval": None}
    against = dict.fromkeys(SUMMARY["final"]["against"]["human"])
    final = SUMMARY["final"] | {"human": lost, "fitness": lost, "others": [{"id": "r0i0s02", **lost}], "against": {"human": against}}
    lines = result_lines(RunEnd(run_dir=start.run_dir, status="ended", summary={**SUMMARY, "final": final}))
    rows = {line.split("  ")[2]: line.split("  ")[-1].strip() for line in lines if line.endswith("(5 failed)")}
    assert rows == dict.fromkeys(("the human's reward", "the fitness itself as reward", "r0i0s02, another reward"), "n/a (5 failed)")
    nothing = result_lines(RunEnd(run_dir=start.run_dir, status="ended", summary={**SUMMARY, "final": final | {"best": lost}}))
    assert any(line.split("  ")[2:3] == ["this reward"] and line.endswith("n/a (5 failed)") for line in nothing)


@pytest.fixture
def derived(make):
    """A context of variables that were derived: ten were left out, and one that was not is warned of."""
    variables = {"height": VariableSpec(source="obs[0]"), "action": VariableSpec(source="action")}
    dropped = tuple(Dropped(name=f"gain{n}", source=f"env.gain{n}", reason=HOSTILE) for n in range(10))
    return make.context(derived=variables, dropped=dropped, warnings=(f"{HOSTILE} follows the fitness",))


@pytest.mark.parametrize("mode", ["plain", "live"])
def test_what_was_derived_left_out_and_warned_of_is_told_once_and_as_text(make, start, derived, capsys, monkeypatch, mode):
    monkeypatch.setenv("COLUMNS", "2000")
    out = show(mode, start, [("record", derived), *records(make)], capsys)
    safe = "[red]x[/] [2J]0;pwned new line [/nope]"
    left_out = ", ".join(f"gain{n} ({safe})" for n in range(8)) + ", and 2 more"
    for line in (
        "Variables: 2 derived from the environment",
        f"Left out, since they would tell the reward: {left_out}",
        f"Warning: {safe} follows the fitness",
    ):
        assert out.count(line) == 1
    assert "\x1b[2J" not in out


def test_nothing_is_said_of_declared_variables_that_follow_nothing(make, start, capsys):
    assert show("plain", start, [("record", make.context())], capsys) == show("plain", start, [], capsys)


def test_a_fitness_that_is_the_environments_own_is_announced(start, capsys):
    line = "Fitness: the environment's own return; it does not know your sentence"
    assert line in show("plain", start.model_copy(update={"own_return": True}), [], capsys).splitlines()
    assert line not in show("plain", start, [], capsys)


@pytest.mark.parametrize("mode", ["plain", "live"])
def test_hostile_text_is_shown_as_text(make, start, capsys, monkeypatch, mode):
    monkeypatch.setenv("COLUMNS", "200")
    out = show(mode, start, records(make), capsys)
    assert "[red]x[/] [2J]0;pwned new line [/nope]" in out
    assert "\x1b[2J" not in out
    assert "\x1b]0;" not in out
    assert "\x07" not in out


def test_the_live_view_shows_candidates_and_stops_cleanly(make, start, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    before = set(threading.enumerate())
    out = show("live", start, records(make), capsys)
    assert "1,000/1,000" in out
    assert "best so far: r0i0s01 with fitness 0.9" in out
    assert "Best reward: r0i0s01, fitness 0.9 in the search" in out
    assert out.rfind("\x1b[?25h") > out.rfind("\x1b[?25l")  # the cursor is back
    for thread in set(threading.enumerate()) - before:  # rich's own, which it does not wait for
        thread.join(timeout=5)
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("status", ["ended", "interrupted", "stopped", "failed"])
def test_the_live_view_stops_however_the_run_ends(make, start, capsys, status):
    display = Progress(Progress.Options(mode="live"))
    end = RunEnd(run_dir=start.run_dir, status=status, summary={}, message="disk full")
    play(display, start, list(records(make))[:9], end)
    out = capsys.readouterr().out
    assert out.rfind("\x1b[?25h") > out.rfind("\x1b[?25l")
    assert ("disk full" in out) == (status == "ended")  # else the command line tells it, on standard error


def test_json_is_one_object_a_line(make, start, capsys):
    summary = {**SUMMARY, "odd": math.nan}
    out = show("json", start, records(make), capsys, RunEnd(run_dir=start.run_dir, status="ended", summary=summary))
    events = [json.loads(line, parse_constant=pytest.fail) for line in out.splitlines()]
    assert [e["event"] for e in events][:3] == ["run_start", "stage", "record"]
    assert {e["event"] for e in events} == {"run_start", "stage", "record", "progress", "run_end"}
    assert events[0]["description"] == HOSTILE
    assert next(e for e in events if e.get("kind") == "outcome")["fitness"] == 0.9
    assert events[-1]["summary"]["best"]["id"] == "r0i0s01"


def test_quiet_prints_nothing(make, start, derived, capsys):
    assert show("quiet", start, [("record", derived), *records(make)], capsys) == ""


def test_each_iteration_is_summed_up_once(make, start, capsys):
    out = show("plain", start, [*records(make, 0), *records(make, 1)], capsys)
    assert out.count("Iteration 1 of 2: 1 trained") == 1
    assert out.count("Iteration 2 of 2: 1 trained") == 1


def test_less_is_better_where_the_context_says_so(make, start):
    state = RunState(start)
    state.on_record(make.context(goal="minimize"))
    for id, fitness in (("r0i0s00", 3.0), ("r0i0s01", 2.0), ("r0i0s02", math.nan)):
        state.on_record(make.entry(id).candidate)
        state.on_record(Outcome(candidate=id, status="ok", fitness=fitness))
    assert state.best == ("r0i0s01", 2.0)


def test_a_resumed_run_knows_what_its_journal_holds(make, start, capsys):
    journal = [make.context(goal="minimize"), *(event for kind, event in records(make) if kind == "record")]
    text = "".join(record.model_dump_json() + "\n" for record in journal) + '{"kind": "cand'
    (start.run_dir / "journal.jsonl").write_text(text)
    state_of = Progress(Progress.Options(mode="plain"))
    play(state_of, start.model_copy(update={"resumed": True}), [*records(make, 1)])
    out = capsys.readouterr().out
    assert "hill (resumed)" in out
    assert "Iteration 1 of 2: 1 trained" not in out
    assert "Iteration 2 of 2: 1 trained, 1 rejected, 1 failed; best r0i1s01 with fitness 0.9; best so far r0i0s01 with 0.9" in out


def test_the_end_of_a_segment_is_not_the_end_of_a_training(make, start):
    state = RunState(start)
    state.on_record(make.entry().candidate)
    state.on_progress(Step(trial="r0i0s00", steps=500, total=1000, status="ok"))
    assert state.rows["r0i0s00"].stage == "training"
    state.on_progress(Step(trial="r0i0s00", steps=1000, total=1000, status="ok"))
    assert state.rows["r0i0s00"].stage == "trained"


def test_a_pruned_candidate_is_done_shows_where_it_ended_and_may_be_the_best(make, start):
    state = RunState(start)
    state.on_stage(StageStart(stage="train", trials=("r0i0s00", "r0i0s01")))
    for sample, fitness in enumerate((0.5, 0.7)):
        state.on_record(make.entry(f"r0i0s{sample:02}").candidate)
        state.on_progress(Step(trial=f"r0i0s{sample:02}", steps=250, total=1000, status="ok"))
        state.on_record(Outcome(candidate=f"r0i0s{sample:02}", status="ok", fitness=fitness, pruned_at=250))
    row = state.rows["r0i0s01"]
    assert (row.stage, row.fraction, row.fitness, row.note) == ("pruned", 1.0, 0.7, "at 25 %")
    assert state.best_of(state.current()) is row and state.best == ("r0i0s01", 0.7)


def test_the_best_rewards_code_is_shown(make, start, capsys):
    (start.run_dir / "best_reward.py").write_text("def compute_reward(x):\n    return x, {'x': x}\n")
    out = show("plain", start, records(make), capsys)
    assert "    def compute_reward(x):\n        return x, {'x': x}\n" in out


def test_why_a_run_was_left_is_not_told_twice(start, capsys):
    """The command line tells it, on standard error."""
    message = f"Interrupted. Go on with: eureka resume {start.run_dir}"
    out = show("plain", start, [], capsys, RunEnd(run_dir=start.run_dir, status="interrupted", summary={}, message=message))
    assert "eureka resume" not in out


def test_time_left_is_measured_or_not_told(make, start):
    now = [0.0]
    state = RunState(start, clock=lambda: now[0])
    state.on_stage(StageStart(stage="generate"))
    assert state.seconds_left() is None
    for id in ("r0i0s00", "r0i0s01"):
        state.on_record(make.entry(id).candidate)
    now[0] = 10.0
    state.on_stage(StageStart(stage="train", trials=("r0i0s00", "r0i0s01")))
    assert state.seconds_left() is None
    now[0] = 20.0
    state.on_progress(Step(trial="r0i0s00", steps=500, total=1000))  # a quarter of an iteration's training in 10 s
    assert state.seconds_left() == pytest.approx(30 + 40 + 10)  # the rest of it, the next one, and what lies before that
    now[0] = 50.0
    state.on_stage(StageStart(stage="generate", iteration=1))
    assert state.seconds_left() == pytest.approx(40 + 10 - 10, abs=10)


def test_a_trial_nobody_announced_is_shown_all_the_same(start):
    state = RunState(start)
    state.on_stage(StageStart(stage="final"))
    state.on_progress(Step(trial="human-3", steps=10, total=100, status="running"))
    assert [row.id for row in state.current()] == ["human-3"]
    assert render(state) is not None


def test_a_narrow_encoding_does_not_stop_the_display(make, start, capsys, monkeypatch):
    import io
    import sys

    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    play(Progress(Progress.Options(mode="plain")), start, records(make))
    sys.stdout.flush()
    assert b"0.8 ? 0.1" in raw.getvalue()


def test_a_reader_that_has_gone_is_no_fault_and_ends_no_run(start):
    program = (
        "import sys; from eureka.builtin.progress import Progress; from eureka.events import RunStart\n"
        f"start = RunStart.model_validate_json({start.model_dump_json()!r})\n"
        "for _ in range(2000):\n    Progress(Progress.Options(mode='plain')).eureka_on_run_start(event=start)\n"
        "print('still here', file=sys.stderr)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == "still here\n" and process.wait() == 0


def test_of_equal_fitness_the_best_so_far_is_the_one_that_was_trained_to_the_end_and_learnt_sooner(start):
    state = RunState(start)
    for sample, (mean, pruned) in enumerate(((0.9, 250), (0.2, None), (0.5, None))):
        id_ = f"r0i0s0{sample}"
        state.on_record(Candidate(id=id_, restart=0, iteration=0, sample=sample, code="", sha256=""))
        state.on_record(Outcome(candidate=id_, status="ok", fitness=1.0, mean_fitness=mean, pruned_at=pruned))
    assert state.best == ("r0i0s02", 1.0) and state.best_of(state.current()).id == "r0i0s02"
