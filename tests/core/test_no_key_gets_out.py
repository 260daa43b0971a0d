"""A key of the host's reaches neither the disk, nor the screen, nor a worker, wherever in a run it turns up."""

from __future__ import annotations

import pytest

from eureka.inbox import drop
from eureka.types import Note

KEY = "sk-planted-0a1b2c3d4e5f6g7h8i9j"
PIECES = [KEY[k : k + 8] for k in range(len(KEY) - 7)]
MODEL = """
import logging
import os

import eureka
from eureka.errors import ModelFault
from eureka.generator_types import Answer

class Leaky(eureka.Component):
    class Options(eureka.Options):
        way: str

    @eureka.hookimpl
    def eureka_complete(self, request):
        key, way = os.environ["SOME_API_KEY"], self.options.way
        logging.getLogger("eureka").warning("asked with %s", key)
        if way == "fault":
            raise ModelFault(f"llm: the server does not like {key[:12]}")
        if way == "error":
            raise RuntimeError(f"Authorization: Bearer {key}")
        program = f"def compute_reward(x):\\n    near = -abs(x)  # {key[5:20]}\\n    return near, dict(near=near)"
        text = f"For {key}:\\n```python\\n{program}\\n```"
        for sample in request.samples:
            yield Answer(sample=sample, text=text, model=f"m-{key}", finish_reason=key[4:14], provider=key)

class Shouting(eureka.Component):
    @eureka.hookimpl
    def eureka_on_record(self, record):
        raise RuntimeError(f"cannot log in with {os.environ['SOME_API_KEY']}")
"""


@pytest.fixture
def leaky(fake, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", KEY)
    (fake.folder / "leaky.py").write_text(MODEL)
    fake.settings["extensions"] = ["progress", "leaky.py:Shouting"]
    return fake


def run(leaky, way, *arguments):
    small = {"search": {"iterations": 1, "samples": 2, "retest": 0}, "final": {"seeds": 0}, "training": {"steps": 20}}
    leaky.settings["llm"] = {"use": "leaky.py:Leaky", "way": way}
    return leaky.run(*arguments, **small)


def found(leaky, *printed) -> list[str]:
    """Where a piece of the key is."""
    files = {str(path): path.read_bytes().decode(errors="replace") for path in leaky.run_dir.rglob("*") if path.is_file()}
    assert f"{leaky.run_dir}/journal.jsonl" in files
    texts = files | {f"output {number}": text for number, text in enumerate(printed)}
    return [place for place, text in texts.items() if any(piece in text for piece in PIECES)]


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_not_where_a_server_sends_it_back(leaky, options):
    done = run(leaky, "answer", *options)
    assert done.returncode == 0, done.stderr
    assert found(leaky, done.stdout, done.stderr) == []
    assert "asked with [KEY]" in done.stderr and "cannot log in with [KEY]" in done.stderr
    folder = leaky.run_dir / "candidates" / "r0i0s00"
    assert "# [KEY]" in (folder / "reward.py").read_text() and "answered by: [KEY] m-[KEY]" in (folder / "conversation.md").read_text()
    assert [record["finish_reason"] for record in leaky.journal("completion")] == ["[KEY]", "[KEY]"]


@pytest.mark.parametrize(
    ("way", "said"), [("fault", "llm: the server does not like [KEY]"), ("error", "RuntimeError: Authorization: Bearer [KEY]")]
)
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_not_where_a_call_fails(leaky, way, said, options):
    done = run(leaky, way, *options)
    assert done.returncode == 1
    assert found(leaky, done.stdout, done.stderr) == []
    assert said in done.stderr and said in leaky.journal("session")[-1]["message"]
    assert (leaky.run_dir / "error.log").exists() == (way == "error")


def test_not_where_somebody_leaves_it_in_a_note(leaky):
    assert run(leaky, "fault").returncode == 1
    drop(leaky.run_dir, Note(id="n", author=KEY, text=f"Log in with {KEY}.", time=0))
    again = leaky.eureka("resume", leaky.run_dir, "--set", "llm.way=answer")
    assert again.returncode == 0, again.stderr
    assert [(note["author"], note["text"]) for note in leaky.journal("note")] == [("[KEY]", "Log in with [KEY].")]
    assert found(leaky, again.stdout, again.stderr) == []


def test_not_where_somebody_pastes_it_into_a_setting(leaky):
    assert run(leaky, "fault").returncode == 1
    again = leaky.eureka("resume", leaky.run_dir, "--set", f"llm.way={KEY}")
    assert again.returncode == 2 and "llm.way: holds the value of the environment variable SOME_API_KEY" in again.stderr
    assert found(leaky, again.stdout, again.stderr) == []
