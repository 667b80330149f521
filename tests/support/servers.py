"""Local HTTP servers for tests: one that serves a folder well, one that misbehaves as told."""

from __future__ import annotations

import mimetypes
import re
import ssl
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

CERTIFICATE = Path(__file__).parents[1] / "data" / "tls" / "localhost.pem"
"""Of 127.0.0.1 and localhost, with its key; clients trust it if SSL_CERT_FILE names it."""

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass(frozen=True)
class Request:
    """What a client asked for; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass
class Site:
    """A running server: where it is and what it was asked."""

    url: str
    requests: list[Request] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """What a route gets: ``self.path``, ``self.headers``, and ``reply`` to answer."""

    protocol_version = "HTTP/1.1"

    def reply(
        self,
        status: int = 200,
        body: bytes = b"",
        *,
        media_type: str = "application/octet-stream",
        headers: Mapping[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        """Send one answer and close. ``length`` lies about the body's length; -1 leaves it out."""
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Connection", "close")
        if length != -1:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def reply_file(self, path: Path) -> None:
        """Send a file as a good static server does: validators, Range, If-Range, 416."""
        data = path.read_bytes()
        modified = formatdate(path.stat().st_mtime, usegmt=True)
        headers = {
            "ETag": f'"{path.stat().st_mtime_ns:x}-{len(data):x}"',
            "Last-Modified": modified,
            "Accept-Ranges": "bytes",
        }
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        wanted = _RANGE.fullmatch(self.headers.get("Range", ""))
        condition = self.headers.get("If-Range")
        if wanted is None or (condition and condition not in (headers["ETag"], modified)):
            self.reply(200, data, media_type=media_type, headers=headers)
            return
        start, end = int(wanted[1]), min(int(wanted[2] or len(data)), len(data) - 1)
        if start > end:
            self.reply(416, headers={"Content-Range": f"bytes */{len(data)}"})
            return
        headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
        self.reply(206, data[start : end + 1], media_type=media_type, headers=headers)

    def log_message(self, format: str, *args: object) -> None:
        """Keep test output quiet."""


Route = Callable[[Handler], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the tests."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def serve(routes: Mapping[str, Route], *, tls: bool = False) -> Iterator[Site]:
    """Serve each path (without its query) with its own function; anything else is 404.

    ``routes`` may still change while the server runs. With ``tls``, over https; see ``CERTIFICATE``.
    """

    def find(handler: Handler) -> None:
        route = routes.get(urlsplit(handler.path).path)
        if route:
            route(handler)
        else:
            handler.reply(404, b"no such page", media_type="text/plain")

    with _running(find, tls) as site:
        yield site


@contextmanager
def serve_folder(path: Path) -> Iterator[Site]:
    """Serve the files of a folder, with Range and If-Range."""
    root = path.resolve()

    def find(handler: Handler) -> None:
        file = (root / unquote(urlsplit(handler.path).path).lstrip("/")).resolve()
        file = file / "index.html" if file.is_dir() else file
        if file.is_file() and file.is_relative_to(root):
            handler.reply_file(file)
        else:
            handler.reply(404, b"no such file", media_type="text/plain")

    with _running(find) as site:
        yield site


@contextmanager
def _running(answer: Route, tls: bool = False) -> Iterator[Site]:
    class Answering(Handler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            site.requests.append(Request(self.command, self.path, headers))
            answer(self)

        do_HEAD = do_GET

    server = _Server(("127.0.0.1", 0), Answering)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    site = Site(f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
