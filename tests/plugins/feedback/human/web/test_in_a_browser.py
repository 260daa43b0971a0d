"""The page in a real browser, driven as people drive it."""

from __future__ import annotations

import contextlib
import http.server
import os
import re
import shutil
import signal
import threading
import time

import pytest

from .conftest import HOSTILE

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: apt-get install chromium")]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        arguments = ["--host-resolver-rules=MAP evil.example 127.0.0.1", "--autoplay-policy=no-user-gesture-required"]
        # Root has no sandbox to give; the page under test is our own.
        yield driver.chromium.launch(executable_path=CHROMIUM, args=[*arguments, *["--no-sandbox"] * (os.geteuid() == 0)])


@pytest.fixture
def enter(browser):
    """Opens the link as a new person with a browser of their own; what its console says is in `said`."""
    opened = []

    def person(served, name: str, **context):
        opened.append(browser.new_context(**context))
        tab = opened[-1].new_page()
        tab.set_default_timeout(60_000)  # a busy machine
        tab.said = []
        tab.on("console", lambda message: tab.said.append(message.text))
        tab.on("pageerror", lambda error: tab.said.append(str(error)))
        tab.goto(served.link)
        tab.wait_for_url(f"{served.base}/name")
        tab.fill("#name", name)
        tab.click("button.main")
        tab.wait_for_url(f"{served.base}/")
        return tab

    yield person
    for context in opened:
        context.close()


def until(tab, expression: str) -> None:
    """Waits for it to hold. The browser's own waiting evaluates strings in the page, which the page's policy forbids."""
    end = time.monotonic() + 60
    while True:
        with contextlib.suppress(playwright.Error):  # the page is just changing
            if tab.evaluate(expression):
                return
        assert time.monotonic() < end, expression
        time.sleep(0.05)


def press(tab, key: str) -> None:
    """When the page listens: keys that were meant for the page before are no answer."""
    tab.wait_for_selector(".again")
    time.sleep(0.5)
    tab.keyboard.press(key)


@pytest.fixture
def asked(made):
    for number, pair in enumerate((("r0i0s00", "r0i0s01"), ("r0i0s01", "r0i0s02"), ("r0i0s02", "r0i0s03"))):
        made.ask(f"r0i0.pair{number}", *pair)
    made.ask("r0i0.words", "r0i0s02", "r0i0s03")
    return made


def test_preferences_by_key_and_by_click_and_the_videos_play_together(asked, serve, enter):
    tab = enter(serve(), "ann")
    assert "token" not in tab.url and tab.evaluate("document.cookie") == ""
    both = "[...document.querySelectorAll('video')].every((video) => !video.paused && video.readyState >= 2)"
    until(tab, both)
    times = tab.evaluate("[...document.querySelectorAll('video')].map((video) => video.currentTime)")
    assert abs(times[0] - times[1]) < 0.3
    until(tab, "[...document.querySelectorAll('video')].every((video) => video.ended)")
    until(tab, both)  # once more, from the start
    for answer, count in ((lambda: press(tab, "ArrowRight"), "3"), (lambda: tab.click("button[value=both_bad]"), "2")):
        answer()
        until(tab, f"document.querySelector('.count')?.textContent === '{count}'")
    press(tab, "t")
    tab.wait_for_selector("textarea")
    tab.click("textarea")
    tab.keyboard.type("tb")  # letters, not answers
    assert tab.input_value("textarea") == "tb"
    assert [one["choice"] for one in asked.said()] == ["right", "both_bad", "tie"] and tab.said == []


def test_what_is_typed_outlives_a_reload_and_a_server_that_was_killed_and_nothing_is_lost(made, serve, enter):
    made.ask("r0i0.words", "r0i0s02", "r0i0s03")
    served = serve()
    tab, title = enter(served, HOSTILE), None
    title = tab.title()
    tab.fill("textarea", HOSTILE)
    tab.reload()
    assert tab.input_value("textarea") == HOSTILE
    served.end(signal.SIGKILL)
    with pytest.raises(playwright.Error):
        tab.reload()
    again = serve()
    assert again.link == served.link
    tab.goto(f"{again.base}/")
    assert tab.input_value("textarea") == HOSTILE
    tab.keyboard.press("Tab")
    tab.focus("textarea")
    tab.keyboard.press("Control+Enter")
    tab.wait_for_selector(".told")
    assert len(made.said()) == 1 and made.said()[0]["text"] == HOSTILE.replace("\u202e", "")
    tab.click("text=Change that answer")
    tab.wait_for_selector("textarea")
    assert tab.input_value("textarea") == HOSTILE.replace("\u202e", "")
    tab.goto(f"{again.base}/said")
    assert HOSTILE.replace("\u202e", "") in tab.inner_text("main")
    assert tab.title() == title and "owned" not in title and tab.locator("img").count() == 0


