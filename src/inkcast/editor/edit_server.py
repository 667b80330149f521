"""The editor's page and what it asks for, on this machine alone, for whoever has the address.

The address holds a token that nobody can guess. Other sites' pages in the same browser are refused by what
browsers say of a request (Fetch Metadata, ``Origin``), names that lead here (DNS rebinding) by ``Host``.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from threading import Event, Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

from inkcast.corrections.correction import KINDS, NEEDS, Correction
from inkcast.corrections.doubts import Doubt
from inkcast.editor.essay_parts import essay_parts, word_names
from inkcast.editor.session import Change, Session
from inkcast.errors import InkcastError
from inkcast.publish.language_tag import language_tag
from inkcast.publish.pages.template import render_page
from inkcast.publish.site.local_server import FileHandler, LocalServer
from inkcast.publish.words import clean_text

_HOST = "127.0.0.1"
_TOKEN_BYTES = 24
_MOST_BYTES = 100_000
_MOST_MS = 2**40
_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_SCRIPTS = tuple(
    f"editor/{name}.js"
    for name in ("edit", "edit_words", "edit_sound", "edit_wave", "edit_doubts", "edit_bar")
)

_KEYS = (
    ("← → ↑ ↓", "To the next word, to the next paragraph; with Shift, select"),
    ("N, P", "Next and previous doubtful place"),
    ("L", "Hear what is selected, again and again"),
    ("Space", "Play on, or stop"),
    ("Y", "It is right"),
    ("X", "Not read"),
    ("R", "Read here"),
    ("I", "Something else is said instead"),
    ("E", "Extra speech"),
    ("O", "Nothing was said"),
    ("S, D", "Starts here, ends here: at the time that is heard or was pointed at"),
    ("W", "Wording: a mistake in the text"),
    ("K", "Who says it"),
    ("V", "Whose voice it is, wherever that is heard"),
    ("Tab, then ← →", "Move a border by 10 ms, with Shift by 100 ms"),
    ("Ctrl-Z", "Undo"),
    ("Esc", "Close, stop, select nothing"),
)

Reply = Mapping[str, Any]


class EditServer(LocalServer):
    """Lets the browser that has its ``url`` edit an episode; ``is_done`` is set once the person says so.

    Raises:
        PublishError: the port is taken.
    """

    def __init__(self, session: Session, port: int = 0) -> None:
        super().__init__(_Handler, _HOST, port)
        self.session = session
        self.token = secrets.token_urlsafe(_TOKEN_BYTES)
        self.is_done = Event()
        self._lock = Lock()
        self._version = 0
        self._parts = essay_parts(session.essay, session.alignment)
        self._names = word_names(session.alignment)

    @property
    def url(self) -> str:
        """The address to open, which nobody else should see."""
        return f"{super().url}{self.token}/"

    def answers_to(self, host: str | None) -> bool:
        """Only to its own two names, with its port."""
        return host in (f"{_HOST}:{self.server_port}", f"localhost:{self.server_port}")

    def page(self) -> str:
        """The page; it asks for the rest."""
        essay = self.session.essay
        duration_ms = self.session.alignment.audio.duration_ms
        return render_page(
            "editor/edit.html",
            style=("publish/pages/reader.css", "editor/edit.css"),
            scripts=_SCRIPTS,
            loads="own",
            language=language_tag(essay.language, "en"),
            title=clean_text(essay.title) or "Essay",
            duration_ms=duration_ms,
            keys=_KEYS,
        )

    def state(self, known: object = None) -> Reply:
        """The essay in parts, those that a page of the version ``known`` does not have; and the doubts."""
        with self._lock:
            parts = essay_parts(self.session.essay, self.session.alignment, self._parts)
            is_next = known == self._version and len(parts) == len(self._parts)
            new = {at: part.html for at, part in enumerate(parts) if not is_next or part != self._parts[at]}
            if parts != self._parts:
                self._version += 1
            self._parts, self._names = parts, word_names(self.session.alignment)
            return {
                "version": self._version,
                "parts": new,
                "doubts": [_doubt(doubt, self._names) for doubt in self.session.doubts()],
                "undo": _in_words(self.session.last),
            }

    def change(self, asked: Mapping[str, Any]) -> Reply:
        """Make a change. Raises InkcastError, or ValueError and such where it was asked for wrongly."""
        with self._lock:
            places = {name: at for at, name in enumerate(self._names)}
        kind = asked["kind"]
        if kind not in KINDS:
            raise ValueError("no such kind")
        first = stop = 0
        if kind != "extra speech":
            first, stop = places[asked["first"]], places[asked["last"]] + 1
            if first >= stop:
                raise ValueError("no words")
        fields = {name: _checked(name, asked[name]) for name in NEEDS[kind]}
        if kind == "said instead" and not fields["text"].strip():
            raise ValueError("no text")
        self.session.apply(Change(kind, first, stop, **fields))
        return self.state(asked.get("version"))

    def undo(self, asked: Mapping[str, Any]) -> Reply:
        """Take the last change back. Raises InkcastError."""
        self.session.undo()
        return self.state(asked.get("version"))

    def finish(self, asked: Mapping[str, Any]) -> Reply:
        """Make everything anew. Raises InkcastError."""
        made = self.session.finish()
        return {"files": [path.name for path in made.files], "seconds": round(made.seconds, 1)}


class _Handler(FileHandler):
    server: EditServer

    def do_GET(self) -> None:
        """Answer with the page, the recording, a stretch of it, or the state."""
        name, query = self._asked()
        if name is None or not self._is_ours(is_page=not name):
            return
        try:
            if not name:
                self.send_text(HTTPStatus.OK, self.server.page(), dict(_HEADERS))
            elif name == "audio":
                self.send_file(self.server.session.episode.audio)
            elif name == "state":
                self._send_json(HTTPStatus.OK, self.server.state())
            elif name == "sound":
                start, end = (_checked("start_ms", int(query[each][0])) for each in ("start", "end"))
                self.send_bytes(HTTPStatus.OK, self.server.session.sound(start, end), "audio/wav")
            else:
                self.refuse(HTTPStatus.NOT_FOUND)
        except (KeyError, ValueError):
            self.refuse(HTTPStatus.BAD_REQUEST)
        except FileNotFoundError:
            self.refuse(HTTPStatus.NOT_FOUND)
        except InkcastError as error:
            self._send_json(HTTPStatus.CONFLICT, {"error": str(error)})
        except (ConnectionError, TimeoutError):  # the player has what it wanted
            self.close_connection = True

    def do_POST(self) -> None:
        """Make a change, take it back, or end."""
        is_last, self.close_connection = self.close_connection, True  # what is refused is not read
        name, _ = self._asked()
        if name is None or not self._is_ours(is_write=True):
            return
        acts: Mapping[str, Callable[[Mapping[str, Any]], Reply]] = {
            "change": self.server.change,
            "undo": self.server.undo,
            "done": self.server.finish,
        }
        size = self.headers.get("Content-Length", "")
        if name not in acts or not size.isdecimal() or int(size) > _MOST_BYTES:
            self.refuse(HTTPStatus.NOT_FOUND if name not in acts else HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        try:
            asked = json.loads(self.rfile.read(int(size)))
            self.close_connection = is_last
            self._send_json(HTTPStatus.OK, acts[name](asked))
        except InkcastError as error:
            self._send_json(HTTPStatus.CONFLICT, {"error": _sentence(str(error))})
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            self._send_json(HTTPStatus.BAD_REQUEST, {"error": "The page has asked for something unknown."})
        except (ConnectionError, TimeoutError):
            pass
        else:
            if name == "done":
                self.server.is_done.set()

    def _asked(self) -> tuple[str | None, Mapping[str, Sequence[str]]]:
        """What the address names behind the token; None, and refused, for any other address."""
        if not self.server.answers_to(self.headers.get("Host")):
            self.refuse(HTTPStatus.MISDIRECTED_REQUEST)
            return None, {}
        address = urlsplit(self.path)
        token, slash, name = address.path.removeprefix("/").partition("/")
        if not secrets.compare_digest(token.encode(), self.server.token.encode()) or not slash:
            self.refuse(HTTPStatus.NOT_FOUND)
            return None, {}
        return name, parse_qs(address.query)

    def _is_ours(self, *, is_page: bool = False, is_write: bool = False) -> bool:
        """Whether the request is of our own page, or somebody opens that; else it is refused."""
        site = self.headers.get("Sec-Fetch-Site", "same-origin")
        is_ours = site == "same-origin"
        if is_page:  # from the address bar, or a link to it
            is_ours = self.headers.get("Sec-Fetch-Dest", "document") == "document"
        if is_write:
            is_json = self.headers.get_content_type() == "application/json"
            is_ours = is_ours and is_json and self.headers.get("Origin") == f"http://{self.headers['Host']}"
        if not is_ours:
            self.refuse(HTTPStatus.FORBIDDEN)
        return is_ours

    def _send_json(self, status: HTTPStatus, reply: Reply) -> None:
        self.send_bytes(status, json.dumps(reply, ensure_ascii=False).encode(), "application/json")


def _checked(name: str, value: Any) -> Any:
    """A field of a change, as it should be. Raises ValueError."""
    if name == "text":
        if not isinstance(value, str):
            raise ValueError("no text")
        return value
    if type(value) is not int or not 0 <= value < _MOST_MS:
        raise ValueError("no time")
    return value


def _doubt(doubt: Doubt, names: Sequence[str]) -> Reply:
    words = names[doubt.first : doubt.stop]
    return {
        "kind": doubt.kind,
        "first": words[0] if words else None,
        "last": words[-1] if words else None,
        "start": doubt.start_ms,
        "end": doubt.end_ms,
        "said": doubt.said,
    }


def _in_words(correction: Correction | None) -> str:
    return f"{correction.kind} {correction.anchor.words or correction.text}" if correction else ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
