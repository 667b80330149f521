"""A site or library looked at on this machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from inkcast.errors import PublishError
from inkcast.publish.pages.template import render
from inkcast.publish.site.local_server import FileHandler, LocalServer

_DATABASE = re.compile(r"\.sqlite(?:-\w+)?$|\.lock$")


class PreviewServer(LocalServer):
    """Serves the files below ``folder``; ``url`` is where.

    Args:
        folder: what to serve: a site, or any folder, which is then listed.
        host, port: see ``LocalServer``.
        refresh: called before a page is answered, from any thread.
    Raises:
        PublishError: no such folder, or the port is taken.
    """

    def __init__(
        self,
        folder: Path,
        host: str = "127.0.0.1",
        port: int = 8000,
        refresh: Callable[[], None] | None = None,
    ) -> None:
        if not folder.is_dir():
            raise PublishError(f"There is no folder {folder}.", "Make one: inkcast publish --out SITE")
        self.folder = folder.resolve()
        self.refresh = refresh
        super().__init__(_Handler, host, port)


class _Handler(FileHandler):
    server: PreviewServer

    def do_GET(self) -> None:
        """Answer with a file, a part of one, or a list of files."""
        if not self.server.answers_to(self.headers.get("Host")):
            self.refuse(HTTPStatus.MISDIRECTED_REQUEST)
            return
        if self.server.refresh and urlsplit(self.path).path.endswith(("/", ".html")):
            self.server.refresh()
        path = find_file(self.server.folder, self.path)
        try:
            if path is None:
                self.refuse(HTTPStatus.NOT_FOUND)
            elif path.is_dir():
                self._send_folder(path)
            else:
                self.send_file(path)
        except FileNotFoundError:
            self.refuse(HTTPStatus.NOT_FOUND)
        except PermissionError:
            self.refuse(HTTPStatus.FORBIDDEN)
        except (ConnectionError, TimeoutError):  # the player has what it wanted
            self.close_connection = True

    do_HEAD = do_GET

    def _send_folder(self, path: Path) -> None:
        if not urlsplit(self.path).path.endswith("/"):
            location = f"/{quote(path.relative_to(self.server.folder).as_posix())}/"
            self.send_text(HTTPStatus.MOVED_PERMANENTLY, "", {"Location": location})
            return
        names = [f"{each.name}/" if each.is_dir() else each.name for each in path.iterdir()]
        shown = sorted(name for name in names if not _is_hidden(name.rstrip("/")))
        title = "/" + path.relative_to(self.server.folder).as_posix().removeprefix(".")
        page = render("publish/site/folder.html", title=title, names=shown)
        self.send_text(HTTPStatus.OK, page, {"Content-Security-Policy": "default-src 'none'"})


def find_file(folder: Path, target: str) -> Path | None:
    """The file or folder that a request means; None for anything outside ``folder``, or hidden.

    Args:
        folder: resolved.
        target: of the request line, with or without a query.
    """
    try:
        names = unquote(urlsplit(target).path, errors="strict").split("/")
    except ValueError:
        return None
    names = [name for name in names if name not in ("", ".")]
    if any(_is_hidden(name) or any(char in name for char in "\\:\0") for name in names):
        return None
    try:
        path = folder.joinpath(*names).resolve(strict=True)
        if path.is_dir() and (path / "index.html").is_file():
            path = (path / "index.html").resolve() if target.partition("?")[0].endswith("/") else path
    except (OSError, RuntimeError, ValueError):  # missing, a loop of links, a name that cannot be
        return None
    is_ours = path.is_relative_to(folder) and (path.is_dir() or path.is_file())
    return path if is_ours else None


def _is_hidden(name: str) -> bool:
    """Dot files, among them files in the making, and the library's databases."""
    return name.startswith(".") or _DATABASE.search(name) is not None
