"""What a feed says about its show, for those who read and listen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AboutShow:
    """A show as its feed describes it; what the feed does not say is empty.

    Attributes:
        title, author: as shown.
        description: one line of plain text.
        link: the show's own page.
        feed: where everybody may subscribe to it; empty if the address is private, or a file.
        hosts: the people whose show it is, as ``podcast:person`` says.
    """

    title: str = ""
    author: str = ""
    description: str = ""
    link: str = ""
    feed: str = ""
    hosts: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> AboutShow:
        """Read what ``dataclasses.asdict`` has made, also that of versions that knew less or more."""
        texts = {name: str(data.get(name, "")) for name in cls.__slots__ if name != "hosts"}
        return cls(**texts, hosts=tuple(map(str, data.get("hosts", ()))))


UNKNOWN_SHOW = AboutShow()
"""Nothing is said about it."""
