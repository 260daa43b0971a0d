"""Several models that share the samples. The members are fakes, each a component in a file of its user's, as a stranger's would be."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from eureka.builtin.ensemble import EnsembleLLM
from eureka.builtin.shares import turns, whose
from eureka.config import apply_changes, load_config, load_resolved, to_yaml
from eureka.errors import ConfigError, ModelFault, PluginContractError
from eureka.events import RunEnd, StageStart
from eureka.generator_types import CompletionRequest, Price, Quote
from eureka.registry import make
from eureka.types import ComponentSpec

core = sys.modules["tests.core.conftest"]
MODELS = '''
import threading
import time
import eureka
from pydantic import Field
from eureka.errors import ConfigError, ModelFault
from eureka.generator_types import Answer, Price, Quote

met = threading.Barrier(2, timeout=20)
told = threading.Event()


class Quiet(eureka.Component):
    """Has no quote."""

    class Options(eureka.Options):
        word: str = Field("hm", description="What it says.")
        notes: eureka.ConfigPath | None = Field(None, description="A file.")
        share: float = Field(0.5, ge=0, le=1, description="A number.")

    @eureka.hookimpl
    def eureka_complete(self, request):
        for sample in request.samples:
            yield Answer(sample=sample, text=f"{self.options.word} {sample}")


class Priced(Quiet):
    """Has a name, a model and a price."""

    @eureka.hookimpl
    def eureka_quote(self, request):
        quote = Quote(provider="acme", model="m-1", max_tokens=7, price=Price(input=1, output=2), setting="llm.members[1]")
        return dict.fromkeys(request.samples, quote)


class Meeting(Quiet):
    """Answers once another one is asked, too."""

    @eureka.hookimpl
    def eureka_complete(self, request):
        met.wait()
        yield from super().eureka_complete(request)


class Broken(Quiet):
    """Answers its first sample."""

    @eureka.hookimpl
    def eureka_check_llm(self):
        raise ConfigError("llm.word: is wrong, see llm.words.example and my.llm.host")

    @eureka.hookimpl
    def eureka_complete(self, request):
        yield Answer(sample=request.samples[0], text="one")
        told.wait(20)
        raise ModelFault("llm: acme is down. Look at llm.word.", billed=False)


class Telling(Quiet):
    """Has Broken break once it is asked itself, and answers a while later."""

    @eureka.hookimpl
    def eureka_complete(self, request):
        told.set()
        time.sleep(0.1)
        yield from super().eureka_complete(request)


class Stranger(Quiet):
    """Answers what others were asked."""

    @eureka.hookimpl
    def eureka_complete(self, request):
        yield Answer(sample=1 - request.samples[0], text="mine")


class Lazy(Quiet):
    """Answers nothing."""

    @eureka.hookimpl
    def eureka_complete(self, request):
        yield from ()


class Watching(Quiet):
    """Sees what happens, and stumbles at the end."""

    @eureka.hookimpl
    def eureka_on_stage(self, event):
        self.seen = event.stage

    @eureka.hookimpl
    def eureka_on_run_end(self):
        raise RuntimeError("oops")
'''


@pytest.fixture
def ensemble(tmp_path):
    """Makes one of these members: a class's name, or a mapping with it."""
    (tmp_path / "models.py").write_text(MODELS)

    def made(*members) -> EnsembleLLM:
        whole = [{"use": one} if isinstance(one, str) else one for one in members]
        specs = [{**one, "use": f"{tmp_path}/models.py:{one['use']}"} for one in whole]
        return make("llm", ComponentSpec(use="ensemble", options={"members": specs}))

    return made


def request(*samples, iteration=0, attempt=0):
    return CompletionRequest(messages=(), samples=samples, restart=0, iteration=iteration, attempt=attempt)


def shares(weights, restart, iteration, samples):
    round_ = turns(weights)
    return Counter(whose(round_, restart, iteration, sample) for sample in range(samples))


@pytest.mark.parametrize(("weights", "expected"), [((1,), "00000000"), ((1, 1), "01010101"), ((2, 1), "01001001"), ((1, 2), "10110110")])
def test_turns_are_spread_evenly(weights, expected):
    assert "".join(str(whose(turns(weights), 0, 0, sample)) for sample in range(8)) == expected


@pytest.mark.parametrize("weights", [(1, 1), (2, 1), (3, 2, 1), (70, 30), (5, 5, 1), (1,) * 7])
def test_every_iteration_of_every_restart_is_shared_by_weight(weights):
    for restart in range(5):
        for iteration in range(5):
            for index, count in shares(weights, restart, iteration, 16).items():
                assert abs(count - 16 * weights[index] / sum(weights)) < 2


