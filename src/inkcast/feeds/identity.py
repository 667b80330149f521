"""Which episodes of a feed are known already, although their guid, address or title has changed.

A show that moves to another host often gets new guids, new addresses, or both, for every episode at once.
Taken for new ones, a whole backlog would be transcribed again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from inkcast.feeds.address import address_digest
from inkcast.feeds.episode import Episode
from inkcast.unicode_forms import normalized


@dataclass(frozen=True, slots=True)
class Traits:
    """What an episode is known by, without secrets: ``audio`` and ``link`` are digests of addresses.

    An empty text says that it is not known. ``published`` is in UTC.
    """

    guid: str
    title: str = ""
    published: datetime | None = None
    audio: str = ""
    link: str = ""


def traits_of(episode: Episode) -> Traits:
    """The traits of a feed's episode."""
    return Traits(
        guid=episode.guid,
        title=episode.title,
        published=episode.published,
        audio=address_digest(episode.enclosure.url) if episode.enclosure else "",
        link=address_digest(episode.link) if episode.link else "",
    )


def match_known(known: Sequence[Traits], episodes: Sequence[Traits]) -> dict[str, str]:
    """Find a feed's episodes among those that are known.

    The same guid is the same episode. Else both must have been published at the same moment and agree in
    title, audio or link; where a date is missing, in title and in audio or link. A trait that several
    episodes share, such as the show's address as the link of each, says nothing. Where more than one
    could be meant, none is: working twice is better than taking a new episode for an old one.

    Args:
        known: of one feed; guids are unique.
        episodes: all that the feed has now; guids are unique.
    Returns:
        The known guid by the guid that the feed has now, no known one twice; without new episodes.
    """
    guids = {one.guid for one in known}
    same = {one.guid: one.guid for one in episodes if one.guid in guids}
    old = [one for one in _telling(known) if one.guid not in same]
    new = [one for one in _telling(episodes) if one.guid not in same]
    index = _index(old)
    claims = {
        one.guid: {other.guid for other in _candidates(one, index) if _is_same(one, other)} for one in new
    }
    claimed = Counter(guid for found in claims.values() for guid in found)
    moved = {
        guid: other
        for guid, found in claims.items()
        if len(found) == 1 and claimed[other := next(iter(found))] == 1
    }
    return same | moved


def _telling(group: Sequence[Traits]) -> list[Traits]:
    """Without the traits that tell nothing because several of the group share them."""
    titles = _unique((one.title for one in group), _plain)
    audio, links = _unique(one.audio for one in group), _unique(one.link for one in group)
    return [
        Traits(
            one.guid,
            title if (title := _plain(one.title)) in titles else "",
            one.published,
            one.audio if one.audio in audio else "",
            one.link if one.link in links else "",
        )
        for one in group
    ]


def _unique(values: Iterable[str], form: Callable[[str], str] = str) -> set[str]:
    return {value for value, count in Counter(map(form, values)).items() if count == 1}


def _index(group: Iterable[Traits]) -> dict[str, list[Traits]]:
    """By each trait, so that thousands of episodes need not be compared with thousands."""
    index: dict[str, list[Traits]] = {}
    for one in group:
        for trait in filter(None, (one.title, one.audio, one.link)):
            index.setdefault(trait, []).append(one)
    return index


def _candidates(one: Traits, index: Mapping[str, list[Traits]]) -> Iterable[Traits]:
    for trait in filter(None, (one.title, one.audio, one.link)):
        yield from index.get(trait, ())


def _is_same(one: Traits, other: Traits) -> bool:
    title = bool(one.title) and one.title == other.title
    address = bool(one.audio and one.audio == other.audio) or bool(one.link and one.link == other.link)
    if one.published and other.published:
        return one.published == other.published and (title or address)
    return title and address


def _plain(title: str) -> str:
    """Letters and digits only: new hosts change quotes, dashes and case."""
    text = normalized("NFKC", title).casefold()
    return "".join(char for char in text if char.isalnum())
