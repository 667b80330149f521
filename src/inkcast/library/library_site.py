"""A library to look at on this machine: its site, and a page that says what is under way and what failed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from inkcast.errors import InkcastError
from inkcast.files import write_text
from inkcast.library.status_page import status_page
from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.contents import contents
from inkcast.library.store.listed import FinishedEpisode, episodes_under_way, finished_episodes
from inkcast.library.store.schema import FILE_NAME, require_catalogue
from inkcast.library.store.status import pace_of, status_of
from inkcast.publish.site.episode_page import Options
from inkcast.publish.site.manifest import read_manifest
from inkcast.publish.site.site import publish_site
from inkcast.publish.site.source import episode_path

SITE = ".site"
"""The site's folder within the library. Recordings are in it under second names, which take no space."""
STATUS = "status.html"

_LOG = logging.getLogger(__name__)


class LibrarySite:
    """The site of a library, made anew when its catalogue has changed.

    Args:
        library: the folder.
    Raises:
        LibraryError: there is no library. StorageError: it is on a disk that cannot be written.
    """

    def __init__(self, library: Path) -> None:
        self.folder = library / SITE
        self._library = library
        self._seen: object = None
        self._lock = threading.Lock()
        self._make()

    def refresh(self) -> None:
        """Bring the site up to date; where that fails, it stays as it is."""
        with self._lock:
            try:
                if self._catalogue_now() != self._seen:
                    self._make()
            except InkcastError as error:
                _LOG.warning("%s", error)

    def _make(self) -> None:
        self._seen = self._catalogue_now()
        title = self._library.resolve().name
        publish_site(contents(self._library), self.folder, Options(with_audio=True, status=STATUS))
        entries = read_manifest(self.folder).entries

        def page_of(episode: FinishedEpisode) -> str:
            entry = entries.get(episode_path(episode.show_folder, episode.folder))
            return quote(entry.page) if entry else ""

        with Catalogue(require_catalogue(self._library), in_memory=True) as catalogue:
            pages = {episode: page_of(episode) for episode in finished_episodes(catalogue)}
            page = whole_status_page(title, catalogue, pages, home="index.html")
        write_text(self.folder / STATUS, page)

    def _catalogue_now(self) -> object:
        """What changes with each step that ends."""
        files = (self._library / FILE_NAME, self._library / f"{FILE_NAME}-wal")
        return [(path.stat().st_mtime_ns, path.stat().st_size) for path in files if path.exists()]


def whole_status_page(
    title: str, catalogue: Catalogue, pages: Mapping[FinishedEpisode, str], home: str = ""
) -> str:
    """The status of a library as a page.

    Args:
        title: the library's name.
        catalogue: of the library.
        pages: of each finished episode, its address as the page finds it; empty if it has none.
        home: address of the list of all episodes, empty if there is none.
    """
    return status_page(
        title,
        status_of(catalogue),
        pace_of(catalogue),
        datetime.now(UTC),
        under_way=episodes_under_way(catalogue),
        pages=pages,
        home=home,
    )
