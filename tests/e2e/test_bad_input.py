"""Every mistake a user can make: one line on standard error with place and next step, exit 2, nothing spent, nothing left behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

CONFIG = """\
task: cartpole
trainer: {use: sb3, n_steps: 64}
search: {iterations: 1, samples: 2, retest: 0}
training: {steps: 1024}
final: {seeds: 0}
"""


def refused(folder: Any, *arguments: object) -> str:
    """The one line the command answers with; the folder is as it was before."""
    before = folder.entries()
    done = folder.eureka(*arguments)
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert done.stderr.startswith("Error: ") and done.stderr.endswith("\n")
    assert done.stderr.count("\n") == 1, done.stderr
    assert folder.entries() == before
    return done.stderr.removeprefix("Error: ").rstrip("\n")


# ── The config ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("task: cartpole\nsearch: {samples: 2\nseed: 3\n", r"c\.yaml:3:5: expected ',' or '}', but got ':'"),
        ("task: cartpole\n\tseed: 3\n", r"c\.yaml:2:1: found character '\\t' that cannot start any token"),
        ("- task: cartpole\n", r"c\.yaml:1:1: expected keys and values \(key: value\), found a list"),
        ("", r"c\.yaml: is empty; expected keys and values"),
        (CONFIG + "seed: 1\nseed: 2\n", r'c\.yaml:7:1: found duplicate key "seed"'),
        (CONFIG.replace("samples", "sampels"), r'c\.yaml:3:25: search\.sampels: unknown key; did you mean "samples"\? Valid: iterations,'),
        (CONFIG.replace("samples: 2", "samples: many"), r'c\.yaml:3:25: search\.samples: "many" is not a whole number'),
        (CONFIG.replace("samples: 2", "samples: 0"), r"c\.yaml:3:25: search\.samples: 0 is not ≥ 1"),
        (
            CONFIG.replace("n_steps: 64", "n_steps: 0"),
            r"c\.yaml:2:\d+: trainer\.n_steps: 0 is not ≥ 1\. See: eureka plugins show trainer:sb3",
        ),
        (
            CONFIG.replace("sb3", "sb4"),
            r'c\.yaml:2:\d+: trainer: "sb4" is not a trainer; did you mean "sb3"\? Installed: curriculum, population, rl_games, sb3',
        ),
        (CONFIG + "selector: jury\n", r'selector: "jury" is not a selector\. Installed: best, human\. .* pip install eureka-plugin-jury$'),
        (
            CONFIG.replace("cartpole", "cartpol"),
            r'c\.yaml:1:1: task: "cartpol" is no shipped task; did you mean "cartpole"\? .*eureka tasks',
        ),
        (CONFIG + "generator: llm\n", r"asks a model and none is set; write llm: NAME in the config"),
        (CONFIG + "generator: llm\nllm: {use: replay, from: nowhere}\n", r"c\.yaml:7:\d+: llm\.from: nowhere: no such file"),
    ],
)
def test_a_mistake_in_the_config_is_told_with_file_line_and_column(folder, text, message):
    folder.write("c.yaml", text)
    assert re.search(message, refused(folder, "run", "c.yaml", "--run-dir", "run"))


def test_check_answers_like_run(folder):
    folder.write("c.yaml", CONFIG.replace("samples", "sampels"))
    assert refused(folder, "check", "c.yaml") == refused(folder, "run", "c.yaml")


def test_a_config_that_is_not_there_is_named_with_what_could_be_meant(folder):
    folder.write("first.yaml", CONFIG)
    assert refused(folder, "run", "frist.yaml") == 'frist.yaml: no such file; did you mean "first.yaml"?'
    assert refused(folder, "run", "qqqq.yaml") == "qqqq.yaml: no such file. Beside it: first.yaml."
    assert refused(folder, "run", "nowhere/c.yaml") == "nowhere/c.yaml: no such file; there is no folder nowhere."
    assert "List them with: eureka tasks" in refused(folder, "run", "frist")
    assert 'did you mean "cartpole"?' in refused(folder, "run", "cartpol")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("search.samples", "expected KEY.PATH=VALUE, such as search.samples=8"),
        ("=3", "expected KEY.PATH=VALUE, such as search.samples=8"),
        ("search.samples=[1", "is no YAML value"),
        ("search.sampels=3", 'search.sampels: unknown key; did you mean "samples"?'),
        ("search.samples=few", 'search.samples: "few" is not a whole number'),
        ("trainer=sb33", 'trainer: "sb33" is not a trainer; did you mean "sb3"?'),
    ],
)
def test_a_bad_set_is_told_as_it_was_typed(folder, change, message):
    line = refused(folder, "run", "cartpole", "--set", change)
    assert line.startswith(f"--set {json.dumps(change) if 'expected' in message else change}: ") and message in line


# ── Components ───────────────────────────────────────────────────────────────────────────────────────────────────────

SELECTOR = '''
import eureka
{imports}

class Choosy(eureka.Component):
    """Take the first."""

    @eureka.hookimpl
    def {hook}(self, {argument}):
        return ()
'''


def selector(imports: str = "", hook: str = "eureka_select", argument: str = "history") -> str:
    return SELECTOR.format(imports=imports, hook=hook, argument=argument)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (selector(imports="import no_such_module.inside"), r"choosy\.py:3: .*needs the module no_such_module: pip install no_such_module$"),
        (selector(hook="eureka_selekt"), r'Choosy implements the unknown hook eureka_selekt; did you mean "eureka_select"\?'),
        (selector(argument="past"), r"Choosy\.eureka_select takes \(past\); the hook's arguments are \(history\)"),
        (selector(hook="eureka_reflect", argument="parent"), r"Choosy implements eureka_reflect; a selector must implement eureka_select"),
        ("def oops(:\n", r"cannot be loaded: choosy\.py:1: SyntaxError: "),
        ("raise RuntimeError('no')\n", r"cannot be loaded: choosy\.py:1: RuntimeError: no"),
        ("class Chosy:\n    pass\n", r'has no class Choosy; did you mean "Chosy"\?'),
        ("class Choosy:\n    pass\n", r"is not a subclass of eureka\.Component, as a selector must be"),
    ],
)
def test_a_component_in_a_file_that_cannot_be_used_is_told_with_its_line(folder, code, message):
    folder.write("choosy.py", code)
    folder.write("c.yaml", CONFIG + 'selector: "choosy.py:Choosy"\n')
    line = refused(folder, "run", "c.yaml", "--run-dir", "run")
    assert line.startswith("c.yaml:6:1: selector: ")
    assert re.search(message, line)


def install(folder: Any, dist: str, module: str, code: str) -> None:
    """A dist with a selector `choosy`, as an installer would have left it in site-packages."""
    folder.write(f"site/{module}.py", code)
    info = f"site/{dist.replace('-', '_')}-1.2.dist-info"
    folder.write(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {dist}\nVersion: 1.2\n")
    folder.write(f"{info}/entry_points.txt", f"[eureka.selector]\nchoosy = {module}:Choosy\n")
    folder.env["PYTHONPATH"] = str(folder.path / "site")


def test_a_plugin_whose_dependency_is_missing_is_told_with_the_pip_line(folder):
    install(folder, "eureka-plugin-choosy", "eureka_choosy", selector(imports="import no_such_module.inside"))
    folder.write("c.yaml", CONFIG + "selector: choosy\n")
    assert refused(folder, "run", "c.yaml", "--run-dir", "run") == (
        'c.yaml:6:1: selector: "choosy" of eureka-plugin-choosy 1.2 needs the module no_such_module, which is missing: '
        "pip install eureka-plugin-choosy (or only: pip install no_such_module)"
    )
    assert "choosy" in folder.eureka("plugins").stdout  # listing loads no plugin


def test_a_plugin_with_a_misspelt_hook_is_told_with_the_right_one(folder):
    install(folder, "eureka-plugin-choosy", "eureka_choosy", selector(hook="eureka_selekt"))
    folder.write("c.yaml", CONFIG + "selector: choosy\n")
    line = refused(folder, "run", "c.yaml", "--run-dir", "run")
    assert line.startswith('c.yaml:6:1: selector: Choosy implements the unknown hook eureka_selekt; did you mean "eureka_select"?')


def test_two_dists_with_one_name_are_both_named(folder):
    install(folder, "eureka-plugin-choosy", "eureka_choosy", selector())
    install(folder, "choosy-for-eureka", "choosy_for_eureka", selector())
    folder.write("c.yaml", CONFIG + "selector: choosy\n")
    assert refused(folder, "run", "c.yaml", "--run-dir", "run") == (
        'c.yaml:6:1: selector: "choosy" comes from choosy-for-eureka 1.2 and eureka-plugin-choosy 1.2; uninstall one: '
        "pip uninstall eureka-plugin-choosy"
    )
    assert folder.eureka("check", "cartpole").returncode == 0  # it hurts nobody who does not name it


# ── The environment: found out by the first worker ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("task.sim.env=CartPol-v1", r"^task\.sim\.env: 'CartPol-v1' is not a registered environment .*CartPole-v1"),
        ("task.sim.kwargs={lenght: 2}", r"^task\.sim\.kwargs: CartPole-v1 does not accept .*lenght"),
        (
            "task.variables.pole_angle.from='obs[7]'",
            r"^task\.variables\.pole_angle\.from: 'obs\[7\]' .*shape \(4,\), so \[7\] is out of range; valid are \[0\] to \[3\]",
        ),
        ("task.variables.pole_angle.from=env.masspol", r"^task\.variables\.pole_angle\.from: 'env\.masspol' .*did you mean 'masspole'"),
        ("task.variables.pole_angle.from=obz", r"^task\.variables\.pole_angle\.from: 'obz' .*a source begins with obs, info, env"),
        ("task.fitness.value=info.score", r"^task\.fitness\.value: 'info\.score' .*has no key 'score'"),
        ("task.fitness.value=missing.py:score", r"task\.fitness\.value: missing\.py: no such file"),
        ("task.human=missing.py", r"task\.human: missing\.py: no such file"),
    ],
)
def test_an_environment_or_source_that_does_not_resolve_is_told_with_its_key(folder, change, message):
    line = refused(folder, "run", "cartpole", "--set", change, "--run-dir", "new/deep/run")
    assert re.search(message, line.removeprefix(f"--set {change}: "))


def test_nothing_is_said_of_a_run_that_never_was(folder):
    done = folder.eureka("run", "cartpole", "--set", "task.sim.env=CartPol-v1")
    assert done.returncode == 2
    assert "Everything is in" not in done.stdout and "Environment steps:" not in done.stdout
    assert folder.entries() == []


# ── The run directory ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def finished(core_tests, tmp_path_factory) -> Any:
    """A run that ended, with the fake parts; to be copied, not changed."""
    fake = core_tests.Fake(tmp_path_factory.mktemp("finished"))
    done = fake.run(search={"iterations": 1, "retest": 0}, final={"seeds": 0})
    assert done.returncode == 0, done.stdout + done.stderr
    return fake


@pytest.fixture
def old(folder, finished) -> Path:
    """A finished run, in the user's folder as `old`."""
    return shutil.copytree(finished.run_dir, folder.path / "old")


