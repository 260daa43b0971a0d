"""Whole runs with the fake parts, through the command line: what is written, what is repeated, what fails and how."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

NEAR, SMALL, FAR, RAISES, PROSE = (getattr(sys.modules["tests.core.conftest"], n) for n in ("NEAR", "SMALL", "FAR", "RAISES", "PROSE"))


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """One finished run of the default config, for tests to look at or to copy."""
    made = sys.modules["tests.core.conftest"].Fake(tmp_path_factory.mktemp("template"))
    done = made.run()
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def finished(fake, template):
    """A copy of the finished run, to go on with."""
    shutil.copytree(template.run_dir, fake.run_dir)
    return fake


def test_a_whole_run_leaves_everything_a_user_looks_for(finished):
    fake = finished
    summary = json.loads((fake.run_dir / "summary.json").read_text())
    assert summary["best"]["id"] in {"r0i0s00", "r0i0s01", "r0i1s00", "r0i1s02"}
    assert [row["execute_rate"] for row in summary["iterations"]] == [pytest.approx(2 / 3), 1.0]
    assert summary["candidates"] == {"accepted": 5, "rejected": 1, "failed": 0, "pruned": 0, "fewer_envs": 0, "repaired": 0, "identical": 0}
    assert set(summary["seconds"]) == {"total", "people", "llm", "training", "evaluation"}
    assert 0 < summary["seconds"]["training"] < summary["seconds"]["total"]
    assert summary["llm_calls"] == 6 and summary["cost_usd"] == pytest.approx(0.006)
    assert [len(summary["final"][reward]["seeds"]) for reward in ("best", "human", "fitness")] == [1, 1, 1]
    compile((fake.run_dir / "best_reward.py").read_text(), "best_reward.py", "exec")
    assert fake.run_dir.stat().st_mode & 0o777 == 0o700
    assert (fake.run_dir / "candidates" / summary["best"]["id"] / "training" / "0" / "transitions.npz").exists()


def test_the_isolation_that_held_is_in_verdicts_results_and_summary(template):
    tried = {record["isolation"] for record in template.journal("verdict") if record["stage"] in (None, "smoke")}
    trained = {record["isolation"] for record in template.journal("result")} - {"trusted"}
    assert [*tried] == [*trained] == template.summary()["isolation"] == [template.journal("context")[0]["isolation"]]
    assert "seccomp" in template.summary()["isolation"][0]


def test_the_good_reward_beats_the_bad_one(template):
    fitness = {record["candidate"]: record["mean_fitness"] for record in template.journal("outcome") if record["phase"] == "search"}
    assert fitness["r0i1s02"] > fitness["r0i1s01"] + 0.1  # NEAR against FAR


@pytest.mark.slow
def test_the_same_seed_twice_gives_the_same_summary_and_another_seed_another(fake, template):
    for name, seed in (("same", 0), ("other", 4)):
        assert fake.eureka("run", fake.write(seed=seed), "--run-dir", fake.folder / name).returncode == 0
    assert template.summary() == fake.summary(fake.folder / "same") != fake.summary(fake.folder / "other")


def test_identical_programs_of_an_iteration_share_one_training(fake):
    twin = NEAR.replace("near = ", "near =   ")  # formatting is no difference
    fake.answers([[NEAR, twin, SMALL]])
    assert fake.run(search={"iterations": 1}).returncode == 0
    outcomes = {record["candidate"]: record for record in fake.journal("outcome") if record["phase"] == "search"}
    assert outcomes["r0i0s01"]["shared_with"] == "r0i0s00"
    assert outcomes["r0i0s01"]["fitness"] == outcomes["r0i0s00"]["fitness"]
    assert not (fake.run_dir / "candidates" / "r0i0s01" / "training").exists()


def results(run_dir: Path, candidate: str) -> list:
    """A candidate's numbers, segment by segment."""
    paths = sorted((run_dir / "candidates" / candidate / "training").glob("*/result.json"))
    return [json.loads(path.read_text())["checkpoints"] for path in paths]


