"""Servers that misbehave as those of real podcasts have, and the feeds that lead to them.

The numbers in the comments are those of ``test_twenty_failures.py``.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping
from html import escape

from tests.support.servers import Handler, Route
from tests.support.shows import tone

SECONDS = 10
AUDIO = tone(SECONDS)
OTHER = tone(SECONDS, 440)
ETAG = {"ETag": '"v1"'}


def item(
    guid: str | None, title: str, audio: str | None = "", *, day: int = 1, extra: str = "", **about: str
) -> str:
    """A feed item. ``audio`` is its address, ``/<guid>.wav`` unless told; ``about`` is of the enclosure."""
    attributes = {"type": "audio/wav", "length": "0"} | about
    written = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    enclosure = "" if audio is None else f'<enclosure url="{escape(audio or f"/{guid}.wav")}" {written}/>'
    identity = "" if guid is None else f'<guid isPermaLink="false">{escape(guid)}</guid>'
    return (
        f"<item>{identity}<title>{escape(title)}</title>"
        f"<pubDate>{day:02} May 2026 08:00:00 GMT</pubDate>{enclosure}{extra}</item>"
    )


def feed(*items: str, head: str = "", title: str = "Slow ways") -> bytes:
    """An RSS feed."""
    spaces = (
        'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:atom="http://www.w3.org/2005/Atom"'
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0" {spaces}><channel><title>{title}</title>'
        f"{head}{''.join(items)}</channel></rss>"
    ).encode()


def duration(seconds: int) -> str:
    """What an item says about its length."""
    return f"<itunes:duration>{seconds}</itunes:duration>"


def answer(status: int = 200, body: bytes = b"", media_type: str = "audio/wav", **headers: str) -> Route:
    """Always the same; an underscore in a header's name is a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.reply(status, body, media_type=media_type, headers=named)


def plain(body: bytes = AUDIO) -> Route:
    """A server that does all right, except that it knows no ranges."""
    return answer(200, body)


def in_turn(*routes: Route) -> Route:
    """Another answer each time; the last stays."""
    left = list(routes)

    def route(handler: Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return route


def cut(
    body: bytes = AUDIO, *, at: int = 0, tells_length: bool = True, headers: Mapping[str, str] = ETAG
) -> Route:
    """(2) Breaks off after ``at`` bytes, half of them unless told."""

    def route(handler: Handler) -> None:
        length = len(body) if tells_length else -1
        handler.reply(
            200, body[: at or len(body) // 2], media_type="audio/wav", headers=headers, length=length
        )

    return route


def ranged(body: bytes = AUDIO, etag: str = '"v1"', *, shift: int = 0, heeds_if_range: bool = True) -> Route:
    """(3, 4) Knows ranges; with ``shift`` it begins somewhere else than it was asked to."""

    def route(handler: Handler) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        if wanted is None or (heeds_if_range and handler.headers.get("If-Range") != etag):
            handler.reply(200, body, media_type="audio/wav", headers={"ETag": etag})
            return
        start = int(wanted[1]) + shift
        headers = {"ETag": etag, "Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
        handler.reply(206, body[start:], media_type="audio/wav", headers=headers)

    return route


def compressing(*, always: bool) -> Route:
    """(5) Compresses, whether asked or always, and counts ranges in compressed bytes."""
    packed = gzip.compress(AUDIO)

    def route(handler: Handler) -> None:
        if not always and "gzip" not in handler.headers.get("Accept-Encoding", ""):
            ranged()(handler)
            return
        wanted = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        start = int(wanted[1]) if wanted else 0
        headers = {**ETAG, "Content-Encoding": "gzip"}
        if wanted:
            headers["Content-Range"] = f"bytes {start}-{len(packed) - 1}/{len(packed)}"
        handler.reply(206 if wanted else 200, packed[start:], media_type="audio/wav", headers=headers)

    return route


def signed_show(status: int = 403) -> dict[str, Route]:
    """(10) Signs the address of its audio anew whenever the feed is read; the first signature has expired."""
    readings: list[str] = []

    def feed_page(handler: Handler) -> None:
        readings.append(handler.path)
        handler.reply(200, feed(item("a", "Trains", f"/a.wav?sig={len(readings)}")))

    def audio(handler: Handler) -> None:
        if handler.path.endswith("sig=1"):
            handler.reply(status, b"<Error><Code>AccessDenied</Code></Error>", media_type="application/xml")
        else:
            ranged()(handler)

    return {"/feed": feed_page, "/a.wav": audio}


def protected(authorization: str) -> Route:
    """(11) Wants a password."""

    def route(handler: Handler) -> None:
        if handler.headers.get("Authorization") == authorization:
            ranged()(handler)
        else:
            handler.reply(401, headers={"WWW-Authenticate": 'Basic realm="Members"'})

    return route


def chain(length: int, prefix: str = "/hop") -> dict[str, Route]:
    """(13) ``/hop0`` to ``/hop<length>`` redirect in every way there is; the last has the audio."""
    kinds = (301, 302, 303, 307, 308)
    hops: dict[str, Route] = {
        f"{prefix}{at}": answer(kinds[at % len(kinds)], Location=f"{prefix}{at + 1}") for at in range(length)
    }
    return hops | {f"{prefix}{length}": ranged()}


def pages(count: int, *, leads_back: bool = False) -> dict[str, Route]:
    """(16) A feed of ``count`` pages with one episode each; the last may lead back to the first."""

    def page(number: int) -> Route:
        following = number % count + 1 if leads_back or number < count else None
        head = f'<atom:link rel="next" href="/page{following}"/>' if following else ""
        body = feed(item(f"e{number}", f"Episode {number}", day=30 - number), head=head)
        return answer(200, body, "application/rss+xml")

    audio = {f"/e{number}.wav": ranged() for number in range(1, count + 1)}
    return {f"/page{number}": page(number) for number in range(1, count + 1)} | audio


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>"
    + feed(item("a", "Trains"), head="<description>&j;</description>").partition(b"?>")[2]
)
"""(17) A billion laughs around a feed."""


def opml(addresses: Iterable[str]) -> bytes:
    """(20) A list of subscriptions."""
    outlines = "".join(f'<outline type="rss" xmlUrl="{escape(address)}"/>' for address in addresses)
    return f'<?xml version="1.0"?><opml version="2.0"><body>{outlines}</body></opml>'.encode()
