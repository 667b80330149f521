"""Which text of a source that holds several."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Part:
    """What a user says about it; empty for a source with one text.

    Attributes:
        chapter: an EPUB's chapter, by its number in the list of chapters or by its title; "all" for all.
        episode: the title of an episode on a podcast's show page.
        published: that episode's date.
        select: a CSS selector of the elements of a page that hold the text.
    """

    chapter: str = ""
    episode: str = ""
    published: date | None = None
    select: str = ""


WHOLE = Part()
