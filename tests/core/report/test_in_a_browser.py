"""The page in a real browser: what a click shows, what hostile text may not do, and that it fits a phone."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from eureka.config import load_config

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: apt-get install chromium")]
_here = sys.modules["tests.core.report.conftest"]


class Opened:
    """The page from disk, and everything the browser said or fetched."""

    def __init__(self, browser, file: Path, **context) -> None:
        self.tab = browser.new_context(color_scheme="light", **context).new_page()
        self.tab.set_default_timeout(120_000)  # a busy machine takes long to read 5 MB of script
        self.said: list[str] = []
        self.fetched: list[str] = []
        self.tab.on("console", lambda message: self.said.append(message.text))
        self.tab.on("pageerror", lambda error: self.said.append(str(error)))
        self.tab.on("request", lambda request: self.fetched.append(request.url))
        self.tab.goto(file.as_uri())
        self.tab.wait_for_selector("#search .main-svg")


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        # Root has no sandbox to give; the page under test is our own.
        yield driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if os.geteuid() == 0 else [])


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A run with a hostile answer and much else that is hostile."""
    fake = sys.modules["tests.core.conftest"].Fake(tmp_path_factory.mktemp("browser"))
    made, hostile = _here.Made(fake.run_dir, load_config(str(fake.write()))), _here.HOSTILE
    best = made.candidate(0, 0, 0.9, text=hostile, code=f"def compute_reward(x):\n    return x, {{'x': x}}  # {hostile}", names=(hostile,))
    made.candidate(0, 1, text=hostile, wrong=hostile)
    made.candidate(1, 0, 0.5, parents=(best,))
    made.reflection(1, best, hostile)
    made.final(best)
    made.left("interrupted", hostile)
    path = fake.folder / "report.html"
    path.write_text(made.html(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def opened(browser, file):
    return Opened(browser, file)


def test_a_click_shows_an_answer_and_hostile_text_does_nothing(opened, file):
    tab, title = opened.tab, opened.tab.title()
    assert "def compute_reward(x):" in tab.inner_text("#rewards")
    for id_ in ("r0i0s00", "r0i0s01"):
        tab.click(f"button.open[data-id={id_}]")
        tab.click("#details summary:text('Answer')")
        tab.click("#details summary:text('Prompt')")
        answer = tab.inner_text("#details .answer")
        assert answer.startswith("Here: </script><img src=x onerror=\"document.title='owned'\"><script>")
        assert "Write one." in tab.inner_text("#details .message")
        assert tab.inner_text("#details h2") == id_
        tab.click("#close")
    assert tab.title() == title and "owned" not in title
    assert tab.locator("img").count() == 0 and tab.locator("script").count() == 3
    assert opened.said == [] and opened.fetched == [file.as_uri()]


def test_a_point_of_the_search_opens_its_candidate(opened):
    tab = opened.tab
    point = tab.locator("#search [data-figure=search] .scatterlayer .points path.point").first
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.wait_for_selector("#details[open]")
    assert tab.inner_text("#details h2").startswith("r0i")
    tab.keyboard.press("Escape")
    assert not tab.is_visible("#details")


def test_the_list_is_filtered_and_sorted(opened):
    ids = "[...document.querySelectorAll('#list tbody tr:not([hidden]) .open')].map((node) => node.dataset.id)"
    assert opened.tab.evaluate(ids) == ["r0i0s00", "r0i0s01", "r0i1s00"]
    opened.tab.click("#filters button:text('rejected 1')")
    opened.tab.click("#list th:text('fitness')")
    opened.tab.click("#list th:text('fitness')")
    assert opened.tab.evaluate(ids) == ["r0i1s00", "r0i0s00"]


def test_the_system_decides_on_light_or_dark_until_the_switch_is_used(opened):
    tab, colour = opened.tab, "getComputedStyle(document.body).backgroundColor"
    light = tab.evaluate(colour)
    tab.emulate_media(color_scheme="dark")
    dark = tab.evaluate(colour)
    assert light != dark
    tab.click("#theme")
    assert tab.evaluate(colour) == light
    tab.click("#theme")
    assert tab.evaluate(colour) == dark


def test_a_script_that_got_into_the_page_all_the_same_would_not_run_and_a_phone_has_room_for_it(browser, file, tmp_path):
    marked = tmp_path / "marked.html"
    smuggled = "<img src='x' onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    marked.write_text(file.read_text(encoding="utf-8").replace("</header>", f"</header>{smuggled}", 1), encoding="utf-8")
    opened = Opened(browser, marked, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    assert "owned" not in opened.tab.title() and any("Content Security Policy" in line for line in opened.said)
    assert opened.tab.evaluate("document.documentElement.scrollWidth") == 390
    opened.tab.tap("button.open[data-id=r0i0s00]")
    assert opened.tab.locator("#details").bounding_box()["width"] == 390


def test_the_clip_plays_under_the_policy(browser, tmp_path):
    pytest.importorskip("av", reason="needs PyAV: pip install av")
    fake = sys.modules["tests.core.conftest"].Fake(tmp_path)
    made = _here.Made(fake.run_dir, load_config(str(fake.write())))
    made.clip(made.candidate(0, 0, 0.9), steps=50)
    file = fake.folder / "report.html"
    file.write_text(made.html(), encoding="utf-8")
    opened = Opened(browser, file)
    if not opened.tab.evaluate("document.createElement('video').canPlayType('video/mp4; codecs=avc1.64001e')"):
        pytest.skip("this browser was built without H.264")
    assert "fitness 0.9 after 50 steps" in opened.tab.inner_text("#clip figcaption")
    assert opened.tab.is_visible("#clip video") and opened.tab.evaluate("document.querySelector('#clip video').muted")
    seen = "new Promise((done) => { video.ontimeupdate = () => { if (video.currentTime > 0.5) done(); }; })"
    opened.tab.evaluate(f"async () => {{ const video = document.querySelector('#clip video'); await video.play(); await {seen}; }}")
    size = opened.tab.evaluate(
        "(({ videoWidth, videoHeight, duration }) => [videoWidth, videoHeight, duration])(document.querySelector('#clip video'))"
    )
    assert size == [64, 48, pytest.approx(51 / 25, abs=0.05)]
    assert opened.said == [] and [url for url in opened.fetched if not url.startswith("data:")] == [file.as_uri()]
