"""What the pages show, and what becomes of answers."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from eureka.types import ComponentSpec, Note, Session

from .conftest import HOSTILE, Run


@pytest.fixture
def asked(made):
    made.ask("r0i0.pair0", "r0i0s00", "r0i0s01")
    made.ask("r0i0.words", "r0i0s02", "r0i0s01")
    return made


def test_a_preference_is_a_record_of_who_and_what(asked, page):
    ann = page("ann")
    assert "Which does it better?" in ann.get("/").text
    answer = ann.fill("/question/r0i0.pair0", choice="both_bad")
    assert answer.headers["location"] == "/?said=r0i0.pair0"
    expected = {"author": "ann", "left": "r0i0s00", "right": "r0i0s01", "choice": "both_bad", "question": "r0i0.pair0"}
    assert asked.said() == [expected]
    assert "What is good, and what is bad?" in ann.get("/").text  # before the run has taken it


def test_words_are_kept_as_they_were_written_and_no_words_are_an_answer_too(asked, page):
    ann, bob = page("ann"), page("bob")
    ann.fill("/question/r0i0.words", text="It leans.\r\n\n  Left!\x00\u202e ")
    bob.fill("/question/r0i0.words", text="overlooked", nothing="1")
    asked_for = {"question": "r0i0.words", "replaces": False}
    assert asked.said() == [{"author": "ann", "text": "It leans.\n\n  Left!", **asked_for}, {"author": "bob", "text": "", **asked_for}]


def test_a_form_that_says_nothing_says_what_to_do_and_keeps_nothing(asked, page):
    ann = page("ann")
    for path, fields in (("/question/r0i0.words", {"text": "  "}), ("/question/r0i0.pair0", {"choice": "middle"}), ("/tell", {"text": ""})):
        answer = ann.fill(path, **fields)
        assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert ann.fill("/name", name=" \u202e ").status_code == 422
    assert asked.said() == []


def test_where_words_replace_the_reflection_the_record_says_so(tmp_path):
    from eureka_human.web.live_run import LiveRun

    run = Run(tmp_path, feedback=(ComponentSpec(use="human", options={"mode": "replace"}),))
    assert LiveRun(run.dir).now().replaces


def test_a_later_answer_takes_the_earlier_ones_place(asked, page):
    ann = page("ann")
    for choice in ("left", "left", "right"):  # the second as a browser sends it again after a broken connection
        ann.fill("/question/r0i0.pair0", choice=choice)
    assert [one["choice"] for one in asked.said()] == ["left", "right"]
    said = ann.get("/said").text
    assert "right is better" in said and "left is better" not in said
    assert 'value="right" data-keys="ArrowRight" aria-pressed="true"' in ann.get("/question/r0i0.pair0").text


def test_everybody_sees_what_they_have_not_answered_themselves(asked, page):
    ann, bob = page("ann"), page("bob")
    ann.fill("/question/r0i0.pair0", choice="left")
    assert "What is good" in ann.get("/").text and "Which does it better?" in bob.get("/").text
    bob.fill("/question/r0i0.pair0", choice="right")
    asked.collect()  # the run takes both
    assert "What is good" in ann.get("/").text and "What is good" in bob.get("/").text
    for who in (ann, bob):
        who.fill("/question/r0i0.words", nothing="1")
        assert "No open question" in who.get("/").text
    assert {(one["author"], one["question"]) for one in asked.said()} == {("ann", "r0i0.words"), ("bob", "r0i0.words")}


def test_the_latest_iteration_comes_first_and_a_blind_comparison_before_words(asked, page):
    asked.ask("r0i1.words", "r0i0s00", iteration=1)
    asked.ask("r0i1.pair0", "r0i0s02", "r0i0s01", iteration=1)
    ann, seen = page("ann"), []
    for _ in range(4):
        action = ann.get("/").text.partition('action="/question/')[2].partition('"')[0]
        seen.append(action)
        ann.fill(f"/question/{action}", choice="tie", nothing="1")
    assert seen == ["r0i1.pair0", "r0i1.words", "r0i0.pair0", "r0i0.words"]


def test_a_half_written_line_of_the_journal_breaks_nothing(asked, page):
    ann, journal = page("ann"), asked.dir / "journal.jsonl"
    for pair in ("r0i0.pair0", "r0i0.words"):
        ann.fill(f"/question/{pair}", choice="tie", nothing="1")
    stamp = ann.get("/now").json()["stamp"]
    asked.ask("r0i0.pair1", "r0i0s02", "r0i0s01")
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-9])
    assert "No open question" in ann.get("/").text and ann.get("/now").json()["stamp"] == stamp
    journal.write_bytes(whole)
    assert "Which does it better?" in ann.get("/").text and ann.get("/now").json()["stamp"] != stamp


def test_a_run_that_is_over_says_how_it_goes_on_and_what_is_told_is_kept(asked, page):
    asked.append(Session(event="ended", time=1e9 + 99))
    ann = page("ann")
    for question in ("r0i0.pair0", "r0i0.words"):
        ann.fill(f"/question/{question}", choice="tie", nothing="1")
    shown = ann.get("/").text
    assert f"eureka resume {asked.dir}\n" in shown.replace("<", "\n") and "not going on" in shown
    asked.append(*(record for record in asked.candidate(4, iteration=1)), Session(event="ended", time=1e9 + 100))
    assert f"eureka resume {asked.dir} --set search.iterations=3" in ann.get("/").text
    assert ann.fill("/tell", text="Days later.").headers["location"] == "/said"
    assert "Days later." in ann.get("/said").text and asked.said()[-1]["question"] == ""


def test_a_comparison_shows_nothing_that_tells_the_policies_apart(asked, page):
    asked.ask("r0i0.pair1", "r0i0s03", "r0i0s02")
    ann = page("ann")
    for path in ("/question/r0i0.pair0", "/question/r0i0.pair1", "/more"):
        shown = ann.get(path).text
        assert "Which does it better?" in shown
        assert not any(word in shown for word in ("r0i0s", "731.", "732.", "733.", "734.", "compute_reward", "near", "candidates/"))


def test_pairs_nobody_asked_for_can_be_compared_too(made, page):
    ann, seen = page("ann"), []
    for _ in range(2):
        shown = ann.get("/more").text
        left, right = (shown.partition(f'name="{side}" value="')[2].partition('"')[0] for side in ("left", "right"))
        assert ann.fill("/more", left=left, right=right, choice="left").headers["location"] == "/more"
        seen.append((made.said()[-1]["left"], made.said()[-1]["right"], made.said()[-1]["question"]))
    assert seen == [("r0i0s00", "r0i0s01", ""), ("r0i0s00", "r0i0s02", "")]
    for wrong in ("", "r0i0s00", right):
        assert ann.fill("/more", left=wrong, right=right, choice="left").status_code == 400
    assert len(made.said()) == 2
    for _ in range(4):  # of four candidates there are six pairs
        shown = ann.get("/more").text
        left, right = (shown.partition(f'name="{side}" value="')[2].partition('"')[0] for side in ("left", "right"))
        ann.fill("/more", left=left, right=right, choice="tie")
    made.ask("r0i0.words", "r0i0s00")
    shown = ann.get("/more").text
    assert "No further pair to compare" in shown and "Answer 1 open question<" in shown
    assert "Which does it better?" in page("bob").get("/more").text  # what others compared, too


def test_where_there_is_no_video_its_reason_and_an_episode_are_shown(asked, page):
    asked.ask("r0i1.pair0", "r0i0s03", "r0i0s02", iteration=1)
    shown = page("ann").get("/").text
    assert "No video: … cannot be drawn" in shown and shown.count("<video") == 1
    assert shown.count("<figcaption>x</figcaption>") == 2 and "prev_x" not in shown and shown.count("<polyline") == 6
    assert shown.count('x: between 10 and 76, from 1 to 10 steps"') == 0  # nobody's own range: the same for both
    assert shown.count('aria-label="x: between 30 and 76, from 1 to 10 steps"') == 2
    asked.ask("r0i2.words", "r0i0s03", iteration=2)
    (asked.dir / "candidates/r0i0s03/training/0/transitions.npz").write_bytes(b"broken")
    shown = page("bob").get("/").text
    assert "No video" in shown and "fitness 734.2" in shown and "one episode" not in shown


def test_a_video_comes_by_ranges(asked, page):
    ann = page("ann")
    link = ann.get("/question/r0i0.pair0").text.partition('<video src="')[2].partition('"')[0]
    whole, part = ann.get(link), ann.get(link, headers={"Range": "bytes=4-7"})
    assert whole.headers["content-type"] == "video/mp4" and whole.content == (asked.dir / "feedback/r0i0s00/clip.mp4").read_bytes()
    assert (part.status_code, part.content) == (206, whole.content[4:8])
    assert ann.get("/clip/r0i0s00").status_code == 404


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_hostile_text_is_text_everywhere(tmp_path):
    from eureka_human.web.app import App
    from eureka_human.web.gate import LOOPBACK
    from eureka_human.web.key import key_of

    from .conftest import Browser

    run = Run(tmp_path, describe=HOSTILE, code=f"def compute_reward(x):\n    return x, {{}}  # {HOSTILE}\n", component=HOSTILE)
    run.ask("r0i0.words", "r0i0s03", "r0i0s00")
    run.ask("r0i0.pair0", "r0i0s03", "r0i0s00")
    run.append(Note(id="n", author=HOSTILE, text=HOSTILE, time=1e9, question="nobody asked"))
    key = key_of(run.dir)
    eve = Browser(App(run.dir, key).asgi(LOOPBACK), key.token, HOSTILE)
    eve.fill("/question/r0i0.words", text=HOSTILE)
    eve.fill("/tell", text=HOSTILE)
    eve.fill("/question/r0i0.pair0", choice=HOSTILE)
    for path in ("/", "/name", "/question/r0i0.words", "/question/r0i0.pair0", "/said", "/tell", "/more", "/?said=" + HOSTILE):
        shown = eve.get(path)
        assert shown.status_code == 200, path
        tags = _Tags(shown.text).found
        assert [attributes.get("src") for tag, attributes in tags if tag == "script"] == ["/static/page.js"]
        assert not any(tag in ("img", "b") and attributes != {"class": "count"} for tag, attributes in tags)
        assert not any(name.startswith("on") or name == "style" for _, attributes in tags for name in attributes)
    said = eve.get("/said").text
    assert "&lt;script&gt;" in said and "{{ 7 * 7 }}" in said


def test_what_is_not_there_and_a_run_that_cannot_be_read_are_said_in_words(asked, page):
    ann = page("ann")
    for path in ("/question/r9i9.words", "/nowhere", "/clip/x"):
        answer = ann.get(path)
        assert answer.status_code == 404 and "Back to the questions" in answer.text
    journal = asked.dir / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole.replace(b'"kind":"candidate"', b'"kind":"nonsense"', 1))
    assert ann.get("/").status_code == 503 and "this line is no record" in ann.get("/").text
    journal.write_bytes(whole)
    assert ann.get("/").status_code == 200
