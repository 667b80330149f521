"""A library as a site on this machine: what is in it, what is under way, what failed; and that it follows."""

from datetime import UTC, datetime

import httpx
from lxml import html

from inkcast.feeds.identity import Traits
from inkcast.library.check import check
from inkcast.library.library_site import LibrarySite
from inkcast.library.store.catalogue import Catalogue, NewEpisode
from inkcast.library.store.record import StepRecord
from inkcast.library.store.schema import FILE_NAME
from tests.cli.test_serve import serving
from tests.support.libraries import Told, write_library

TRAINS = Told("Night trains", ("Night trains are coming back.",))
BOATS = Told("Boats <i>", ("A boat that never sails.",), "2026-05-13")


def begin(library, title, *steps):
    """An episode that came as far as that; the last step failed if its name ends so."""
    with Catalogue(library / FILE_NAME) as catalogue:
        feed = catalogue.feeds()[0]
        catalogue.put_episodes(feed, [NewEpisode(Traits(title, title, None), title)])
        for name, state in (step.split() for step in steps):
            reason = "The server is <away>." if state == "failed" else ""
            record = StepRecord(name, state, "k", "r", reason, 1, 0.1, datetime.now(UTC))
            catalogue.record(feed, title, record)


def test_a_library_is_shown_with_all_that_is_done_under_way_and_failed(tmp_path):
    library = write_library(tmp_path / "library", [TRAINS, BOATS])
    begin(library, "Half", "download done", "essay done")
    begin(library, "Lost", "download failed")
    site = LibrarySite(library)
    with serving(site.folder, refresh=site.refresh) as server, httpx.Client(base_url=server.url) as client:

        def read(path):
            answer = client.get(path)
            assert answer.status_code == 200, path
            return html.document_fromstring(answer.text)

        home = read("index.html")
        assert home.xpath("//h3//text()[normalize-space()]") == ["Night trains", "Boats <i>"]
        (link,) = home.xpath("//nav//a[text()='Status']/@href")
        status = read(link)
        assert "Half" in status.xpath("//section[@aria-labelledby='under-way']")[0].text_content()
        assert "next: transcribe" in status.text_content()
        assert (
            "The server is <away>." in status.xpath("//section[@aria-labelledby='failed']")[0].text_content()
        )
        for page in status.xpath("//ul[@class='pages']//a"):
            assert read(page.get("href")).findtext(".//title") == page.text_content()
            audio = read(page.get("href")).xpath("//audio/@src")[0]
            assert client.get(page.get("href").replace("index.html", "") + audio).status_code == 200
        before = client.get("index.html").headers["ETag"]
        assert client.get("index.html").headers["ETag"] == before, "nothing is made in vain"
        write_library(library, [Told("The third", ("It has come since.",), "2026-05-21")])
        begin(library, "Half", "transcribe failed")
        assert len(read("index.html").xpath("//h3")) == 3, "it follows the sync"
        assert not read(link).xpath("//section[@aria-labelledby='under-way']")
    assert not [finding for finding in check(library).findings if ".site" in str(finding.path)]
