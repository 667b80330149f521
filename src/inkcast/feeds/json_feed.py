"""JSON Feed (jsonfeed.org, version 1.1), in the shape in which feedparser gives other feeds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from inkcast.errors import FeedError

_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")
_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/")


def is_json(data: bytes) -> bool:
    """Whether a document begins as a JSON object does."""
    return _BEGINS.match(data) is not None


def read_json_feed(data: bytes, source: str) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    """The feed's own facts, and its items. What is of another kind than it should be is left out.

    Raises:
        FeedError: it is JSON of another kind, or broken.
    """
    hint = "Give the address of the podcast's RSS, Atom or JSON feed."
    try:
        feed = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FeedError(f"{source} begins like a JSON feed and is damaged or cut off.", hint) from error
    if not isinstance(feed, dict) or not _VERSION.match(_text(feed, "version")):
        raise FeedError(f"{source} is JSON, but no JSON Feed.", hint)
    found = [_entry(item) for item in _objects(feed.get("items"))]
    links = [{"rel": "next", "href": _text(feed, "next_url")}]
    about = {
        "title": _text(feed, "title"),
        "link": _text(feed, "home_page_url"),
        "language": _text(feed, "language"),
        "links": links,
        "subtitle": _text(feed, "description"),
        "image": {"href": _text(feed, "icon")},
        "author": ", ".join(filter(None, (_text(each, "name") for each in _objects(feed.get("authors"))))),
    }
    return about, found


def _entry(item: Mapping[str, Any]) -> dict[str, Any]:
    html, plain = _text(item, "content_html"), _text(item, "content_text")
    content = {"value": html, "type": "text/html"} if html else {"value": plain, "type": "text/plain"}
    files = _objects(item.get("attachments"))
    durations = [_text(each, "duration_in_seconds") for each in files]
    entry: dict[str, Any] = {
        "title": _text(item, "title"),
        "id": _text(item, "id"),
        "link": _text(item, "url"),
        "summary": _text(item, "summary"),
        "content": [content],
        "enclosures": [
            {"href": _text(f, "url"), "type": _text(f, "mime_type"), "length": _text(f, "size_in_bytes")}
            for f in files
        ],
        "itunes_duration": next(filter(None, durations), ""),
    }
    if date := _text(item, "date_published"):
        entry |= {"published": date, "published_parsed": _moment(date)}
    return entry


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _moment(date: str) -> Any:
    try:
        found = datetime.fromisoformat(date)
    except ValueError:
        return None
    try:
        return found.astimezone(UTC).timetuple() if found.tzinfo else found.timetuple()
    except OverflowError:
        return None


def _text(item: Mapping[str, Any], name: str) -> str:
    """A text, or a number as text: ids and sizes are written either way."""
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)