def test_a_run_directory_that_exists_is_left_alone(folder, old):
    assert refused(folder, "run", "cartpole", "--run-dir", "old") == "old: exists already. Go on with: eureka resume old"
    folder.write("notes/thoughts.txt", "mine")
    assert refused(folder, "run", "cartpole", "--run-dir", "notes") == "notes: exists already. Give another --run-dir."
    assert refused(folder, "run", "cartpole", "--run-dir", "notes/thoughts.txt").startswith("notes/thoughts.txt: exists already.")
    assert refused(folder, "run", "cartpole", "--run-dir", "notes/thoughts.txt/run") == (
        "notes/thoughts.txt/run: cannot be made (Not a directory). Give another --run-dir."
    )


@pytest.mark.parametrize("command", ["resume", "finish"])
def test_what_is_no_run_cannot_be_resumed(folder, command):
    folder.write("notes/thoughts.txt", "mine")
    folder.write("other/config.yaml", "lr: 3\nname: another tool's\n")
    where = "Give the directory that `eureka run` named; without --run-dir it is in runs/."
    assert refused(folder, command, "nowhere") == f"nowhere: there is no such directory. {where}"
    assert refused(folder, command, "notes") == f"notes: is no run: it holds no config.yaml. {where}"
    assert refused(folder, command, "notes/thoughts.txt") == f"notes/thoughts.txt: there is no such directory. {where}"
    assert refused(folder, command, "other") == f"other: is no run: its config.yaml is another program's. {where}"


