"""The page of a suite in a real browser: plots are drawn, hostile text does nothing, links lead to the runs, and it fits a phone."""

from __future__ import annotations

import os
import shutil

import pytest

from eureka.suite.writing import write

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: apt-get install chromium")]
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


def test_the_page_draws_its_plots_leads_to_the_runs_and_fits_a_phone(made):
    made.ran("inverted_double_pendulum", found=(0.7, 0.8) * 2, human=(0.5, 0.52) * 2, sparse=(0.1, 0.12) * 2)
    made.ran("cheetah", found=(0.4, 0.45) * 2, human=(0.5, 0.52) * 2, sparse=(0.1, 0.12) * 2, correlation=-0.9, message=HOSTILE)
    made.ran(HOSTILE.replace("/", ""), correlation=None)
    (made.dir / "cheetah" / "report.html").write_text("<title>the run</title>")
    write(made.suite(), made.rows())
    with playwright.sync_playwright() as driver:
        # Root has no sandbox to give; the page under test is our own.
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        tab = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, color_scheme="dark").new_page()
        tab.set_default_timeout(120_000)  # a busy machine takes long to read 5 MB of script
        said, fetched = [], []
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("request", lambda request: fetched.append(request.url))
        tab.goto((made.dir / "suite.html").as_uri())
        tab.wait_for_selector("#correlations .main-svg .points path.point")
        assert tab.locator("#scores .points path.point").count() == 3 and tab.locator("#correlations .points path.point").count() == 2
        assert "inverted_double_pendulum" in tab.inner_text("#correlations")
        assert tab.evaluate("document.documentElement.scrollWidth") == 390
        assert "owned" not in tab.title() and tab.locator("img").count() == 0
        assert said == [] and fetched == [(made.dir / "suite.html").as_uri()]
        tab.click("#tasks a:text('cheetah')")
        assert tab.title() == "the run"
        browser.close()
