"""Who is let in."""

from __future__ import annotations

import pytest

from eureka_human.web.key import key_of

PAGES = ("/", "/name", "/question/r0i0.pair0", "/more", "/tell", "/said", "/clip/abc", "/now", "/static/page.css", "/nothing")


@pytest.fixture
def asked(made):
    made.ask("r0i0.pair0", "r0i0s00", "r0i0s01")
    return made


@pytest.mark.parametrize("path", PAGES)
def test_a_foreign_host_is_refused_everywhere(asked, page, path):
    ann = page("ann")
    for host in ("evil.example", "127.0.0.1.evil.example:8123", "localhost@evil.example", "[::1", "", "127.0.0.1/"):
        answer = ann.get(path, headers={"Host": host})
        assert answer.status_code == 400 and "--allow-host" in answer.text, host
    assert ann.get("/", headers={"Host": "localhost:9000"}).status_code == 200  # the other end of a tunnel


@pytest.mark.parametrize("path", [path for path in PAGES if not path.startswith("/static/")])
def test_without_the_token_nothing_is_shown(asked, page, path):
    stranger = page(token="")
    for answer in (stranger.get(path), stranger.get(path, params={"token": "a" * 43}), stranger.get(path, params={"token": ""})):
        assert answer.status_code == 403 and "eureka feedback DIR" in answer.text and "set-cookie" not in answer.headers
    for value in ("", "x", "é", key_of(asked.dir).token):
        assert stranger.get(path, headers={"Cookie": f"{key_of(asked.dir).cookie}={value}".encode()}).status_code == 403


def test_the_token_becomes_a_cookie_that_scripts_and_other_sites_do_not_get(made, page):
    stranger = page(token="")
    answer = stranger.get("/", params={"token": key_of(made.dir).token})
    assert key_of(made.dir).token not in answer.text and 'content="0; url=/"' in answer.text
    assert {"HttpOnly", "SameSite=strict"} <= {*answer.headers["set-cookie"].split("; ")}
    assert key_of(made.dir).token not in answer.headers["set-cookie"]
    assert stranger.get("/name").status_code == 200


def test_a_form_of_another_page_changes_nothing(asked, page):
    ann, path = page("ann"), "/question/r0i0.pair0"
    ours = {"Origin": "http://127.0.0.1:8123", "Sec-Fetch-Site": "same-origin"}
    for wrong in (
        {"Origin": "http://127.0.0.1:9000"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
    ):
        answer = ann.fill(path, headers=ours | wrong, choice="left")
        assert answer.status_code == 403 and "another page" in answer.text, wrong
    for key in ("", "x" * 64, page(token="").cookies.get("x", "é")):
        answer = ann.post(path, data={"key": key, "choice": "left"}, headers=ours)
        assert answer.status_code == 403 and "not of this page" in answer.text
    assert asked.said() == []
    assert ann.fill(path, headers=ours, choice="left").status_code == 303 and len(asked.said()) == 1


def test_only_a_form_that_was_posted_answers(asked, page):
    ann = page("ann")
    for path in ("/question/r0i0.pair0", "/more", "/tell"):
        fields = {"key": ann.key(), "choice": "left", "text": "x", "nothing": "1"}
        assert ann.head(path, params=fields).status_code == ann.get(path, params=fields).status_code == 200
        assert ann.put(path, data=fields).status_code == 405
    assert asked.said() == []


def test_every_page_says_what_a_browser_may_not_do(asked, page):
    ann = page("ann")
    for path in PAGES:
        headers = ann.get(path).headers
        assert headers["x-frame-options"] == "DENY" and headers["x-content-type-options"] == "nosniff"
        assert "'unsafe" not in headers["content-security-policy"] and headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"


def test_a_body_without_end_is_not_read(asked, page):
    ann = page("ann")
    answer = ann.fill("/tell", text="a" * 1_000_000)
    assert answer.status_code == 413 and asked.said() == []


def test_the_token_is_its_owners_alone_and_is_made_once(made):
    first, path = key_of(made.dir), made.dir / "feedback" / "token"
    assert path.stat().st_mode & 0o777 == 0o600 and key_of(made.dir).token == first.token
    path.write_text("half")
    second = key_of(made.dir)
    assert second.token not in ("half", first.token) and key_of(made.dir).session == second.session
    assert [one.name for one in path.parent.iterdir() if one.name.endswith(".part")] == []