def test_a_run_of_a_newer_version_is_told_before_anything_of_it_is_read(folder, old):
    journal = old / "journal.jsonl"
    header, _, rest = journal.read_text().partition("\n")
    journal.write_text(json.dumps({**json.loads(header), "format": 99, "eureka": "9.1"}) + "\n" + rest)
    (old / "config.yaml").write_text((old / "config.yaml").read_text() + "new_in_9: true\n")
    line = refused(folder, "resume", "old")
    assert line.startswith("old/journal.jsonl: written by Eureka 9.1 in journal format 99; this version reads up to ")
    assert line.endswith("Upgrade with: pip install -U eureka-core")


def test_a_broken_line_of_the_journal_is_told_with_its_number(folder, old):
    journal = old / "journal.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join([*lines[:2], lines[2].replace('"kind"', '"knid"'), *lines[3:]]))
    line = refused(folder, "resume", "old")
    assert re.match(r".*old/journal\.jsonl:3: this line is no record .*Restore the file from a backup", line)


@pytest.mark.parametrize("key", ["task.name", "search.samples", "trainer.log", "seed"])
def test_resume_refuses_a_change_that_cannot_be_by_name(folder, old, key):
    line = refused(folder, "resume", "old", "--set", f"{key}=1")
    assert line.startswith(f"--set {key}=1: {key} cannot change once a run has begun. May change: ")
    assert "search.iterations" in line and "budget.*" in line