@pytest.mark.slow
def test_a_trial_alone_among_sixteen_and_beside_failing_ones_gives_identical_numbers(fake):
    middling = SMALL.replace("0.01", "0.02")
    crowd = [SMALL.replace("0.01", f"0.{n + 10}") for n in range(12)]
    # It raises only in training, whose batches are of 20: it passes the check.
    late = "```python\ndef compute_reward(x):\n    if len(x) == 20:\n        raise ValueError('too far')\n    return x, {'x': x}\n```"
    crash = middling.replace("near,", "# CRASH\n    near,", 1).replace("0.02", "0.03")
    rounds = {"alone": [middling], "among": [*crowd, middling, NEAR, FAR, SMALL], "beside": [crash, late, middling]}
    position = {"alone": 0, "among": 12, "beside": 2}
    numbers = {}
    for name, answers in rounds.items():
        fake.answers([answers])
        run_dir = fake.folder / name
        config = fake.write(
            search={"iterations": 1, "samples": len(answers), "retest": 0}, final={"seeds": 0}, executor={"use": "local", "slots": 1}
        )
        done = fake.eureka("run", config, "--run-dir", run_dir)
        assert done.returncode == 0, done.stderr + done.stdout
        numbers[name] = results(run_dir, f"r0i0s{position[name]:02}")
    assert numbers["alone"] and numbers["alone"] == numbers["among"] == numbers["beside"]
    errors = {r["candidate"]: r["error"] for r in fake.journal("outcome", fake.folder / "beside") if r["status"] == "failed"}
    assert errors["r0i0s00"]["code"] == "crash" and "signal 11" in errors["r0i0s00"]["message"]
    assert errors["r0i0s01"]["line"] == 3 and "too far" in errors["r0i0s01"]["message"]


def test_the_next_prompt_carries_the_distinct_failures_with_counts(fake):
    fake.answers([[RAISES, RAISES.replace("nothing", "nothing  "), PROSE], [NEAR]])
    assert fake.run(search={"iterations": 2, "retest": 0}, final={"seeds": 0}).returncode == 0
    prompt = "\n".join(message["content"] for message in fake.journal("asked")[1]["messages"])
    assert "2 of 3" in prompt and "`nothing` is not defined" in prompt
    assert "1 of 3" in prompt and "compute_reward" in prompt


def test_a_run_whose_candidates_all_fail_ends_with_exit_1_and_a_table_of_why(fake):
    fake.answers([[RAISES, RAISES, PROSE]])
    done = fake.run()
    assert done.returncode == 1
    assert "no candidate could be trained" in done.stderr and "Traceback" not in done.stderr
    assert "    4  static" in done.stderr and "    2  extract" in done.stderr
    assert json.loads((fake.run_dir / "summary.json").read_text())["best"]["id"] is None


def test_a_finished_run_extended_ends_like_a_longer_one(fake, template):
    assert fake.run(search={"iterations": 1}).returncode == 0
    extended = fake.eureka("resume", fake.run_dir, "--set", "search.iterations=2")
    assert extended.returncode == 0, extended.stderr
    assert [(r["key"], r["old"], r["new"]) for r in fake.journal("config_change")] == [("search.iterations", 1, 2)]
    short, long = fake.summary(), template.summary()
    assert short["iterations"] == long["iterations"] and short["best"] == long["best"] and short["final"] == long["final"]


def test_the_final_figures_are_what_the_journal_says(template):
    final, fresh = template.summary()["final"], {r["dir"]: np.mean(r["fitness"]) for r in template.journal("fresh")}
    for reward, folder in (("best", final["id"]), ("human", "human"), ("fitness", "human")):
        assert final[reward]["seeds"] == [pytest.approx(value) for at, value in fresh.items() if at.startswith(f"final/{folder}/")]
        assert final[reward]["mean"] == final[reward]["iqm"] == pytest.approx(np.mean(final[reward]["seeds"]))
    assert final["against"]["human"]["difference"] == pytest.approx(final["best"]["mean"] - final["human"]["mean"])
    assert final["human_normalised"]["why"] == "the human reward is the fitness itself"


