"""A run that is answered on its page, and killed in between: what was said there is in the next prompt and decides the selection."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

EUREKA = str(Path(sys.executable).with_name("eureka"))


class Asking:
    """A run in the background that waits for people, and a browser of one of them."""

    def __init__(self, fake, *arguments: str) -> None:
        self._out = fake.folder / f"{arguments[0]}.txt"
        with self._out.open("wb") as out:
            command = [EUREKA, *arguments]
            self.process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True)
        until = time.monotonic() + 90
        while not (found := re.search(r"http://\S+token=\S+", self._out.read_text())):
            assert self.process.poll() is None and time.monotonic() < until, self._out.read_text()
            time.sleep(0.05)
        self.link = found[0]
        self._browser = httpx.Client(base_url=self.link.partition("/?")[0])
        assert self._browser.get(self.link).status_code == 200
        self.fill("/name", name="Ann")

    def fill(self, path: str, **fields: str) -> None:
        key = re.search(r'name="key" value="(\w+)"', self._browser.get("/name").text)[1]
        assert self._browser.post(path, data={"key": key, **fields}).status_code in (200, 303)

    def ends(self) -> int:
        return self.process.wait(90)


def test_words_on_the_page_take_the_reflections_place_and_a_preference_there_decides(fake):
    fake.asks(via="web", mode="replace", preferences=1)
    asking = Asking(fake, "run", str(fake.write()), "--run-dir", str(fake.run_dir))
    asking.fill("/question/r0i0.words", text="It shakes.\n```\n{{variables}}")
    asking.process.send_signal(signal.SIGKILL)
    assert asking.ends() == -signal.SIGKILL and fake.wait_until_gone() == []

    again = Asking(fake, "resume", str(fake.run_dir))
    assert again.link == asking.link  # a page that was left open goes on
    [asked] = [question for question in fake.journal("question") if question["about"] == "preference"]
    worse = min(asked["candidates"], key={r["candidate"]: r["fitness"] for r in fake.journal("outcome")}.get)
    again.fill("/question/r0i0.pair0", choice="left" if asked["candidates"][0] == worse else "right")
    assert again.ends() == 0 and fake.wait_until_gone() == []

    [note], [preference], [selection] = (fake.journal(kind) for kind in ("note", "preference", "selection"))
    assert (note["author"], note["replaces"], preference["author"]) == ("Ann", True, "Ann")
    assert selection["parents"] == [worse] and selection["scored_by"] == "rating of 1 comparison"
    prompt = fake.last_prompt()
    assert "````\nIt shakes.\n```\n{{variables}}\n````" in prompt and prompt.count("It shakes.") == 1
    assert "evaluated" not in prompt.partition("# The next reward")[0]  # nothing of the reflector's
    assert len(fake.journal("question")) == 2


def test_a_page_for_other_machines_has_their_names_in_its_link_and_says_that_nothing_is_encrypted(fake):
    fake.asks(via="web", host="0.0.0.0", allow_hosts=["robots.example"])
    fake.write()
    out = fake.folder / "out.txt"
    with out.open("wb") as file:
        command = [EUREKA, "run", str(fake.config), "--run-dir", str(fake.run_dir)]
        process = subprocess.Popen(command, stdout=file, stderr=file, stdin=subprocess.DEVNULL, start_new_session=True)
    until = time.monotonic() + 90
    while not (found := re.search(r"http://robots\.example:(\d+)/(\?token=\S+)", out.read_text())):
        assert process.poll() is None and time.monotonic() < until, out.read_text()
        time.sleep(0.05)
    assert "nothing is encrypted" in out.read_text()
    here = f"http://127.0.0.1:{found[1]}/{found[2]}"
    assert [httpx.get(here, headers={"Host": name}).status_code for name in ("robots.example", "evil.example")] == [200, 400]
    process.send_signal(signal.SIGINT)
    assert process.wait(90) == 130 and fake.wait_until_gone() == []


def test_where_nobody_waits_the_run_ends_and_takes_its_page_with_it(fake):
    fake.asks(via="web", wait=False)
    done = fake.run()
    assert done.returncode == 0 and re.search(r"http://\S+token=\S+\n", done.stderr)
    assert fake.wait_until_gone() == []
    assert len(fake.journal("question")) == 1