def test_resume_refuses_a_bad_value_for_what_may_change(folder, old):
    assert refused(folder, "resume", "old", "--set", "search.iterations=0").endswith("search.iterations: 0 is not ≥ 1.")
    assert "executor.slots: 0 is not ≥ 1." in refused(folder, "resume", "old", "--set", "executor.slots=0")


def test_a_run_in_use_says_by_whom(folder, fake):
    config = fake.write(trainer={"sleep": 0.5})
    host = subprocess.Popen([*folder.script, "run", str(config), "--run-dir", "run", "--quiet"], cwd=folder.path, env=folder.env)
    try:
        until = time.monotonic() + 60
        while not (fake.run_dir / "jobs").is_dir() or not list((fake.run_dir / "jobs").glob("*-train")):
            assert time.monotonic() < until and host.poll() is None
            time.sleep(0.1)
        for command in (["resume", "run"], ["finish", "run"]):
            done = folder.eureka(*command)
            assert (done.returncode, done.stderr.count("\n")) == (2, 1)
            assert re.search(
                rf"run: in use by process {host.pid} on \S+ since 2.*Wait for it, or stop it with Ctrl-C or `kill`\.", done.stderr
            )
        assert "Go on with" in folder.eureka("run", config, "--run-dir", "run").stderr
    finally:
        host.send_signal(signal.SIGTERM)
        assert host.wait(30) == 130


@pytest.fixture
def nobody_special(folder) -> Any:
    """The folder, of a user whom permissions stop."""
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root may write anywhere")
        folder.script = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", *folder.script]
    yield folder
    for path in folder.path.rglob("*"):
        path.chmod(0o700)


def test_a_place_one_may_not_write_to_is_named(nobody_special, old):
    folder = nobody_special
    (folder.path / "locked").mkdir(mode=0o500)
    assert refused(folder, "run", "cartpole", "--run-dir", "locked/run") == (
        "locked/run: cannot be made (Permission denied). Give another --run-dir."
    )
    (old / "journal.lock").chmod(0o400)
    line = refused(folder, "resume", "old")
    assert line == f"{old}/journal.lock: Permission denied. Give a place you may read and write."


def test_a_place_one_may_not_look_into_is_named(nobody_special):
    (nobody_special.path / "shut").mkdir(mode=0o000)
    for command in (["run", "cartpole", "--run-dir", "shut/run"], ["resume", "shut/run"]):
        assert re.match(r"shut/run\S*: Permission denied\. Give a place", refused(nobody_special, *command))


# ── A full disk ──────────────────────────────────────────────────────────────────────────────────────────────────────

FULL_AT_START = """
import shutil, sys
from collections import namedtuple

shutil.disk_usage = lambda path: namedtuple("usage", "total used free")(10**9, 10**9 - 5 * 10**6, 5 * 10**6)
from eureka.cli import main
main()
"""

