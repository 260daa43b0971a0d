"""Who is let in: known Host headers, the token or the cookie it was changed for, and no form of another site's page."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from eureka_human.web.key import Key, same
from eureka_human.web.pages import page

LOOPBACK = ("localhost", "127.0.0.1", "::1")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'"
)
_HEADERS = {
    "Content-Security-Policy": f"{_POLICY}; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # To no other site. `no-referrer` would make browsers hide the origin of the page's own forms, by which they are told from forged ones.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Gate:
    """ASGI middleware around the whole application.

    hosts: names a Host header may have, in lower case. Ports do not matter: a tunnel has another one, and what is to be kept out is a
    name of somebody else's that leads here.
    """

    def __init__(self, app: ASGIApp, key: Key, hosts: Iterable[str]) -> None:
        self._app, self._key, self._hosts = app, key, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await (self._refusal(scope) or self._app)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        """What is answered in the application's place; None for whom it may answer."""
        headers = Headers(scope=scope)
        if _name(headers.get("host", "")) not in self._hosts:
            return page("refused.html", 400, why="host")
        if scope["path"].startswith("/static/"):
            return None
        if given := parse_qs(scope["query_string"].decode("latin-1")).get("token"):
            return self._enter() if same(given[0], self._key.token) else page("refused.html", 403, why="token")
        if not same(cookie_parser(headers.get("cookie", "")).get(self._key.cookie, ""), self._key.session):
            return page("refused.html", 403, why="token")
        if scope["method"] not in ("GET", "HEAD") and _from_elsewhere(headers):
            return page("refused.html", 403, why="origin")
        return None

    def _enter(self) -> ASGIApp:
        """Gives the cookie. The page goes on by itself, not by a redirect: whoever followed a link in a mail would come without it."""
        response = page("enter.html", 200)
        response.set_cookie(self._key.cookie, self._key.session, httponly=True, samesite="strict", max_age=365 * 86400)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


def _name(host: str) -> str:
    """Of a Host header, without its port; empty where it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "") if not set(host) & set("/?#@\\ ") else ""
    except ValueError:
        return ""


def _from_elsewhere(headers: Headers) -> bool:
    """Whether the browser says that a page of another origin sends this. Another port of this machine is one, with our cookies."""
    origin = headers.get("origin")
    return headers.get("sec-fetch-site", "same-origin") != "same-origin" or (
        origin is not None and origin.partition("://")[2].lower() != headers["host"].lower()
    )
