"""A small web server on this machine: it listens where it is told, and sends files.

Players seek by asking for ranges of a file, which Python's own file server does not answer.
Source: RFC 9110, sections 13 (conditional requests) and 14 (ranges).
"""

from __future__ import annotations

import ipaddress
import logging
import os
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from threading import Thread
from types import MappingProxyType
from typing import BinaryIO
from urllib.parse import urlsplit

from inkcast.errors import PublishError
from inkcast.publish.site.media_types import media_type

_LOG = logging.getLogger(__name__)
_CHUNK = 1 << 16
_RANGE = re.compile(r"bytes=[ \t]*(?P<first>\d{0,18})-(?P<last>\d{0,18})[ \t]*", re.IGNORECASE)


class LocalServer(ThreadingHTTPServer):
    """Listens on this machine; ``url`` is where.

    Args:
        handler: answers.
        host: a name or address of this machine; a loopback address answers to its own names only, so that
            no web site can reach in by a name of its own that leads here (DNS rebinding).
        port: 0 takes any that is free.
    Raises:
        PublishError: the port is taken.
    """

    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # elsewhere two servers would share a port

    def __init__(self, handler: type[FileHandler], host: str = "127.0.0.1", port: int = 8000) -> None:
        self.host = host
        try:
            family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            self.address_family = family
            super().__init__((str(address[0]), int(address[1])), handler)
        except (OSError, UnicodeError) as error:
            raise PublishError(
                f"Cannot listen on {host}, port {port}: {getattr(error, 'strerror', None) or error}.",
                "Choose another: --port 0 picks a free one.",
            ) from error
        self.is_loopback = ipaddress.ip_address(str(self.server_address[0]).partition("%")[0]).is_loopback

    @contextmanager
    def running(self) -> Iterator[None]:
        """Answer in a thread of its own until the block ends."""
        thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            thread.join()

    @property
    def url(self) -> str:
        """The address to open."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.server_port}/"

    def server_bind(self) -> None:
        """Bind, without asking a name server what we are called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.host, int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no error; anything else is a defect to see with -v."""
        _LOG.debug("A request failed.", exc_info=True)

    def answers_to(self, host: str | None) -> bool:
        """Whether the request's ``Host`` may be one of ours."""
        if not self.is_loopback:
            return True
        with suppress(ValueError):
            name = urlsplit(f"//{host or ''}").hostname or ""
            return name in ("localhost", self.host) or ipaddress.ip_address(name).is_loopback
        return False


class FileHandler(BaseHTTPRequestHandler):
    """Answers with files and pages; what it sends may not be taken into other sites' pages."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    server: LocalServer

    def version_string(self) -> str:
        """What the Server field says."""
        return "Inkcast"

    def log_message(self, format: str, *args: object) -> None:
        """With -v only."""
        _LOG.debug("%s", format % args)

    def send_file(self, path: Path) -> None:
        """Answer with a file, or a part of one. Raises OSError."""
        with path.open("rb") as file:
            stat = os.fstat(file.fileno())
            etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
            modified = formatdate(stat.st_mtime, usegmt=True)
            headers = {"ETag": etag, "Last-Modified": modified, "Accept-Ranges": "bytes"}
            if self._is_known(etag, stat.st_mtime):
                self._start(HTTPStatus.NOT_MODIFIED, headers)
                return
            part = None
            # Of other methods the field means nothing (RFC 9110, 14.2).
            wanted = self.headers.get("Range") if self.command == "GET" else None
            if wanted and self.headers.get("If-Range", etag) in (etag, modified):
                part = parse_range(wanted, stat.st_size)
            if part == range(0):
                self.refuse(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, f"bytes */{stat.st_size}")
                return
            status = HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT
            if part:
                headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{stat.st_size}"
            part = range(stat.st_size) if part is None else part
            headers |= {"Content-Type": media_type(path.name), "Content-Length": str(len(part))}
            self._start(status, headers)
            if self.command != "HEAD":
                self._copy(file, part)

    def _copy(self, file: BinaryIO, part: range) -> None:
        file.seek(part.start)
        left = len(part)
        while left:
            data = file.read(min(_CHUNK, left))
            if not data:  # it has become shorter: the length that was promised cannot be kept
                self.close_connection = True
                return
            self.wfile.write(data)
            left -= len(data)

    def _is_known(self, etag: str, mtime: float) -> bool:
        """Whether the client has the file as it is (RFC 9110, 13.2.2)."""
        known = self.headers.get("If-None-Match")
        if known is not None:
            return known.strip() == "*" or etag in (
                tag.strip().removeprefix("W/") for tag in known.split(",")
            )
        with suppress(TypeError, ValueError, OverflowError):
            return int(mtime) <= parsedate_to_datetime(self.headers["If-Modified-Since"]).timestamp()
        return False

    def refuse(self, status: HTTPStatus, content_range: str = "") -> None:
        """Answer that it is not to be had."""
        headers = {"Content-Range": content_range} if content_range else {}
        name = status.phrase
        page = f'<!doctype html>\n<html lang="en"><title>{name}</title><h1>{name}</h1></html>\n'
        self.send_text(status, page, headers)

    def send_text(self, status: HTTPStatus, text: str, headers: dict[str, str]) -> None:
        """Answer with a page."""
        self.send_bytes(status, text.encode("utf-8", errors="replace"), "text/html; charset=utf-8", headers)

    def send_bytes(
        self,
        status: HTTPStatus,
        data: bytes,
        media_type: str,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Answer with what was made just now."""
        self._start(status, {**headers, "Content-Type": media_type, "Content-Length": str(len(data))})
        if self.command != "HEAD":
            self.wfile.write(data)

    def _start(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.end_headers()


def parse_range(field: str, size: int) -> range | None:
    """The bytes that a ``Range`` field asks for.

    Returns:
        None to send everything: several ranges, or no range that makes sense; ``range(0)`` if the file
        has no such bytes.
    """
    match = _RANGE.fullmatch(field.strip())
    if match is None or not (match["first"] or match["last"]):
        return None
    if not match["first"]:
        return range(max(0, size - int(match["last"])), size) or range(0)
    first = int(match["first"])
    last = int(match["last"]) if match["last"] else size - 1
    if match["last"] and last < first:
        return None
    return range(first, min(last + 1, size)) if first < size else range(0)
