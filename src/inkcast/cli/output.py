"""What goes to the terminal beside data: errors and log lines, on stderr."""

from __future__ import annotations

import json
import logging
import sys
import unicodedata
from typing import IO, TYPE_CHECKING, Any

import click

from inkcast.errors import InkcastError, redact

if TYPE_CHECKING:
    from inkcast.speech.transcript import Transcript

_VERBOSITY = "inkcast.verbosity"
_DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_LEVELS = {-1: logging.ERROR, 0: logging.INFO}


class Failure(click.ClickException):
    """An InkcastError on its way out: one line, and with ``-v`` what lies beneath."""

    def __init__(self, error: InkcastError) -> None:
        super().__init__(str(error))
        self.error = error
        self.verbosity = verbosity()

    def show(self, file: IO[Any] | None = None) -> None:
        """Print ``Error: …``."""
        click.echo(f"Error: {on_one_line(str(self.error))}", file=file, err=True)
        cause = self.error.__cause__ if self.verbosity > 0 else None
        while cause is not None:
            reason = f"{type(cause).__name__}: {redact(str(cause))}"
            click.echo(f"  because of {on_one_line(reason)}", file=file, err=True)
            cause = cause.__cause__ or cause.__context__


def on_one_line(text: str) -> str:
    """Leave out what would break the line, speak to the terminal or turn its text around: controls."""
    return "".join(char for char in " ".join(text.split()) if not _is_control(char))


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs") or unicodedata.bidirectional(char) in _DIRECTIONS


def verbosity() -> int:
    """-1 with ``-q``, 0 by default, 1 with ``-v``."""
    ctx = click.get_current_context(silent=True)
    return int(ctx.meta.get(_VERBOSITY, 0)) if ctx else 0


def set_verbosity(ctx: click.Context, level: int) -> None:
    """Remember the level for this run, and log as much to stderr until it ends."""
    ctx.meta[_VERBOSITY] = level
    # Our own logger only: httpx logs URLs with their passwords.
    logger = logging.getLogger("inkcast")
    before, handlers = logger.level, logger.handlers
    handler = _StderrHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.handlers = [handler]
    logger.setLevel(_LEVELS.get(level, logging.DEBUG))

    @ctx.find_root().call_on_close
    def restore() -> None:
        logger.handlers = handlers
        logger.setLevel(before)


class _StderrHandler(logging.Handler):
    """Writes to the stderr of the moment, which a progress bar may have replaced.

    What the line before said already, such as which model each episode of a run gets, is not said again.
    """

    _last = ""

    def emit(self, record: logging.LogRecord) -> None:
        text = redact(self.format(record))
        if not record.exc_info:
            text = on_one_line(text)
        if record.levelno > logging.INFO or text != self._last:
            sys.stderr.write(text + "\n")
        self._last = text


def tell(line: str) -> None:
    """Print a line on stderr while bars may stand there: click would write past them, into their lines."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def print_json(data: object) -> None:
    """Print one JSON document on stdout."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    click.echo(
        "".join(f"\\u{ord(char):04x}" if char != "\n" and _is_control(char) else char for char in text)
    )


def speakers_json(transcript: Transcript) -> dict[str, list[dict[str, object]]]:
    """Under ``speakers``, who speaks in a recording, for how long, and how that is known; nothing if nobody
    was told apart."""
    speakers: list[dict[str, object]] = [
        {
            "speaker": voice.speaker,
            "duration": voice.speech_ms / 1000,
            "known_by": voice.known_by,
            "evidence": voice.evidence,
        }
        for voice in transcript.voices
    ]
    return {"speakers": speakers} if speakers else {}
