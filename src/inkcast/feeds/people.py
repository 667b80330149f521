"""Who may be heard in an episode, as far as its feed says."""

# ruff: noqa: SIM905 - forty words in quotes and commas are harder to read than forty words

from __future__ import annotations

import re
from collections.abc import Iterable

from inkcast.feeds.content import plain_text
from inkcast.feeds.episode import Episode

_HEARD = (
    "host",
    "guest",
    "interview",
    "narrator",
    "presenter",
    "moderator",
    "panelist",
    "anchor",
    "reporter",
)
_WORD = r"[^\W\d_](?:\.|[\w’'-]*)"  # an initial, or a word
_NAME = rf"{_WORD}(?: {_WORD}){{1,3}}"
_GUEST = re.compile(
    r"\b(?:interview(?:s|ed|ing)?(?: with)?|conversations? with|discussions? with|(?:talk|speak|chat|sit|sat)"
    r"(?:s|ing|ed)?(?: down)? (?:to|with)|spoke (?:to|with)|joined by|guests?:?|guest is|welcomes?|featuring|"
    rf"feat\.|ft\.)\s+(?:(?-i:Dr|Prof|Mr|Ms|Mrs)\.? )?(?-i:(?P<name>{_NAME}))",
    re.IGNORECASE,
)
# Names of houses, not of people.
_HOUSES = frozenset(
    "media podcast podcasts radio network studio studios news press inc llc ltd gmbh show team company "
    "university institute foundation magazine labs lab ai fm tv bbc npr group productions production times "
    "post journal entertainment project club society church ministries collective institute research review "
    "school college academy association models language learning audio stories world daily weekly".split()
)
_PARTICLES = frozenset("van von de der den da di du la le al bin ben".split())
_LONGEST_TEXT = 20_000


def is_person(name: str) -> bool:
    """Whether this looks like one person's full name, and not like several or a house's."""
    words = name.split()
    return (
        2 <= len(words) <= 4
        and re.fullmatch(_NAME, name) is not None
        and not {word.casefold().strip(".") for word in words} & _HOUSES
        and words[0].casefold() not in ("the", "a", "an")
        and words[0][0].isupper()
        and all(not word[0].islower() or word in _PARTICLES for word in words)
    )


def heard_in(episode: Episode, hosts: Iterable[str] = ()) -> tuple[str, ...]:
    """Who may be heard: the people that the item names, else the show's hosts, and guests of title and notes.

    Args:
        episode: with what its feed says of it.
        hosts: of the show; people of an item stand in their place.
    """
    cast = (
        one for one in episode.persons if one.group == "cast" and any(role in one.role for role in _HEARD)
    )
    heard = [name for one in cast if (name := plain_text(one.name))]
    return tuple(dict.fromkeys((*(heard or hosts), *_guests(episode))))


def _guests(episode: Episode) -> Iterable[str]:
    """Names behind words such as "I talk to", where notes introduce a guest."""
    for text in (episode.title, episode.summary, episode.content_html or ""):
        for match in _GUEST.finditer(plain_text(text[:_LONGEST_TEXT])):
            words = match["name"].split()
            # The sentence may go on with a capital.
            found = (" ".join(words[:number]) for number in range(len(words), 1, -1))
            if name := next(filter(is_person, found), ""):
                yield name