def test_a_human_reward_that_fails_in_training_fails_alone_and_the_evaluation_says_so(fake):
    human = "def compute_reward(x):\n    if len(x) == 20:\n        raise ValueError('too far')\n    return -abs(x), {'x': x}\n"
    (fake.folder / "human.py").write_text(human)  # training's batches are of 20
    fake.settings["task"]["human"] = "human.py"
    done = fake.run(search={"iterations": 1, "retest": 0}, final={"seeds": 2, "top": 2})
    assert done.returncode == 0, done.stderr
    final = fake.summary()["final"]
    assert [final[reward]["failed"] for reward in ("best", "human", "fitness")] == [0, 2, 0] and final["human"]["mean"] is None
    assert [row["id"] for row in final["others"]] == [{"r0i0s00": "r0i0s01", "r0i0s01": "r0i0s00"}[final["id"]]]
    assert "human-normalised score: n/a, no training under the human reward came to a fitness" in done.stdout
    errors = {r["error"]["message"] for r in fake.journal("result") if r["status"] == "failed"}
    assert len(errors) == 1 and "too far (line 3)" in errors.pop()


def test_resuming_a_finished_run_does_nothing_again(finished):
    before, jobs = finished.summary(), sorted((finished.run_dir / "jobs").iterdir())
    assert finished.eureka("resume", finished.run_dir).returncode == 0
    assert (finished.summary(), sorted((finished.run_dir / "jobs").iterdir())) == (before, jobs)


@pytest.mark.parametrize("key", ["task.name", "seed", "training.steps", "search.iterationsX", "trainer.sleep"])
def test_resume_refuses_any_other_change_by_name(template, key):
    refused = template.eureka("resume", template.run_dir, "--set", f"{key}=9")
    assert refused.returncode == 2
    assert key in refused.stderr and "search.iterations" in refused.stderr


def test_finish_skips_to_the_final_evaluation(fake, template):
    """Of a run that was left in the middle of its second iteration."""
    shutil.copytree(template.run_dir, fake.run_dir)
    lines = (fake.run_dir / "journal.jsonl").read_text().splitlines(keepends=True)
    second = next(i for i, line in enumerate(lines) if '"id":"r0i1s01"' in line)
    (fake.run_dir / "journal.jsonl").write_text("".join(lines[:second]))
    finished = fake.eureka("finish", fake.run_dir)
    assert finished.returncode == 0, finished.stderr
    assert "r0i1s01" not in [record["id"] for record in fake.journal("candidate")]
    assert fake.summary()["best"]["id"].startswith("r0i0") and fake.summary()["final"]["best"]["mean"] is not None
    assert fake.eureka("resume", fake.run_dir).returncode == 0
    assert len(fake.journal("candidate")) == 6


def test_replay_of_a_finished_run_asks_nobody_and_ends_the_same(fake, template):
    fake.settings["llm"] = {"use": "replay", "from": str(template.run_dir)}
    assert fake.run().returncode == 0
    assert fake.log("sales.log") == []
    bill = {"tokens", "cost_usd", "llm_calls", "models"}
    first, again = template.summary(), fake.summary()
    assert {k: v for k, v in first.items() if k not in bill} == {k: v for k, v in again.items() if k not in bill}
    assert again["cost_usd"] == 0


def test_a_budget_ends_the_search_in_good_order_and_raising_it_goes_on(fake):
    done = fake.run("--set", "budget.llm_calls=3")
    assert done.returncode == 0, done.stderr
    assert "budget.llm_calls: 3 of 3 spent" in done.stdout
    assert f"Go on with: eureka resume {fake.run_dir} --set budget.llm_calls=null" in done.stdout
    assert len(fake.summary()["iterations"]) == 1 and fake.summary()["final"]
    assert fake.eureka("resume", fake.run_dir, "--set", "budget.llm_calls=100").returncode == 0
    assert len(fake.summary()["iterations"]) == 2


