"""``<stem>.corrections.toml``: written by people and by programs, and never made anew.

A change leaves every other entry as it was written, letter for letter, with all comments.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inkcast.corrections.correction import KINDS, NEEDS, Anchor, Correction, Field
from inkcast.errors import CorrectionsError
from inkcast.files import digest, write_text
from inkcast.timecode import parse_time, seconds_to_ms, vtt_time

CORRECTIONS = ".corrections.toml"

_HEADER = """\
# What a person corrected in this episode. It is applied after every transcription and alignment.
# You may edit it: docs/corrections.md has an example of each kind.
"""
_TABLE = re.compile(r"[ \t]*\[\[[ \t]*correction[ \t]*\]\]")
_TIMES: Mapping[Field, str] = {"start_ms": "start", "end_ms": "end"}
_TEXTS = ("words", "before", "after", "recording")
_MOMENTS = ("before_ms", "after_ms")
# The file may be anybody's. A place is searched in time and memory that grow with the words of both sides.
_MOST_BYTES = 10_000_000
_MOST_ENTRIES = 10_000
_MOST_CHARS = {"words": 2_000, "before": 500, "after": 500, "recording": 64, "text": 20_000}
_MOST_MS = 2**53


def corrections_path(folder: Path, stem: str) -> Path:
    """Where the corrections of an episode are; a stem may end in what looks like a suffix."""
    return folder / f"{stem}{CORRECTIONS}"


def read_corrections(path: Path) -> tuple[Correction, ...]:
    """Read a file of corrections; none if there is no such file.

    Raises:
        CorrectionsError: it cannot be read, is no TOML, or an entry makes no sense.
    """
    return _parsed(_text_of(path), path)


def change_corrections(
    path: Path, add: Sequence[Correction] = (), remove: Sequence[Correction] = ()
) -> tuple[Correction, ...]:
    """Add and remove entries of the file as it is now, which may not be as it was read last.

    Args:
        path: the file; it is made when it is missing, and whole at any moment.
        add: put at the end, in this order.
        remove: each takes one equal entry away, the last one; what is not there is passed over.

    Returns:
        What is in the file then.

    Raises:
        CorrectionsError: it cannot be read as it is; nothing is written.
        StorageError: the disk refuses.
    """
    text = _text_of(path)
    known = list(_parsed(text, path))
    head, *entries = _chunks(text)
    if len(entries) != len(known):
        raise CorrectionsError(f"{path} has entries of another form.", "Begin each with [[correction]].")
    for correction in reversed(_as_written(remove, path)):
        if correction in known:
            at = len(known) - 1 - known[::-1].index(correction)
            del known[at], entries[at]
    known += _as_written(add, path)
    parts = [head if head.strip() else _HEADER, *entries, *map(entry_text, add)]
    write_text(path, "\n".join(part.strip("\n") + "\n" for part in parts))
    return tuple(known)


def corrections_digest(corrections: Sequence[Correction]) -> str:
    """Digest of what the corrections say, not of comments; empty if there are none."""
    return digest(*map(entry_text, corrections)) if corrections else ""


def corrections_key(path: Path) -> str:
    """The digest of a file's corrections, or of all of it if they make no sense; empty if there are none."""
    try:
        return corrections_digest(read_corrections(path))
    except CorrectionsError as error:
        return digest(error.message)


def entry_text(correction: Correction) -> str:
    """A correction as an entry of the file."""
    anchor = correction.anchor
    lines = ["[[correction]]", f"kind = {_quoted(correction.kind)}"]
    values: dict[str, str] = {
        "words": _quoted(anchor.words) if anchor.words else "",
        **{field: _value(correction, field) for field in NEEDS[correction.kind]},
        "before": _quoted(anchor.before) if anchor.before else "",
        "after": _quoted(anchor.after) if anchor.after else "",
        "at_word": "" if anchor.at_word is None else str(anchor.at_word),
        "recording": _quoted(anchor.recording) if anchor.recording else "",
        "before_ms": str(list(anchor.before_ms)) if anchor.before_ms else "",
        "after_ms": str(list(anchor.after_ms)) if anchor.after_ms else "",
    }
    lines += [f"{_TIMES.get(name, name)} = {value}" for name, value in values.items() if value]  # type: ignore[call-overload]
    return "\n".join(lines) + "\n"


def _as_written(corrections: Sequence[Correction], path: Path) -> tuple[Correction, ...]:
    """As they are read again from the file."""
    return _parsed("\n".join(map(entry_text, corrections)), path)


def _value(correction: Correction, field: Field) -> str:
    value = getattr(correction, field)
    return _quoted(value if field == "text" else vtt_time(value))


