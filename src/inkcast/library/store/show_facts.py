"""``show.json`` and ``cover.jpg`` in each show's folder: what its feed says about it, for its pages."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from inkcast.errors import InkcastError, StorageError
from inkcast.feeds.about_show import AboutShow
from inkcast.feeds.address import address_digest
from inkcast.feeds.episode import Feed
from inkcast.files import make_folder, write_bytes, write_text
from inkcast.publish.pages.cover import small_cover
from inkcast.shape import MISSHAPEN

if TYPE_CHECKING:
    import httpx

COVER = "cover.jpg"

_FACTS = "show.json"
_MOST_BYTES = 10_000_000
_DEEPEST = 5
_LOG = logging.getLogger(__name__)


def keep_show_facts(folder: Path, feed: Feed, client: httpx.Client) -> None:
    """Take down what a feed says about its show, and fetch its cover if that is new.

    A cover that cannot be had stops nothing: the one that is there stays. Raises StorageError.
    """
    # Who only reads what is kept needs no network: reaching for it takes longer than all of that.
    from inkcast.download.client import fetch_bytes

    known = _read(folder)
    image = address_digest(feed.image) if feed.image else ""
    if image and (known.get("image") != image or not (folder / COVER).is_file()):
        try:
            fetched = fetch_bytes(client, feed.image or "", max_bytes=_MOST_BYTES, sleep=lambda seconds: None)
            write_bytes(make_folder(folder) / COVER, small_cover(fetched.data))
        except StorageError:
            raise
        except InkcastError as error:
            _LOG.info("%s has no cover: %s", feed.title, error)
            image = str(known.get("image", ""))
    about = asdict(feed.about)
    facts = {**about, "hosts": list(about["hosts"]), "image": image}
    if facts != known:
        write_text(make_folder(folder) / _FACTS, json.dumps(facts, ensure_ascii=False, indent=1) + "\n")


def show_facts(folder: Path) -> AboutShow:
    """What is known of a show; nothing of one whose feed was last read by an older Inkcast."""
    return AboutShow.from_json(_read(folder))


def show_folder(episode: Path) -> Path:
    """The show's folder above an episode's, which names with slashes put deeper into it."""
    above = list(episode.parents)[:_DEEPEST]
    return next((folder for folder in above if (folder / _FACTS).is_file()), episode.parent)


def cover_of(folder: Path) -> Path | None:
    """The show's cover, if there is one."""
    path = folder / COVER
    return path if path.is_file() else None


def _read(folder: Path) -> dict[str, object]:
    path = folder / _FACTS
    try:
        stat = path.stat()
        return _read_once(path, stat.st_ino, stat.st_size, stat.st_mtime_ns)
    except (OSError, *MISSHAPEN):
        return {}


@lru_cache(maxsize=8)
def _read_once(path: Path, *stat: int) -> dict[str, object]:
    """What each of a show's episodes asks for, as long as ``stat`` is the same; not to be changed."""
    data = json.loads(path.read_bytes())
    return data if isinstance(data, dict) else {}