def test_a_note_dropped_into_the_inbox_reaches_the_next_prompt(fake):
    from eureka import inbox
    from eureka.types import Note

    assert fake.run(search={"iterations": 1, "retest": 0}, final={"seeds": 0}).returncode == 0
    inbox.drop(fake.run_dir, Note(id="n1", author="Ada", text="slower please", time=time.time()))
    assert fake.eureka("resume", fake.run_dir, "--set", "search.iterations=2").returncode == 0
    assert [note["text"] for note in fake.journal("note")] == ["slower please"]
    assert list((fake.run_dir / "inbox").iterdir()) == []
    assert "slower please" in json.dumps(fake.journal("asked")[1]["messages"])


def test_json_prints_one_event_a_line_and_quiet_nothing(fake):
    done = fake.run("--json", search={"iterations": 1, "retest": 0}, final={"seeds": 0})
    events = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert events[0] == "run_start" and events[-1] == "run_end" and {"record", "stage", "progress"} <= set(events)
    quiet = fake.eureka("resume", fake.run_dir, "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_a_failing_extension_is_logged_and_does_not_stop_the_run(fake):
    (fake.folder / "bad.py").write_text(
        "import eureka\n\nclass Bad(eureka.Component):\n    @eureka.hookimpl\n"
        "    def eureka_on_record(self, record):\n        raise RuntimeError('oops')\n"
    )
    done = fake.run(extensions=["bad.py:Bad", "progress"], search={"iterations": 1, "retest": 0}, final={"seeds": 0})
    assert done.returncode == 0
    assert "eureka_on_record failed; the run goes on" in done.stderr
    assert "Everything is in" in done.stdout


def test_a_cap_on_calls_buys_what_it_covers_and_trains_that(fake):
    done = fake.run("--set", "budget.llm_calls=2", search={"iterations": 1, "retest": 0}, final={"seeds": 0})
    assert done.returncode == 0, done.stderr
    assert len(fake.log("sales.log")) == 2
    assert {record["candidate"] for record in fake.journal("outcome")} == {"r0i0s00", "r0i0s01"}
    assert fake.eureka("resume", fake.run_dir, "--set", "budget.llm_calls=3").returncode == 0
    assert len(fake.log("sales.log")) == 3


def test_a_question_without_an_answer_counts_at_its_maximum(finished):
    lines = (finished.run_dir / "journal.jsonl").read_text().splitlines(keepends=True)
    asked = next(line for line in lines if '"kind":"asked"' in line)
    cut = next(i for i, line in enumerate(lines) if '"kind":"asked"' in line)
    (finished.run_dir / "journal.jsonl").write_text("".join(lines[:cut]) + asked + asked)  # asked twice, never answered
    most = 6 * json.loads(asked)["max_tokens"]
    done = finished.eureka("resume", finished.run_dir, "--set", f"budget.tokens={most + 50}")
    assert f"budget.tokens: {most:,} of {most + 50:,} spent, and the next answer may come to" in done.stderr
    assert "not covered" in done.stderr
    assert json.loads((finished.run_dir / "summary.json").read_text())["tokens"]["unanswered_at_most"] == most


def unmeasure(fake):
    """Forget the end of the final evaluation: its trainings stay."""
    journal, kinds = fake.run_dir / "journal.jsonl", ("fresh", "evaluation", "correlation")
    lines = [line for line in journal.read_text().splitlines(keepends=True) if json.loads(line)["kind"] not in kinds]
    journal.write_text("".join(lines))


def test_a_baseline_that_fails_on_fresh_episodes_costs_the_final_evaluation_its_row_alone(finished):
    unmeasure(finished)
    [policy] = finished.run_dir.glob("final/human/0/*/checkpoint/gain")
    policy.write_text("nan")
    done = finished.eureka("resume", finished.run_dir)
    assert done.returncode == 0, done.stderr
    rows = {row["reward"]: row for row in finished.journal("evaluation")[-1]["trainings"]}
    # The human reward is the fitness here: one training stands for both.
    assert {reward: row["status"] for reward, row in rows.items()} == {"best": "ok", "human": "failed", "fitness": "failed"}
    assert rows["human"]["error"]["message"].startswith("on fresh episodes: ") and rows["human"]["best_checkpoint"] is None
    final = finished.summary()["final"]
    assert final["human"]["failed"] == 1 and final["human"]["mean"] is None and final["best"]["mean"] is not None
    told = finished.eureka("resume", finished.run_dir)  # nothing is left to do
    assert told.returncode == 0 and len(finished.journal("fresh")) == 2 and "n/a (1 failed)" in told.stdout


def test_jobs_that_must_succeed_are_told_of_as_each_ends_and_one_that_fails_stops_the_run_after_the_others():
    from eureka.errors import RunStopped
    from eureka.job_types import JobResult
    from eureka.jobs import Finished
    from eureka.run import Run

    class Job(SimpleNamespace):
        def model_copy(self, update):
            return Job(**vars(self) | update)

    class Ends:
        """Jobs that end one by one. `crash` crashes whenever it is tried, `flaky` once, and `usage` is the user's to mend."""

        def __init__(self):
            self.log = []

        def run(self, jobs, on_end):
            waiting = list(jobs)
            while waiting:
                job = waiting.pop(0)
                again = job.alone
                self.log.append(job)
                result = JobResult(status="ok", message=job.op)
                if job.op == "usage":
                    result = JobResult(status="error", error="usage", message="mend it")
                elif job.op == "crash" or (job.op == "flaky" and not again):
                    result = None
                waiting += on_end(Finished(job, Path("jobs"), result, message="crashed"))

        def must_do(self, *names):
            jobs = [Job(op=name, alone=False, run_dir=Path("run")) for name in names]
            Run.must_do(SimpleNamespace(jobs=self, check_disk=lambda: None), jobs, lambda result: self.log.append(result.message))
            return [entry if isinstance(entry, str) else f"run {entry.op}" for entry in self.log]

    assert Ends().must_do("a", "flaky", "b") == ["run a", "a", "run flaky", "run b", "b", "run flaky", "flaky"]
    for name, times in (("crash", 2), ("usage", 1)):
        ends = Ends()
        with pytest.raises(RunStopped, match=f"the {name} worker failed"):
            ends.must_do(name, "b")
        assert "b" in ends.log and sum(getattr(entry, "op", "") == name for entry in ends.log) == times


def test_a_cap_on_steps_leaves_out_the_final_evaluation_whatever_other_cap_is_reached(finished):
    shutil.rmtree(finished.run_dir / "final")
    lines = [line for line in (finished.run_dir / "journal.jsonl").read_text().splitlines(keepends=True) if '"final/' not in line]
    (finished.run_dir / "journal.jsonl").write_text("".join(line for line in lines if '"kind":"evaluation"' not in line))
    done = finished.eureka("resume", finished.run_dir, "--set", "budget.tokens=1", "--set", "budget.env_steps=1")
    assert done.returncode == 0, done.stderr
    assert finished.summary()["final"] is None and not (finished.run_dir / "final").exists()


def test_a_task_file_that_changed_since_the_run_began_is_refused_by_name(fake):
    functions = fake.folder / "functions.py"
    functions.write_text("def near(x):\n    return -abs(x)\n")
    fake.settings["task"]["fitness"] = {"value": "functions.py:near", "fold": "mean"}
    assert fake.run(search={"iterations": 1, "retest": 0}, final={"seeds": 0}).returncode == 0
    functions.write_text("def near(x):\n    return 1000 - abs(x)\n")
    refused = fake.eureka("resume", fake.run_dir, "--set", "search.iterations=2")
    assert refused.returncode == 2
    assert str(functions) in refused.stderr and "changed since the run began" in refused.stderr


def test_a_policy_that_makes_fitness_not_finite_fails_alone(fake):
    (fake.folder / "functions.py").write_text("import numpy as np\n\ndef near(x):\n    return np.where(x > 1.35, np.nan, -abs(x))\n")
    fake.settings["task"]["fitness"] = {"value": "functions.py:near", "fold": "mean"}
    fake.answers([[FAR, NEAR]])
    done = fake.run(search={"iterations": 1, "samples": 2, "retest": 0}, final={"seeds": 0}, training={"steps": 2000})
    assert done.returncode == 0, done.stderr + done.stdout
    outcomes = {record["candidate"]: record for record in fake.journal("outcome")}
    assert outcomes["r0i0s00"]["error"]["code"] == "fitness" and outcomes["r0i0s01"]["status"] == "ok"


def test_a_directory_whose_host_died_before_the_journal_can_be_resumed(fake):
    assert fake.run(search={"iterations": 1, "retest": 0}, final={"seeds": 0}).returncode == 0
    kept = (fake.run_dir / "config.yaml").read_text()
    shutil.rmtree(fake.run_dir)
    fake.run_dir.mkdir()
    (fake.run_dir / "config.yaml").write_text(kept)
    assert fake.eureka("resume", fake.run_dir).returncode == 0
    assert [record["kind"] for record in fake.journal()][:2] == ["run", "session"]


def test_a_bug_in_a_component_is_one_line_and_the_run_can_go_on_once_it_is_mended(fake):
    part = fake.folder / "odd.py"
    code = "import eureka\n\nclass Odd(eureka.Component):\n    @eureka.hookimpl\n    def eureka_select(self, history):\n        return {}\n"
    part.write_text(code.format('("nope",)'))
    stopped = fake.run(selector="odd.py:Odd", search={"retest": 0}, final={"seeds": 0})
    assert stopped.returncode == 1
    assert len(stopped.stderr.splitlines()) == 1 and "nope" in stopped.stderr and "eureka resume" in stopped.stderr
    part.write_text(code.format("(next(history.trained()).id,)"))
    journal = fake.run_dir / "journal.jsonl"
    assert not any('"kind":"selection"' in line for line in journal.read_text().splitlines())
    assert fake.eureka("resume", fake.run_dir).returncode == 0


def test_a_slow_simulator_is_not_a_hang(fake):
    """Environment steps count, not updates: an update here takes longer than stall_s."""
    settings = {"search": {"iterations": 1, "samples": 1, "retest": 0}, "final": {"seeds": 0}, "training": {"steps": 20, "checkpoints": 1}}
    fake.settings["trainer"]["pause"] = 0.8
    done = fake.run(**settings, executor={"use": "local", "stall_s": 3})
    assert done.returncode == 0, done.stderr + done.stdout


def test_a_pruner_stops_candidates_between_segments_and_what_they_reached_is_kept(fake):
    (fake.folder / "first.py").write_text(
        "import eureka\n\nclass First(eureka.Component):\n    @eureka.hookimpl\n"
        "    def eureka_prune(self, rung):\n        return tuple(sorted(rung.results))[:1]\n"
    )
    small = {"search": {"iterations": 1, "retest": 0}, "final": {"seeds": 0}}
    assert fake.run(pruner="first.py:First", training={"segments": 2}, **small).returncode == 0
    assert [record["kept"] for record in fake.journal("pruning")] == [["r0i0s00"]]
    outcomes = {record["candidate"]: record for record in fake.journal("outcome")}
    assert [len(outcomes[id_]["dirs"]) for id_ in ("r0i0s00", "r0i0s01")] == [2, 1]
    assert outcomes["r0i0s01"]["status"] == "ok" and outcomes["r0i0s01"]["fitness"] is not None
    assert list(fake.run_dir.glob("candidates/*/training/*/result.json")) and not list(fake.run_dir.glob("**/state"))