def _quoted(text: str) -> str:
    """A basic string of TOML: JSON's, but for the one control character that JSON lets through."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


# --- reading ---


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CorrectionsError(f"{path} is too large for a file of corrections.", "Is it the right file?")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise CorrectionsError(f"Cannot read {path}: {reason}.", "Check the file.") from error


def _parsed(text: str, path: Path) -> tuple[Correction, ...]:
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise CorrectionsError(f"{path} is not TOML: {error}.", "Mend the line, or the entry.") from error
    entries = data.pop("correction", [])
    if data or not isinstance(entries, list):
        name = next(iter(data), "correction")
        raise CorrectionsError(f"{path}: {name!r} is unknown.", "Entries begin with [[correction]].")
    if len(entries) > _MOST_ENTRIES:
        raise CorrectionsError(
            f"{path} has more than {_MOST_ENTRIES:,} corrections.", "Is it the right file?"
        )
    found = []
    for number, entry in enumerate(entries, 1):
        try:
            found.append(_correction(entry))
        except ValueError as error:
            raise CorrectionsError(
                f"{path}: correction {number} {error}.", "docs/corrections.md has an example of each kind."
            ) from error
    return tuple(found)


def _correction(entry: object) -> Correction:
    """Raises ValueError, with what is wrong."""
    if not isinstance(entry, dict):
        raise ValueError("is no table")
    kind = entry.get("kind")
    if kind not in KINDS:
        raise ValueError(f"has the kind {str(kind)[:60]!r}; choose from {', '.join(KINDS)}")
    needs = NEEDS[kind]
    names = {"kind", "at_word", *_TEXTS, *_MOMENTS, *(_TIMES.get(field, field) for field in needs)}
    unknown = [name for name in entry if name not in names]
    if unknown:
        raise ValueError(f"has {unknown[0]!r}, which “{kind}” does not know")
    anchor = _anchor(entry)
    if kind != "extra speech" and not anchor.words:
        raise ValueError("has no words: copy some of the essay's")
    values = {field: _field(entry, field) for field in needs}
    if not values.get("text", "-") and kind == "said instead":
        raise ValueError("has an empty text: where nothing is said, the words are “not read”")
    return Correction(kind, anchor, **values)


def _anchor(entry: Mapping[str, Any]) -> Anchor:
    values: dict[str, Any] = {name: _text(entry, name) for name in _TEXTS}
    values |= {name: _moments(entry, name) for name in _MOMENTS}
    at_word = entry.get("at_word")
    if at_word is not None and (type(at_word) is not int or not 0 <= at_word < _MOST_MS):
        raise ValueError(f"has at_word = {str(at_word)[:60]}, which is no number of a word")
    if entry.get("kind") == "extra speech":
        values["words"] = ""
    return Anchor(**values, at_word=at_word)


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"has {name} = {str(value)[:60]}, which is no text")
    if len(value) > _MOST_CHARS[name]:
        raise ValueError(f"has more than {_MOST_CHARS[name]:,} characters of {name}: write … for the middle")
    return " ".join(value.split())


def _moments(entry: Mapping[str, Any], name: str) -> tuple[int, ...]:
    value = entry.get(name, [])
    if not isinstance(value, list) or any(type(ms) is not int or not -1 <= ms < _MOST_MS for ms in value):
        raise ValueError(f"has a {name} that is no list of milliseconds")
    return tuple(value)


def _field(entry: Mapping[str, Any], field: Field) -> Any:
    name = _TIMES.get(field, field)
    if name not in entry:
        raise ValueError(f"has no {name}")
    return _text(entry, name) if field == "text" else _time(entry[name], name)


def _time(value: object, name: str) -> int:
    """``"1:02.345"``, or a number of seconds."""
    if isinstance(value, str):
        try:
            return parse_time(value)
        except ValueError:
            pass
    elif type(value) in (int, float) and 0 <= value * 1000 < _MOST_MS:  # type: ignore[operator]
        return seconds_to_ms(value)  # type: ignore[arg-type]
    raise ValueError(f"has {name} = {str(value)[:60]}, which is no time such as 1:02.345")


def _chunks(text: str) -> list[str]:
    """What stands before the first entry, and each entry with the comments right above it."""
    chunks = [""]
    for line in text.splitlines(keepends=True):
        if _TABLE.match(line) and _is_whole(chunks[-1]):
            above = _comments_at_end(chunks[-1]) if len(chunks) > 1 else ""
            chunks[-1] = chunks[-1].removesuffix(above)
            chunks.append(above)
        chunks[-1] += line
    return chunks


def _is_whole(chunk: str) -> bool:
    """Whether a chunk ends outside of a text of several lines."""
    try:
        tomllib.loads(chunk)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _comments_at_end(chunk: str) -> str:
    lines = chunk.splitlines(keepends=True)
    first = len(lines)
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return "".join(lines[first:])
