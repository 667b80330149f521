"""Addresses of episodes within a site: short, readable, and the same for ever."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from inkcast.publish.site.source import Source
from inkcast.publish.words import clean_text

_LONGEST = 80
_TAKEN = frozenset({"covers", "episodes", "feeds", "pages", "search", "shows"})
"""Folders of every site."""


def new_address(source: Source, taken: Collection[str]) -> str:
    """A folder for an episode: its date and the words of its title, ``2026-05-19-what-small-labs-are-for``.

    Args:
        source: the episode.
        taken: folders that others have.
    """
    day = f"{source.published:%Y-%m-%d}" if source.published else ""
    name = "-".join(filter(None, (day, plain_words(source.title)))) or "episode"
    candidates = [name, f"{name}-{plain_words(source.show)}".rstrip("-")]
    candidates += [f"{name}-{number}" for number in range(2, len(taken) + 4)]
    return next(each for each in candidates if each not in taken and each not in _TAKEN)


def plain_words(text: str) -> str:
    """Letters and digits in lower case, with hyphens for all else; accents of Latin, Greek, Cyrillic go."""
    folded = unicodedata.normalize("NFKD", clean_text(text)).casefold()
    folded = re.sub(r"(?<=[a-zα-ωа-я])[\u0300-\u036f]+|['’]", "", folded)
    words = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", folded)).strip("-")
    # A file's name has at most 255 bytes, and letters up to four.
    cut = words.encode()[:_LONGEST].decode(errors="ignore")
    return cut.strip("-") if len(words) == len(cut) else (cut.rpartition("-")[0] or cut)
