"""An HTTP server on loopback that answers each request by the next step of a script, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Payload = dict[str, Any]


@dataclass
class Asked:
    """A request as it came, and when (seconds, monotonic)."""

    path: str
    headers: dict[str, str]
    body: Payload
    time: float = field(default_factory=time.monotonic)


class _HTTPServer(ThreadingHTTPServer):
    request_queue_size = 128  # the usual 5 turns some of sixteen calls at once away


class Reply:
    """What one request is answered with.

    body: JSON, or bytes as they are. cut: close the connection after so many bytes of the body. hang: seconds before the first byte.
    pause: after so many bytes of the body, so many seconds of silence. drip: seconds between one byte of the body and the next.
    """

    def __init__(
        self,
        body: Payload | bytes,
        status: int = 200,
        headers: dict[str, str] | None = None,
        cut: int | None = None,
        hang: float = 0.0,
        pause: tuple[int, float] = (0, 0.0),
        drip: float = 0.0,
    ) -> None:
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status
        self.headers = {"Content-Type": "application/json", **(headers or {})}
        self.cut = cut
        self.hang = hang
        self.pause = pause
        self.drip = drip


class Server:
    """A server in a thread of this process. `script`: replies, or functions of the request, used up one a request; then `default`."""

    def __init__(self, default: Callable[[Asked], Reply], latency: float = 0.0) -> None:
        self.default = default
        self.latency = latency
        self.script: list[Reply | Callable[[Asked], Reply]] = []
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                server.answer(self, Asked(self.path, dict(self.headers), json.loads(raw) if raw else {}))

            do_GET = do_POST

            def log_message(self, *arguments: Any) -> None:
                pass

        self._http = _HTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        with self._lock:
            self.asked.append(asked)
            step = self.script.pop(0) if self.script else self.default
        time.sleep(self.latency)
        reply = step(asked) if callable(step) else step
        time.sleep(reply.hang)
        try:
            handler.send_response(reply.status)
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(reply.body)))
            handler.end_headers()
            body, (first, silence) = reply.body if reply.cut is None else reply.body[: reply.cut], reply.pause
            for one in body if reply.drip else ():
                handler.wfile.write(bytes([one]))
                time.sleep(reply.drip)
            body = b"" if reply.drip else body
            handler.wfile.write(body[:first])
            handler.wfile.flush()
            time.sleep(silence)
            handler.wfile.write(body[first:])
            handler.wfile.flush()
        except OSError:
            return  # the client has left
        if reply.cut is not None:
            handler.close_connection = True

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


def error(status: int, message: str = "no", headers: dict[str, str] | None = None, **fields: Any) -> Reply:
    """An error in the form both OpenAI and Anthropic give it."""
    return Reply({"type": "error", "error": {"message": message, "type": "error", **fields}}, status, headers)