def test_a_small_weight_has_its_turns_though_an_iteration_is_shorter_than_a_round():
    total = sum((shares((9, 1), 0, iteration, 4) for iteration in range(20)), Counter())
    assert sum(total.values()) == 80 and 6 <= total[1] <= 10
    firsts = sum((shares((9, 1), restart, 0, 4) for restart in range(20)), Counter())
    assert 6 <= firsts[1] <= 10


def test_equal_ratios_deal_equally():
    assert turns((20, 10)) == turns((2, 1))


def test_who_answers_does_not_depend_on_who_is_missing_nor_on_the_attempt(ensemble):
    llm = ensemble({"use": "Quiet", "word": "a", "weight": 2}, {"use": "Quiet", "word": "b"})
    whole = {answer.sample: answer.text for answer in llm.eureka_complete(request(*range(8), iteration=3))}
    for sample in range(8):
        for attempt in (0, 1, 2):
            (alone,) = llm.eureka_complete(request(sample, iteration=3, attempt=attempt))
            assert alone.text == whole[sample]
    assert Counter(text[0] for text in whole.values())["a"] in (5, 6)


def test_members_are_asked_at_the_same_time(ensemble):
    assert len(list(ensemble("Meeting", "Meeting").eureka_complete(request(0, 1)))) == 2  # each waits for the other


def test_an_answer_says_who_wrote_it(ensemble, tmp_path):
    answers = {answer.sample: answer for answer in ensemble("Quiet", "Priced").eureka_complete(request(0, 1))}
    assert (answers[0].provider, answers[0].model) == (f"{tmp_path}/models.py:Quiet", "")
    assert (answers[1].provider, answers[1].model) == ("acme", "m-1")


def test_a_quote_is_that_of_the_member_who_would_answer(ensemble, tmp_path):
    quotes = ensemble("Quiet", "Priced").eureka_quote(request(0, 1))
    assert quotes[0] == Quote(provider=f"{tmp_path}/models.py:Quiet", setting="llm.members[0]") and quotes[0].price is None
    assert quotes[1] == Quote(provider="acme", model="m-1", max_tokens=7, price=Price(input=1, output=2), setting="llm.members[1]")


def test_what_others_answered_is_given_before_a_member_s_fault_is_raised(ensemble):
    answers, stream = [], ensemble("Broken", "Telling").eureka_complete(request(0, 1, 2, 3))
    with pytest.raises(ModelFault) as fault:
        for answer in stream:
            answers.append(answer.sample)
    assert sorted(answers) == [0, 1, 3]
    assert str(fault.value) == "llm.members[0]: acme is down. Look at llm.members[0].word." and not fault.value.billed


def test_whoever_cannot_be_asked_is_named_by_its_place(ensemble):
    with pytest.raises(ConfigError) as error:
        ensemble("Quiet", "Broken", "Broken").eureka_check_llm()
    assert str(error.value).splitlines() == [
        f"llm.members[{k}].word: is wrong, see llm.members[{k}].words.example and my.llm.host" for k in (1, 2)
    ]
    ensemble("Quiet").eureka_check_llm()


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ("Stranger", "llm.members[0]: answered sample 1; expected one of [0]."),
        ("Lazy", "llm.members[0]: gave no answer for sample(s) [0]; expected an answer or a `ModelFault`."),
    ],
)
def test_a_member_that_breaks_the_contract_is_named(ensemble, member, message):
    with pytest.raises(PluginContractError, match=re.escape(message)):
        list(ensemble(member, "Quiet").eureka_complete(request(0, 1)))


def test_members_see_what_happens_in_the_run_and_one_that_stumbles_stops_nobody(ensemble, tmp_path, caplog):
    llm = ensemble("Watching", "Quiet", "Watching")
    llm.eureka_on_stage(StageStart(stage="train"))
    assert [getattr(member, "seen", None) for member in llm.members()] == ["train", None, "train"]
    llm.eureka_on_run_end(RunEnd(run_dir=tmp_path, status="ended", summary={}))
    assert [record.getMessage() for record in caplog.records] == [
        f"llm.members[{k}]: eureka_on_run_end failed; the run goes on" for k in (0, 2)
    ]


# ── In a config ──────────────────────────────────────────────────────────────────────────────────────────────────────