def test_two_people_answer_at_once_on_a_phone_and_a_desk(asked, serve, enter):
    served = serve()
    ann, bob = enter(served, "ann"), enter(served, "bob", color_scheme="dark", **PHONE)
    assert bob.evaluate("document.documentElement.scrollWidth") == 390
    press(ann, "ArrowLeft")
    bob.tap("button[value=right]")
    for tab in (ann, bob):
        tab.wait_for_selector(".told")
        assert tab.inner_text(".count") == "3"
    assert {(one["author"], one["choice"], one["question"]) for one in asked.said()} == {
        ("ann", "left", "r0i0.pair0"),
        ("bob", "right", "r0i0.pair0"),
    }
    bob.goto(f"{served.base}/question/r0i0.words")
    assert bob.evaluate("document.documentElement.scrollWidth") == 390
    buttons = bob.evaluate("[...document.querySelectorAll('button')].map((button) => button.getBoundingClientRect().height)")
    assert min(buttons) >= 44
    colour = "getComputedStyle(document.body).backgroundColor"
    assert ann.evaluate(colour) != bob.evaluate(colour)


def test_a_page_of_another_origin_answers_nothing_in_somebodys_name(asked, serve, enter):
    served = serve()
    tab = enter(served, "ann")
    key = tab.get_attribute("input[name=key]", "value")
    form = (
        f'<form method="post" action="{served.base}/question/r0i0.pair0"><input name="key" value="{key}"><input name="choice" value="left">'
    )

    class Forger(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f"{form}</form><script>document.forms[0].submit()</script>".encode())

        def log_message(self, *_):
            pass

    forger = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forger)
    threading.Thread(target=forger.serve_forever, daemon=True).start()
    try:
        # Of the same machine the browser takes our cookie along, and even the form's secret is right here; from the other not even that.
        for host, expected in (("127.0.0.1", "That came from another page"), ("evil.example", "The link is missing its token")):
            tab.goto(f"http://{host}:{forger.server_port}/")
            tab.wait_for_selector(f"h1:text('{expected}')")
    finally:
        forger.shutdown()
        forger.server_close()
    assert asked.said() == []


def test_a_wrong_token_and_a_foreign_name_are_told_what_to_do(asked, serve, browser):
    served = serve()
    port = served.base.rpartition(":")[2]
    for link, status, said in (
        (served.base, 403, "eureka feedback DIR"),
        (f"{served.base}/?token={'a' * 43}", 403, "eureka feedback DIR"),
        (f"http://evil.example:{port}/{served.link.partition(served.base + '/')[2]}", 400, "--allow-host"),
    ):
        tab = browser.new_page()
        answer = tab.goto(link)
        assert answer is not None and answer.status == status and said in tab.inner_text("main")
        assert "r0i0" not in tab.content()
        tab.close()


def test_new_questions_appear_by_themselves(made, serve, enter):
    tab = enter(serve(), "ann")
    assert "No open question" in tab.inner_text("main")
    made.ask("r0i0.pair0", "r0i0s00", "r0i0s01")
    tab.wait_for_selector("text=Which does it better?")


def test_without_scripts_everything_can_still_be_answered(asked, serve, enter):
    tab = enter(serve(), "ann", java_script_enabled=False)
    for _ in range(3):
        tab.click("button[value=tie]")
        tab.wait_for_selector(".told")
    tab.fill("textarea", "Without a script.")
    tab.click("button.main")
    tab.wait_for_selector("text=No open question")
    assert [one.get("choice", one.get("text")) for one in asked.said()] == ["tie", "tie", "tie", "Without a script."]


def test_what_was_answered_by_mistake_is_answered_anew(asked, serve, enter):
    tab = enter(serve(), "ann")
    press(tab, "ArrowLeft")
    tab.click("text=Change that answer")
    tab.wait_for_selector("button[value=left][aria-pressed=true]")
    press(tab, "ArrowRight")
    tab.wait_for_selector(".told")
    tab.go_back()  # the browser's memory must not answer with an old form
    time.sleep(0.2)
    assert [one["choice"] for one in asked.said()] == ["left", "right"]
    assert re.search("right is better", tab.goto(tab.url.partition("/question")[0].partition("/?")[0] + "/said").text())


def test_a_key_that_was_meant_for_the_page_before_is_no_answer(asked, serve, enter):
    tab = enter(serve(), "ann")
    key = "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'b', bubbles: true }))"
    tab.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {key}; }})")
    tab.reload()
    time.sleep(1)
    assert asked.said() == []
    tab.evaluate(key)
    tab.wait_for_selector(".told")
    assert len(asked.said()) == 1
