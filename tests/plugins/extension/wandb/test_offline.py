"""What a run leaves for `wandb sync`, written by W&B's own service."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow  # a run killed and resumed, and W&B's service


def test_after_kill_and_resume_every_point_is_there_once_and_in_order(kept, expected):
    points, _ = expected
    rows = [{name: value for name, value in row.items() if not name.startswith("_")} for row in kept.history]
    wanted = []
    for point in points:
        place = f"{point.series.replace('.', '-')}/" if point.series else ""
        wanted.append({point.axis: point.step, **{f"{place}{name}": value for name, value in point.values.items()}})
    assert rows == wanted
    assert len(kept.files) == 1  # of the session that was killed nothing is left that could be sent, too


def test_a_points_place_in_the_run_is_its_step_at_wandb(kept):
    """So that a session that goes on online sends none twice: see `starting_step`."""
    assert [row["_step"] for row in kept.history] == list(range(len(kept.history)))


def test_each_curve_has_its_own_axis(kept):
    assert kept.axes["r0i0s00/*"] == kept.axes["human-final0/*"] == "env_step"
    assert (kept.axes["r0/*"], kept.axes["search/*"], kept.axes["final/*"]) == ("iteration", "trained", "seed")


def test_the_run_carries_the_options_and_its_folders_name(kept, resumed):
    [run] = kept.runs
    assert run.run_id == (resumed.run_dir / "wandb" / "run-id").read_text()
    assert (run.project, run.display_name, list(run.tags)) == ("eureka", resumed.run_dir.name, ["ours"])


def test_the_settings_are_the_resolved_config(kept):
    assert kept.config["search"]["samples"] == 3 and kept.config["task"]["name"] == "point"
    assert kept.config["extensions"][2]["mode"] == "offline"


def test_candidates_come_with_program_answer_prompt_and_why_they_failed(kept, resumed):
    rows = {row["id"]: row for row in kept.table("candidates")}
    assert set(rows) == {record["id"] for record in resumed.journal("candidate")}
    assert rows["r0i0s02"]["status"] == "rejected" and rows["r0i0s02"]["message"]
    assert "def compute_reward" in rows["r0i0s00"]["program"] and "<script>" in rows["r0i0s00"]["answer"] and rows["r0i0s00"]["prompt"]
    fitness = {record["candidate"]: record["fitness"] for record in resumed.journal("outcome") if record["phase"] == "search"}
    assert {id_: row["fitness"] for id_, row in rows.items() if row["status"] == "ok"} == fitness


def test_the_final_evaluation_is_a_table(kept, resumed):
    [evaluation] = resumed.journal("evaluation")
    assert [(row["reward"], row["fresh"]) for row in kept.table("final_evaluation")] == [
        (training["reward"], training["fresh"]) for training in evaluation["trainings"]
    ]


def test_nothing_is_said_and_the_run_ends_well(kept, resumed):
    assert kept.exits == [0]
    assert resumed.again.stderr == "" and "wandb" not in resumed.again.stdout.lower()


def test_the_host_loads_no_torch(kept):
    assert "torch" not in kept.imported


def test_no_key_of_the_host_is_in_a_file(resumed):
    files = [
        path for folder in ("run", "home") for path in (resumed.folder / folder).rglob("*") if path.is_file() and not path.is_symlink()
    ]
    assert [path for path in files if path.suffix == ".wandb"]
    assert not [path for path in files if b"planted" in path.read_bytes() or b"detnalp" in path.read_bytes()]


def test_no_network_is_tried(resumed):
    """A proxy at which nothing listens was set: whoever had tried would have logged it."""
    logs = [path for folder in ("run/wandb", "home") for path in (resumed.folder / folder).rglob("*.log")]
    lines = [line for path in logs for line in path.read_text().splitlines()]
    assert lines and not [line for line in lines if "127.0.0.1:9" in line or "connection refused" in line.lower()]