CONFIG = f"""\
task:
  name: point
  description: Go to zero.
  sim: {{use: "{core.PARTS}:PointSim"}}
  variables: {{x: {{from: x}}, action: {{from: action}}}}
  fitness: {{value: native}}
trainer: {{use: "{core.PARTS}:HillClimber"}}
generator: llm
llm:
  use: ensemble
"""


class Project:
    """`project/c.yaml` with models.py and notes.txt beside it; the current directory is the one above."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, members: str, *sets: str):
        (self.folder / "c.yaml").write_text(f"{CONFIG}  members: {members}\n")
        return load_config("project/c.yaml", sets)

    def refused(self, members: str, *sets: str) -> str:
        with pytest.raises(ConfigError) as error:
            self.load(members, *sets)
        return str(error.value)


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "models.py").write_text(MODELS)
    (folder / "notes.txt").touch()
    monkeypatch.chdir(tmp_path)
    return Project(folder)


def test_members_are_resolved_as_every_component_is_and_the_resolved_config_loads_again(project):
    config = project.load("[manual, {use: 'models.py:Quiet', weight: 3, notes: notes.txt}]")
    manual, quiet = config.llm.options["members"]
    assert manual == {"use": "manual", "weight": 1, "via": "file", "folder": None, "timeout_s": None}
    here = project.folder
    assert quiet == {"use": f"{here}/models.py:Quiet", "weight": 3, "word": "hm", "notes": f"{here}/notes.txt", "share": 0.5}
    (here / "config.yaml").write_text(to_yaml(config))
    again = load_resolved(here / "config.yaml")
    assert again == config
    llm = make("llm", again.llm)
    assert [type(member).__name__ for member in llm.members()] == ["ManualLLM", "Quiet"]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (
            "[manual, {use: 'models.py:Quiet', wrod: x}]",
            'project/c.yaml:11:46: llm.members[1].wrod: unknown key; did you mean "word"? Valid: word, notes, share. '
            "See: eureka plugins show llm:models.py:Quiet",
        ),
        ("[{use: 'models.py:Quiet', wieght: 2}]", 'project/c.yaml:11:38: llm.members[0].wieght: unknown key; did you mean "weight"?'),
        ("[{use: 'models.py:Quiet', share: 2}]", "project/c.yaml:11:38: llm.members[0].share: 2 is not ≤ 1.0."),
        ("[{use: 'models.py:Quiet', weight: 0}]", "project/c.yaml:11:38: llm.members[0].weight: 0 is not ≥ 1."),
        ("[{use: 'models.py:Quiet', weight: 1.5}]", "llm.members[0].weight: 1.5 is not a whole number."),
        ("[{use: 'models.py:Quiet', notes: note.txt}]", 'llm.members[0].notes: project/note.txt: no such file; did you mean "notes.txt"?'),
        ("[{use: 'models.py:Quite'}]", 'llm.members[0]: "project/models.py:Quite" has no class Quite; did you mean "Quiet"?'),
        ("[manaul]", 'project/c.yaml:11:13: llm.members[0]: "manaul" is not an llm; did you mean "manual"? Installed: '),
        ("[{weight: 2}]", "project/c.yaml:11:13: llm.members[0].use: is missing: Its name, `module:Class` or `FILE.py:Class`."),
        ("[3]", "llm.members[0]: 3 is not a mapping"),
        ("[]", "project/c.yaml:11:3: llm.members: is empty; name the models that answer."),
        ("manual", 'llm.members: "manual" is not a list.'),
        (
            "[{use: ensemble, members: [manual]}]",
            'llm.members[0]: "ensemble" is made of components and cannot be inside of another; name its members there.',
        ),
    ],
)
def test_a_mistake_in_a_member_is_told_with_its_place(project, members, expected):
    text = project.refused(members)
    assert expected in text
    assert "\n" not in text


def test_all_mistakes_are_told_at_once(project):
    lines = project.refused("[{use: manual, via: phone}, nobody]").splitlines()
    assert [line.split(": ")[1] for line in lines] == ["llm.members[0].via", "llm.members[1]"]


def test_members_given_by_set_are_relative_to_the_current_directory(project, tmp_path):
    (tmp_path / "other.py").write_text(MODELS)
    config = project.load("[manual]", "llm.members=[{use: 'other.py:Quiet', notes: project/notes.txt}]")
    (member,) = config.llm.options["members"]
    assert (member["use"], member["notes"]) == (f"{tmp_path}/other.py:Quiet", f"{tmp_path}/project/notes.txt")


@pytest.mark.parametrize("key", ["llm.members[1].notes", "llm.members.1.notes"])
def test_an_option_of_one_member_may_be_set(project, tmp_path, key):
    (tmp_path / "my.txt").touch()
    members = "[manual, {use: 'models.py:Quiet', weight: 3}]"
    manual, quiet = project.load(members, f"{key}=my.txt").llm.options["members"]
    assert manual["use"] == "manual" and quiet["weight"] == 3 and quiet["notes"] == f"{tmp_path}/my.txt"
    config = project.load(members)
    changed, ((what, old, new),) = apply_changes(config, [f"{key}=my.txt"])
    assert what == "llm.members" and old == config.llm.options["members"] and new[1] == quiet
    assert changed.llm.options["members"] == [manual, quiet] and config.llm.options["members"][1]["notes"] != quiet["notes"]


@pytest.mark.parametrize("key", ["llm.members[2].word", "llm.members.-1.word", "llm.members.x"])
def test_a_member_that_is_not_there_cannot_be_set(project, key):
    said = (
        f"--set {key}=hm: llm.members is a list. Its items: llm.members[0], llm.members[1]; or set it as a whole: --set 'llm.members=[…]'."
    )
    assert project.refused("[manual, 'models.py:Quiet']", f"{key}=hm") == said


def test_a_resumed_run_may_have_other_members(project, tmp_path):
    config = project.load("[manual, 'models.py:Quiet']")
    changed, changes = apply_changes(config, ["llm.members=[{use: manual, weight: 4}]"])
    assert [(key, new) for key, _, new in changes] == [("llm.members", [{**config.llm.options["members"][0], "weight": 4}])]
    (tmp_path / "config.yaml").write_text(to_yaml(changed))
    assert load_resolved(tmp_path / "config.yaml") == changed
    with pytest.raises(ConfigError, match=r'--set .*: llm\.members\[0\]\.vai: unknown key; did you mean "via"\?'):
        apply_changes(config, ["llm.members=[{use: manual, vai: file}]"])


# ── In a run ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def reciting(fake, name, *texts):
    (fake.folder / f"{name}.json").write_text(json.dumps([list(texts)]))
    return {"use": f"{core.PARTS}:RecitingLLM", "answers": f"{name}.json", "log": str(fake.folder / f"{name}.log")}


def test_neither_a_person_nor_a_recording_is_asked_for_a_trial(fake):
    (fake.folder / "a.txt").write_text(core.SMALL)
    fake.settings["llm"] = {"use": "ensemble", "members": ["manual", {"use": "replay", "from": "."}, reciting(fake, "near", core.NEAR)]}
    checked = fake.eureka("check", fake.write(), "--online")
    assert checked.returncode == 0, checked.stderr
    online = [line.strip() for line in checked.stdout.splitlines() if "Online" in line]
    assert online[:2] == ["Online: ManualLLM asks no provider", "Online: ReplayLLM asks no provider"]
    assert "answered (10 + 5 tokens" in online[2]


def test_the_journal_says_who_wrote_what_and_a_resumed_run_deals_as_one_that_was_not_interrupted(fake):
    replies = fake.folder / "replies"
    replies.mkdir()
    (replies / "a.txt").write_text(core.SMALL)
    members = [{**reciting(fake, "near", core.NEAR), "weight": 2}, {"use": "replay", "from": "replies"}]
    fake.settings["llm"] = {"use": "ensemble", "members": members}
    done = fake.run(search={"iterations": 2, "samples": 3, "retest": 0}, final={"seeds": 0})
    assert done.returncode == 0, done.stderr
    wrote = {(c["iteration"], c["sample"]): (c["provider"], c["text"]) for c in fake.journal("completion")}
    assert Counter(provider.rpartition(":")[2] for provider, _ in wrote.values()) == {"RecitingLLM": 4, "replay": 2}
    assert {text for provider, text in wrote.values() if provider == "replay"} == {core.SMALL}

    again = fake.folder / "again"
    shutil.copytree(fake.run_dir, again)
    lines = (again / "journal.jsonl").read_text().splitlines(keepends=True)
    cut = next(number for number, line in enumerate(lines) if '"kind":"completion"' in line) + 1
    (again / "journal.jsonl").write_text("".join(lines[:cut]))
    resumed = fake.eureka("resume", again)
    assert resumed.returncode == 0, resumed.stderr
    assert {(c["iteration"], c["sample"]): (c["provider"], c["text"]) for c in fake.journal("completion", again)} == wrote
