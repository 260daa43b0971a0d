"""Whole runs that begin from a reward the user gives, in the place of the first iteration or among its samples."""

from __future__ import annotations

import shutil
import sys

import pytest

from eureka.config import load_config
from eureka.initial_reward import initial_file, initial_in_words, initial_text
from eureka.reward_file import with_header
from eureka.screening import screen
from eureka.types import EnvContext, VariableInfo

GIVEN = '''"""Stay near."""
import numpy as np


def compute_reward(x):
    """The nearer the better."""
    near = -np.abs(x)
    return near, {"near": near}
'''
X = VariableInfo(name="x", shape=(), low=(-1,), mean=(0,), high=(1,))
CONTEXT = EnvContext(task="point", description="", text="", variables=(X,), has_prev=(), max_episode_steps=10)


def begin(fake):
    """A reward file beside the config, and a search of two iterations of two that are over in a moment."""
    (fake.folder / "mine.py").write_text(GIVEN)
    fake.write(search={"samples": 2, "retest": 0, "initial_reward": "mine.py"}, training={"steps": 20}, final={"seeds": 0})
    return fake


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A finished run that began from a file in the place of its first iteration, and what it printed."""
    made = begin(sys.modules["tests.core.conftest"].Fake(tmp_path_factory.mktemp("template")))
    done = made.run()
    assert done.returncode == 0, done.stderr
    return made, done.stdout


@pytest.fixture
def given(fake):
    return begin(fake)


def test_in_the_place_of_the_first_iteration_no_answer_is_bought_and_the_next_prompt_shows_it(template):
    fake, printed = template
    assert "mine.py as the first iteration" in printed and "Model: 2 answers" in printed and "(4 trainings" not in printed
    assert fake.log("sales.log") == ["0 1 0", "0 1 1"]
    first, *others = fake.journal("candidate")
    assert (first["id"], first["code"], first["parents"]) == ("r0i0s00", GIVEN, [])
    assert [(c["id"], c["parents"]) for c in others] == [("r0i1s00", ["r0i0s00"]), ("r0i1s01", ["r0i0s00"])]
    messages = fake.journal("asked")[0]["messages"]
    assert messages[2] == {"role": "assistant", "content": f"```python\n{GIVEN}```"}
    assert "term `near`: [" in messages[3]["content"]
    assert fake.summary()["llm_calls"] == 2 and fake.summary()["iterations"][0]["candidates"] == 1


def test_among_the_samples_it_is_the_first_and_only_the_others_are_bought_in_each_restart(given):
    done = given.run("--set", "search.initial_as=sample", "--set", "search.restarts=2", "--set", "search.iterations=1")
    assert done.returncode == 0, done.stderr
    assert "mine.py as one reward of the first iteration" in done.stdout
    assert given.log("sales.log") == ["0 0 1", "1 0 1"]
    assert [c["id"] for c in given.journal("candidate") if c["code"] == GIVEN] == ["r0i0s00", "r1i0s00"]


@pytest.mark.slow
def test_a_host_that_died_before_it_was_a_candidate_leaves_it_to_the_next(given, template):
    shutil.copytree(template[0].run_dir, given.run_dir)
    shutil.copy(template[0].folder / "mine.py", given.folder / "mine.py")
    whole, lines = given.summary(), (given.run_dir / "journal.jsonl").read_text().splitlines(keepends=True)
    cut = next(n for n, line in enumerate(lines) if '"kind":"candidate"' in line)
    (given.run_dir / "journal.jsonl").write_text("".join(lines[:cut]))
    shutil.rmtree(given.run_dir / "candidates")
    assert given.eureka("resume", given.run_dir).returncode == 0
    assert given.summary() == whole and len(given.journal("candidate")) == 3


def test_one_that_changed_since_the_run_began_is_refused_by_name(template):
    fake, _ = template
    mine = fake.folder / "mine.py"
    mine.write_text(GIVEN.replace("np.abs(x)", "x**2"))
    refused = fake.eureka("resume", fake.run_dir)
    mine.write_text(GIVEN)
    assert refused.returncode == 2 and f"{mine}: changed since the run began" in refused.stderr


def test_one_that_no_candidate_could_be_is_told_with_its_verdict_before_anything_is_spent(given):
    mine = given.folder / "mine.py"
    mine.write_text("def compute_reward(x):\n    near = x * 0.0\n    return near / near, {'near': near}\n")
    refused = given.run()
    assert refused.returncode == 2, refused.stdout + refused.stderr
    assert f"search.initial_reward: {mine} would be rejected (smoke): " in refused.stderr
    assert f"eureka reward check {mine} --task TASK" in refused.stderr
    assert not given.run_dir.exists() and given.log("sales.log") == []


def test_a_python_file_is_taken_line_by_line_less_what_a_run_wrote_above_it_and_any_other_as_a_models_answer(given):
    (given.folder / "mine.py").write_text(GIVEN.replace("Stay near.", "Stay near: ```python`` is no fence."))
    (given.folder / "found.py").write_text(with_header(GIVEN, load_config(str(given.config)).task, "Found by another run."))
    (given.folder / "answer.md").write_text(f"Here you are.\n```python\n{GIVEN}```\nGood luck!\n")
    for name, code in (("mine.py", (given.folder / "mine.py").read_text()), ("answer.md", GIVEN), ("found.py", GIVEN)):
        config = load_config(str(given.config), [f"search.initial_reward={given.folder / name}"])
        found, refusal = screen(initial_text(config, given.run_dir), CONTEXT)
        assert (found.code, found.repairs, refusal) == (code, (), None)


def test_the_file_may_be_that_of_the_human_reward_and_there_may_be_none(given):
    given.settings["task"]["human"] = "mine.py"
    config = load_config(str(given.write()), ["search.initial_reward=human"])
    assert initial_file(config) == given.folder / "mine.py"
    config = load_config(str(given.write()), ["search.initial_reward=null"])
    assert (initial_file(config), initial_in_words(config)) == (None, "")