# The disk is full from the first append of a record of this kind on; the last write is torn, as on a real one.
FULL_JOURNAL = """
import errno, os, sys

kind, write = sys.argv.pop(1), os.write
full = False

def written(fd, data):
    global full
    if not os.readlink(f"/proc/self/fd/{fd}").endswith("/journal.jsonl"):
        return write(fd, data)
    if full:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    full = f'"kind":"{kind}"'.encode() in data
    return write(fd, data[: len(data) // 2] if full else data)

os.write = written
from eureka.cli import main
main()
"""

# The disk is full for files whose name begins like this.
FULL_FILES = """
import errno, os, sys

name = sys.argv.pop(1)

def refuse(event, arguments):
    if event == "open" and os.path.basename(str(arguments[0])).startswith(name) and "w" in (arguments[1] or ""):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(arguments[0]))

sys.addaudithook(refuse)
from eureka.cli import main
main()
"""


def test_no_room_on_the_disk_is_an_error_at_the_start(folder):
    folder.write("full.py", FULL_AT_START)
    folder.script = [sys.executable, "full.py"]
    line = refused(folder, "run", "cartpole", "--run-dir", "run")
    assert line.startswith(f"{folder.path}: 5 MB left on this disk; a run needs at least ")
    assert "Make room, or give a --run-dir elsewhere." in line


@pytest.mark.parametrize("kind", ["result", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("run", "asked", "evaluation"))])
def test_a_disk_that_fills_up_stops_the_run_which_then_goes_on(folder, fake, kind):
    folder.write("full.py", FULL_JOURNAL)
    config = fake.write(search={"retest": 0})
    stopped = folder.command([sys.executable, "full.py", kind, "run", str(config), "--run-dir", "run", "--quiet"])
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    line = f"Error: {fake.run_dir}/journal.jsonl: cannot write (No space left on device). Everything before is kept: "
    assert stopped.stderr == f"{line}make room, then `eureka resume {fake.run_dir}`.\n"
    assert fake.wait_until_gone() == []
    gone_on = folder.eureka("resume", "run", "--quiet")
    assert (gone_on.returncode, gone_on.stderr) == (0, "")
    assert len(fake.summary()["iterations"]) == 2 and fake.summary()["final"]
    trained = fake.log("trained.log")
    assert len(trained) == len(set(trained))


@pytest.mark.parametrize("name", ["answer.md", *(pytest.param(name, marks=pytest.mark.slow) for name in ("job.json", "summary.json"))])
def test_a_file_that_does_not_fit_on_the_disk_stops_the_run_likewise(folder, fake, name):
    folder.write("full.py", FULL_FILES)
    config = fake.write(search={"retest": 0})
    stopped = folder.command([sys.executable, "full.py", name, "run", str(config), "--run-dir", "run", "--quiet"])
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert "No space left on device" in stopped.stderr and stopped.stderr.count("\n") == 1
    assert f"then `eureka resume {fake.run_dir}`." in stopped.stderr
    gone_on = folder.eureka("resume", "run", "--quiet")
    assert (gone_on.returncode, gone_on.stderr) == (0, "")
    assert len(fake.summary()["iterations"]) == 2


# ── The command line itself ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["runn"], "No such command 'runn'. Did you mean 'run'?"),
        (["run"], "Give a CONFIG"),
        (["resume"], "Missing argument 'RUN_DIR'"),
        (["run", "cartpole", "--quite"], "--quiet"),
        (["run", "cartpole", "--quiet", "--json"], "--quiet and --json exclude each other"),
    ],
)
def test_a_mistyped_command_shows_the_usage(folder, arguments, message):
    done = folder.eureka(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: eureka ") and message in done.stderr and "Traceback" not in done.stderr
    assert folder.entries() == []


@pytest.mark.parametrize(
    ("component", "message"),
    [
        ("trainer", '"trainer" is not KIND:NAME, such as trainer:population. List them with: eureka plugins'),
        ("trainr:sb3", 'did you mean "trainer"?'),
        ("trainer:sb4", '"sb4" is not a trainer; did you mean "sb3"? Installed: curriculum, population, rl_games, sb3'),
    ],
)
def test_a_component_that_is_not_there_cannot_be_shown(folder, component, message):
    assert message in refused(folder, "plugins", "show", component)
