"""`eureka play` and the clip that a run leaves: whole runs with fake parts, of a point that can be drawn."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from eureka.cli import main
from eureka.final_types import Clip
from eureka.report import write_report

av = pytest.importorskip("av", reason="needs PyAV: pip install av")
_conftest = sys.modules["tests.core.conftest"]
DRAWN = Path(__file__).parent / "fakes" / "drawn.py"
SETTINGS = {"search": {"iterations": 1, "samples": 3, "retest": 0}, "final": {"seeds": 1, "clip": True}}


def folder_with_a_run(folder, **settings):
    fake = _conftest.Fake(folder)
    fake.answers([[_conftest.NEAR, _conftest.SMALL, _conftest.PROSE]])
    done = fake.run(**SETTINGS, **settings)
    assert done.returncode == 0, done.stderr
    return fake


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A run that kept every checkpoint, and has a clip."""
    sim = {"use": f"{DRAWN}:DrawnSim", "env": "point", "draws": "well"}
    return folder_with_a_run(tmp_path_factory.mktemp("drawn"), task={"sim": sim}, keep={"checkpoints": "all"})


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The same run of a point that cannot be drawn, with no checkpoint but the best."""
    return folder_with_a_run(tmp_path_factory.mktemp("plain"))


@pytest.fixture
def copied(ran, tmp_path):
    """The first run, to be changed: `copied(draws)` has the point drawn so from now on."""
    shutil.copytree(ran.run_dir, tmp_path / "run")
    config = tmp_path / "run" / "config.yaml"
    text = config.read_text()

    def copied(draws):
        config.write_text(text.replace("draws: well", f"draws: {draws}"))
        return tmp_path / "run"

    return copied


def play(*arguments):
    """The command, its workers but not itself in processes of their own."""
    done = CliRunner().invoke(main, ["play", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def frames(path):
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]


def rows(done):
    """What it printed of each episode: seed, fitness, return, steps, end."""
    assert done.exit_code == 0, done.output
    return [line.split(maxsplit=4) for line in done.stdout.splitlines() if line.split()[0].isdigit()]


def test_by_default_the_best_policy_plays_the_episodes_it_was_measured_on(ran):
    done = play(ran.run_dir)
    best = ran.summary()["best"]["id"]
    fresh = next(record["fitness"] for record in ran.journal("fresh") if record["dir"] == f"final/{best}/0/0")
    assert done.stdout.startswith(f"The policy in final/{best}/0/0/checkpoint, trained under reward {best}:\n")
    assert [float(row[1]) for row in rows(done)] == pytest.approx(fresh, rel=1e-3)
    # The fitness is the mean of the environment's own reward over the 10 steps, the return their sum.
    assert [float(row[2]) for row in rows(done)] == pytest.approx([10 * value for value in fresh], rel=1e-3)
    assert [row[3:] for row in rows(done)] == [["10", "time limit"]] * 3
    mean = done.stdout.splitlines()[-1].split()
    assert (mean[0], mean[3]) == ("mean", "10") and float(mean[1]) == pytest.approx(sum(fresh) / 3, rel=1e-3)
    others = rows(play(ran.run_dir, "--seed", 7, "--episodes", 2))
    assert len(others) == 2 and {row[0] for row in others}.isdisjoint({row[0] for row in rows(done)})


@pytest.mark.parametrize("ending", ["mp4", "GIF"])
def test_all_episodes_are_in_one_video_that_replaces_what_was_there(ran, tmp_path, ending):
    path = tmp_path / f"it.{ending}"
    path.write_text("old")
    done = play(ran.run_dir, "--episodes", 2, "--video", path)
    assert len(rows(done)) == 2 and done.stdout.splitlines()[-1].startswith(f"{path} (")
    shown = frames(path)
    assert len(shown) == 2 * 11 and shown[0].shape == (40, 64, 3)  # the reset state and ten steps
    assert (shown[0] != shown[10]).any() and (shown[10] != shown[11]).any()
    assert list(tmp_path.iterdir()) == [path]


def test_a_candidates_policy_and_one_of_its_checkpoints_can_be_played(ran):
    other = next(id_ for id_ in ("r0i0s00", "r0i0s01") if id_ != ran.summary()["best"]["id"])  # trained in the search alone
    folder = f"candidates/{other}/training/0"
    (result,) = [record for record in ran.journal("result") if record["dir"] == folder]
    kept = [point["steps"] for point in result["checkpoints"]]
    assert kept == list(range(20, 201, 20))
    done = play(ran.run_dir, other, "--checkpoint", kept[3], "--episodes", 1)
    assert f"The policy in {folder}/checkpoints/{kept[3]}, trained under reward {other}:" in done.stdout and len(rows(done)) == 1
    gains = {(ran.run_dir / folder / "checkpoints" / str(steps) / "gain").read_text() for steps in kept}
    assert len(gains) > 1  # each is the policy of its time
    done = play(ran.run_dir, other, "--checkpoint", 30)
    told = f"--checkpoint 30: {other} has none after so many steps. Valid: {', '.join(map(str, kept))}."
    assert (done.exit_code, done.output) == (2, f"Error: {told}\n")
    assert not list(ran.run_dir.glob("final/human/*/*/checkpoints"))  # nobody plays those


def test_only_the_best_checkpoint_is_kept_unless_all_are_asked_for(plain):
    assert not list(plain.run_dir.rglob("checkpoints"))
    done = play(plain.run_dir, "--checkpoint", 20)
    assert done.exit_code == 2 and "the run kept the best alone; a new run keeps all with: --set keep.checkpoints=all" in done.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["r9"], "there is no reward 'r9'. Those with a policy: r0i0s00, r0i0s01."),
        (["r0i0s1"], "there is no reward 'r0i0s1'. Did you mean r0i0s01? Those with a policy: r0i0s00, r0i0s01."),
        (["r0i0s02"], "reward r0i0s02 was rejected, so it has no policy. Those with a policy: r0i0s00, r0i0s01."),
        (["--video", "it.avi"], '--video "it.avi" is no video; give a name that ends in .mp4 or .gif.'),
        (["--video", "it"], '--video "it" is no video; give a name that ends in .mp4 or .gif.'),
        (["--video", "nowhere/it.gif"], "--video nowhere/it.gif: there is no folder nowhere. Make it first: mkdir -p nowhere"),
        (["--video", "/proc/it.mp4"], "--video /proc/it.mp4: cannot be written ("),
        (["--video", "it.mp4", "--window"], "--video and --window exclude each other; give one."),
        (["--window"], "--window: there is no display here (DISPLAY and WAYLAND_DISPLAY are not set). Write a file: --video play.mp4"),
    ],
)
def test_what_cannot_be_is_told_in_a_line_before_anything_is_started(ran, tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("eureka.jobs.Jobs.run", None)
    done = play(ran.run_dir, *arguments)
    assert done.exit_code == 2 and told in done.output.splitlines()[-1] and done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_directory_is_no_video_and_no_run(ran, tmp_path):
    folder = tmp_path / "it.mp4"
    folder.mkdir()
    assert f"File '{folder}' is a directory." in play(ran.run_dir, "--video", folder).output
    done = play(folder)
    assert done.exit_code == 2 and done.output.startswith(f"Error: {folder}: is no run: it holds no config.yaml and journal.jsonl.")


@pytest.mark.parametrize(
    ("draws", "code", "told"),
    [
        ("not", 2, "sim.env: point is drawn by a library that is not installed here: pip install pencils"),
        ("crashing", 1, "the policy could not be played: the worker was ended by signal 11"),
    ],
)
def test_what_cannot_be_drawn_leaves_no_video_and_the_old_one_as_it_was(copied, tmp_path, draws, code, told):
    path = tmp_path / "it.mp4"
    path.write_text("old")
    done = play(copied(draws), "--video", path)
    assert done.exit_code == code and done.output.startswith(f"Error: {told}")
    assert path.read_text() == "old" and not list(tmp_path.glob(".it*"))


def test_a_simulator_without_a_picture_makes_no_video(plain, tmp_path):
    done = play(plain.run_dir, "--video", tmp_path / "it.gif")
    assert done.exit_code == 2 and "parts.py:PointSim cannot draw its environments" in done.output
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_it_and_leaves_nothing(ran, copied, tmp_path):
    command = [_conftest.EUREKA, "play", str(copied("slowly")), "--video", str(tmp_path / "it.mp4")]
    playing = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: list(tmp_path.glob(".it.mp4.*")))
    playing.send_signal(signal.SIGINT)
    out, error = playing.communicate(timeout=60)
    assert (playing.returncode, out, error) == (130, "", "Interrupted.\n")
    assert list(tmp_path.iterdir()) == [tmp_path / "run"]
    assert ran.wait_until_gone() == []


def test_neither_encoder_nor_drawing_library_is_loaded_before_it_is_needed():
    code = "import sys, eureka.play, eureka.worker.render; sys.exit(any(name in sys.modules for name in ('av', 'pygame')))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_run_leaves_a_clip_of_its_best_policy_and_its_report_shows_it(ran):
    (clip,) = map(Clip.model_validate, ran.journal("clip"))
    best = ran.summary()["best"]["id"]
    assert (clip.candidate, clip.dir, clip.why, clip.cut) == (best, f"final/{best}/0/0", "", False)
    fresh = next(record["fitness"] for record in ran.journal("fresh") if record["dir"] == clip.dir)
    assert clip.episode is not None and clip.episode.steps == 10
    assert clip.episode.fitness == pytest.approx(fresh[0])  # the first of those the final evaluation measured on
    assert len(frames(ran.run_dir / "best_policy.mp4")) == 11
    write_report(ran.run_dir)
    page = (ran.run_dir / "report.html").read_text()
    assert page.count('<video src="data:video/mp4;base64,') == 1 and "; media-src data:;" in page
    assert f"The policy trained under {best} ({clip.dir}/checkpoint)" in page and f"seed {clip.episode.seed}: fitness " in page


def test_where_nothing_can_be_drawn_the_run_is_none_the_worse_and_the_report_says_why(plain, ran):
    (clip,) = plain.journal("clip")
    assert "parts.py:PointSim cannot draw its environments." in clip["why"] and clip["episode"] is None
    assert not list(plain.run_dir.glob("*best_policy*"))
    assert plain.journal()[-1]["event"] == "ended"
    assert plain.summary() == ran.summary()  # and the clip counts in no figure
    write_report(plain.run_dir)
    page = (plain.run_dir / "report.html").read_text()
    assert "No clip: task.sim: " in page and "<video" not in page


@pytest.mark.slow
def test_a_run_that_goes_on_tries_again_where_nothing_could_be_drawn_and_says_nothing_twice(plain):
    assert plain.eureka("resume", plain.run_dir).returncode == 0
    assert len(plain.journal("clip")) == 1 and len(list((plain.run_dir / "jobs").glob("*-render"))) == 2


@pytest.mark.slow
def test_a_clip_is_made_once_and_again_only_where_there_is_a_better_policy_or_it_is_gone(ran, copied):
    run_dir = copied("well")
    jobs = run_dir / "jobs"
    clip = Clip.model_validate(ran.journal("clip")[0])
    assert ran.eureka("resume", run_dir).returncode == 0
    assert len(ran.journal("clip", run_dir)) == 1 and len(list(jobs.glob("*-render"))) == 1
    earlier = clip.model_copy(update={"dir": "candidates/r0i0s00/training/0"})
    with (run_dir / "journal.jsonl").open("a") as journal:  # as if another had been the best when the run ended first
        journal.write(earlier.model_dump_json() + "\n")
    (run_dir / "best_policy.mp4").write_text("the earlier one")
    # Interrupted while it films there is neither the old clip nor half a new one, and a report shows none.
    filming = subprocess.Popen([_conftest.EUREKA, "resume", copied("slowly")], stderr=subprocess.DEVNULL)
    wait_for(lambda: list(jobs.glob("*-render/process.json")))
    filming.send_signal(signal.SIGINT)
    assert filming.wait(60) == 130
    assert not list(run_dir.glob("*best_policy*")) and ran.journal("clip", run_dir)[-1]["dir"] == earlier.dir
    write_report(run_dir)
    assert "<video" not in (run_dir / "report.html").read_text()
    assert ran.eureka("resume", copied("well")).returncode == 0
    assert ran.journal("clip", run_dir)[-1]["dir"] == clip.dir and len(frames(run_dir / "best_policy.mp4")) == 11


def wait_for(there):
    until = time.monotonic() + 60
    while not there() and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.2)  # so that it is at work
