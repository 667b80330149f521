"""The site of a library: what is in it, what is made again, what other programs read of it."""

import json
import re
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from io import BytesIO
from urllib.parse import unquote

import av
import feedparser
import numpy as np
import pytest
from lxml import html

from inkcast.errors import PublishError
from inkcast.essays.essay import Block, Mark
from inkcast.feeds.rss import parse_feed
from inkcast.library.store.contents import contents
from inkcast.publish.pages.cover import small_cover
from inkcast.publish.site.card import draw_card
from inkcast.publish.site.episode_page import Options
from inkcast.publish.site.site import publish_site
from inkcast.publish.subtitles.vtt import parse_vtt
from tests.support.conversations import TURNS
from tests.support.example import ROOT
from tests.support.libraries import Told, write_library
from tests.support.namespace import namespace_problems

BASE = "https://listen.example/s/"
COVER = ROOT / "examples" / "cover.png"
TRAINS = Told("Trains", ("Night trains are coming back.", "Nobody planned it."), "2026-05-13")
BOATS = Told("Boats", ("Every harbour keeps a boat that never sails.",), "2026-05-20", "Harbours")
TALK = Told("A talk", heard="Nobody wrote this down but it was said.", published="2025-12-01")
HOSTILE = Told(
    '</script><script>alert(1)</script>&"\u202eevil\u0007',
    ("</script><img src=x onerror=alert(1)> ]]> \u2028 \u202e <b>bold</b>",),
    show="<i>Show</i>]]>",
)


@pytest.fixture
def library(tmp_path):
    return write_library(tmp_path / "library", [TRAINS, BOATS, TALK])


@pytest.fixture
def out(tmp_path):
    return tmp_path / "site"


def publish(library, out, **options):
    return publish_site(contents(library), out, Options(**options))


def snapshot(folder):
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".inkcast-site.json"
    }


def pages_of(out):
    return [html.parse(str(path)).getroot() for path in out.rglob("*.html")]


def links_of(out):
    for path in out.rglob("*.html"):
        for element in html.parse(str(path), html.HTMLParser(encoding="utf-8")).iter("a", "audio", "button"):
            address = element.get("href") or element.get("src") or element.get("data-audio")
            if address:
                yield path, address


def episode_page(out, title):
    (page,) = (
        path
        for path in out.glob("*/index.html")
        if html.parse(str(path)).findtext(".//title").startswith(title)
    )
    return page


# What is in it ---------------------------------------------------------------------------------------


def test_every_link_within_the_site_leads_to_a_file(library, out):
    publish(library, out, with_audio=True)
    checked = 0
    for path, href in links_of(out):
        if re.match(r"https?://|#", href):
            continue
        assert (path.parent / unquote(href.partition("#")[0])).is_file(), (path, href)
        checked += 1
    assert checked > 20


def test_episodes_are_listed_by_date_and_by_show(library, out):
    publish(library, out)
    index = html.parse(str(out / "index.html")).getroot()
    assert [h.text_content() for h in index.iter("h3")] == ["Boats", "Trains", "A talk"]
    assert [h.text_content() for h in index.iter("h2")] == ["May 2026", "December 2025"]
    facts = index.findall(".//li//p[@class='facts']")
    assert facts[0].text_content() == "20 May 2026 · Harbours · 0:03"
    lists = [html.parse(str(path)).getroot() for path in sorted(out.glob("shows/*/index.html"))]
    shown = {page.findtext(".//h1"): [h.text_content() for h in page.iter("h3")] for page in lists}
    assert shown == {"Harbours": ["Boats"], "Slow ways": ["Trains", "A talk"]}


def test_long_lists_have_pages_that_hold_every_episode_once(tmp_path, out):
    episodes = [Told(f"No {n}", ("Some text.",), f"{2020 + n // 30}-0{n % 9 + 1}-03") for n in range(120)]
    publish(write_library(tmp_path / "library", episodes), out)
    lists = [out / "index.html", out / "pages" / "2.html", out / "pages" / "3.html"]
    assert not (out / "pages" / "4.html").exists()
    titles = [h.text_content() for path in lists for h in html.parse(str(path)).iter("h3")]
    assert sorted(titles) == sorted(told.title for told in episodes)
    years = html.parse(str(lists[0])).findall(".//nav[@class='years']//a")
    assert [year.text for year in years] == ["2023", "2022", "2021", "2020"]
    for year in years:
        page, _, anchor = year.get("href").partition("#")
        assert html.parse(str(out / page)).find(f".//*[@id='{anchor}']").text.endswith(year.text)


def test_an_episode_without_essay_has_its_transcript_for_a_page(library, out):
    publish(library, out)
    page = html.parse(str(episode_page(out, "A talk"))).getroot()
    spans = [(s.text_content(), s.get("data-m")) for s in page.iter("span") if s.get("data-m")]
    assert spans[:2] == [("Nobody", "0"), ("wrote", "400")]
    assert "Transcribed by machine" in page.text_content()


def test_every_page_has_a_policy_and_loads_nothing_from_elsewhere(library, out):
    publish(library, out)
    for page in pages_of(out):
        (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        loaded = page.xpath("//img/@src | //script/@src | //link[@rel!='alternate']/@href | //audio/@src")
        assert not [address for address in loaded if address.startswith(("http", "//"))]


def test_remote_pictures_are_words_unless_asked_for(tmp_path, out):
    picture = Block("paragraph", "Look.", (Mark("image", 0, 0, "https://x.example/a.png", "A chart"),))
    library = write_library(tmp_path / "library", [replace(TRAINS, blocks=(picture,))])
    publish(library, out)
    page = html.parse(str(episode_page(out, "Trains"))).getroot()
    assert not page.xpath("//img") and "A chart" in page.text_content()
    publish(library, out, remote_images=True)
    page = html.parse(str(episode_page(out, "Trains"))).getroot()
    assert page.xpath("//img/@src") == ["https://x.example/a.png"]


def test_recordings_are_linked_copied_or_the_publishers(library, out):
    publish(library, out)
    page = episode_page(out, "Trains")
    (original,) = library.rglob("2026-05-13*.wav")

    def source():
        return html.parse(str(page)).find(".//audio").get("src")

    assert (page.parent / unquote(source())).resolve() == original.resolve()
    result = publish(library, out, base_url=BASE)
    assert source() == "https://audio.example/a.wav"
    assert len(result.silent) == 1  # nobody knows where the talk is published
    publish(library, out, with_audio=True)
    assert (page.parent / unquote(source())).samefile(original)
    assert not any(path.name.endswith(".part") for path in out.rglob("*"))


def test_a_private_address_is_never_published(tmp_path, out):
    library = write_library(tmp_path / "library", [replace(TRAINS, address="https://a.example/?token=***")])
    assert publish(library, out, base_url=BASE).silent
    assert "***" not in "".join(p.read_text() for p in out.rglob("*") if p.suffix in (".html", ".xml"))


# Addresses -------------------------------------------------------------------------------------------


def test_addresses_are_short_and_never_change(tmp_path, out):
    told = [
        replace(TRAINS, title="«L’été», 10,000 trains & a boat"),
        replace(BOATS, title="L'ete 10 000 trains: a boat", published="2026-05-13"),
        Told("文字", ("文字",), "2026-05-01"),
        Told("W" * 200 + " and more", ("Text.",), "2026-05-02"),
    ]
    library = write_library(tmp_path / "library", told)
    publish(library, out)
    made = {path.parent.name for path in out.glob("*/index.html")}
    name = "2026-05-13-lete-10-000-trains-a-boat"
    assert made == {name, f"{name}-harbours", "2026-05-01-文字", f"2026-05-02-{'w' * 80}"}
    publish_site([replace(source, title="Another") for source in contents(library)], out, Options())
    assert made == {path.parent.name for path in out.glob("*/index.html")}, "whatever they are called later"


def test_where_episodes_were_in_older_sites_something_leads_to_them(library, out):
    """The site as a version of before would have left it: each episode's folder by show and name."""
    publish(library, out, base_url=BASE)
    manifest = out / ".inkcast-site.json"
    data = json.loads(manifest.read_text())
    guids = [item.id for item in feedparser.parse((out / "feed.xml").read_bytes()).entries]
    for entry in data["episodes"]:
        old = entry.pop("source")
        (out / old).parent.mkdir(parents=True, exist_ok=True)
        (out / entry["path"]).rename(out / old)
        entry["path"] = old
        del entry["transcribed"]
    del data["moved"]
    manifest.write_text(json.dumps(data | {"version": 1}))
    for _ in range(2):
        publish(library, out, base_url=BASE)
        led = {}
        for path in out.glob("episodes/*/*/index.html"):
            page = html.parse(str(path)).getroot()
            (target,) = page.xpath("//main//a/@href")
            assert page.xpath("//link[@rel='canonical']/@href") == [target]
            led[page.findtext(".//title")] = html.parse(str(path.parent / unquote(target))).findtext(
                ".//title"
            )
        assert led == {title: title for title in ("Trains", "Boats", "A talk")}
    assert len(list(out.glob("episodes/*/*/*"))) == 3, "nothing else is left there"
    after = [item.id for item in feedparser.parse((out / "feed.xml").read_bytes()).entries]
    assert after == guids, "for apps they are the same episodes"
    shutil.rmtree(next(path for path in library.rglob("2026-05-20*") if path.is_dir()))
    publish(library, out, base_url=BASE)
    assert len(list(out.glob("episodes/*/*/index.html"))) == 2


# What others show of it --------------------------------------------------------------------------------


@pytest.fixture
def described(library):
    """The library of one show with a cover, and its words about itself."""
    shutil.rmtree(next(path for path in library.rglob("2026-05-20*") if path.is_dir()))
    (show,) = (path for path in library.iterdir() if path.is_dir() and any(path.glob("2026-05-13*")))
    facts = {
        "title": "Slow ways",
        "author": "Ada Bo",
        "description": "Trains & <boats>.",
        "feed": f"{BASE}rss",
    }
    (show / "show.json").write_text(json.dumps(facts))
    (show / "cover.jpg").write_bytes(small_cover(COVER.read_bytes(), 64))
    return library


def meta_of(page):
    named = page.xpath("//meta[@property or @name]")
    return {meta.get("property") or meta.get("name"): meta.get("content") for meta in named}


def test_a_link_to_an_episode_has_a_card(described, out):
    publish(described, out, base_url=BASE, with_audio=True)
    page = html.parse(str(episode_page(out, "Trains"))).getroot()
    address = f"{BASE}2026-05-13-trains/"
    card = meta_of(page)
    assert page.xpath("//link[@rel='canonical']/@href") == [address] == [card["og:url"]]
    assert (card["og:title"], card["og:site_name"], card["author"]) == ("Trains", "Slow ways", "Ada Bo")
    assert card["description"] == card["og:description"] == "Night trains are coming back. Nobody planned it."
    picture = (out / unquote(card["og:image"].removeprefix(BASE))).read_bytes()
    with av.open(BytesIO(picture)) as container:
        drawn = next(container.decode(video=0)).to_ndarray(format="gray")
    assert drawn.shape == (630, 1200) and card["twitter:card"] == "summary_large_image"
    assert np.ptp(drawn[100:530, 90:520]) > 60 < np.ptp(drawn[100:530, 600:]), "cover and letters"
    assert (out / unquote(card["og:audio"].removeprefix(BASE))).is_file()
    assert page.xpath("//p[@class='masthead']//text()") == ["Slow ways"]
    home = meta_of(html.parse(str(out / "index.html")).getroot())
    assert (home["description"], home["og:url"]) == ("Trains & <boats>.", BASE)
    publish(described, out)
    page = html.parse(str(episode_page(out, "Trains"))).getroot()
    assert not page.xpath("//link[@rel='canonical'] | //script[@type]"), "files have no address"
    assert meta_of(page)["og:title"] == "Trains"


def test_a_card_shows_any_title_and_is_none_where_nothing_can_be_drawn(tmp_path, monkeypatch):
    for title in ("{\\pos(1,1)}{\\alpha&HFF&}A\\NB", "שלום {", "W" * 5_000, "a b " * 2_000):
        assert draw_card(title, title, title, None).startswith(b"\xff\xd8\xff"), title[:20]
    assert draw_card("Title", "Show", "", tmp_path / "gone.jpg") is None
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    assert draw_card("Title", "Show", "", None) is None, "no letters"


def test_search_engines_are_told_what_schema_org_knows(described, out):
    publish(described, out, base_url=BASE, with_audio=True)

    def told(path):
        (data,) = html.parse(str(path)).xpath("//script[@type='application/ld+json']/text()")
        return json.loads(data)

    episode, article = told(episode_page(out, "Trains"))["@graph"]
    assert (episode["@type"], article["@type"]) == ("PodcastEpisode", "Article")
    assert (episode["name"], episode["datePublished"], episode["duration"]) == (
        "Trains",
        "2026-05-13",
        "PT3S",
    )
    audio = episode["associatedMedia"]
    assert (audio["@type"], audio["encodingFormat"]) == ("AudioObject", "audio/wav")
    assert (out / unquote(audio["contentUrl"].removeprefix(BASE))).is_file()
    assert article["audio"] == {"@id": audio["@id"]} and article["author"]["name"] == "Ada Bo"
    series = told(out / "index.html")
    assert (series["@type"], series["webFeed"]) == ("PodcastSeries", f"{BASE}rss")
    assert series.items() >= episode["partOfSeries"].items()
    (talk,) = told(episode_page(out, "A talk"))["@graph"]
    assert talk["@type"] == "PodcastEpisode", "what a machine has written is no article"


def test_home_says_what_the_show_is(described, out):
    publish(described, out, base_url=BASE, with_audio=True)
    home = html.parse(str(out / "index.html")).getroot()
    assert home.xpath("//p[@class='description']/text()") == ["Trains & <boats>."]
    assert home.xpath("//p[@class='subscribe']/a/@href") == ["feed.xml", f"{BASE}rss"]
    assert (out / unquote(home.xpath("//img/@src")[0])).is_file()


def test_a_snippet_begins_with_what_is_read(tmp_path, out):
    blocks = (
        Block("paragraph", "Share this post"),
        Block("heading", "I"),
        Block("paragraph", "Never. Read it."),
    )
    told = Told("A", blocks=blocks, unspoken=(1, 2, 3, 5))
    publish(write_library(tmp_path / "library", [told]), out)
    assert html.parse(str(out / "index.html")).xpath("//p[@class='summary']/text()") == ["Read it."]


# What is made again ----------------------------------------------------------------------------------


def test_a_second_time_nothing_is_written(library, out):
    first = publish(library, out, base_url=BASE)
    before = snapshot(out)
    second = publish(library, out, base_url=BASE)
    assert (len(first.made), second.made, len(second.unchanged)) == (3, [], 3)
    assert snapshot(out) == before


def test_only_what_changed_is_made_and_the_result_is_that_of_a_fresh_site(library, out, tmp_path):
    publish(library, out)
    before = snapshot(out)
    write_library(library, [replace(BOATS, paragraphs=("The zeppelin is another matter.",))])
    result = publish(library, out)
    assert len(result.made) == 1 and len(result.unchanged) == 2
    after = snapshot(out)
    trains = [name for name in after if "2026-05-13" in name]
    assert trains and all(after[name] == before[name] for name in trains)
    publish(library, tmp_path / "fresh")
    fresh = snapshot(tmp_path / "fresh")
    assert {name: data for name, (_, data) in after.items()} == {n: d for n, (_, d) in fresh.items()}


def test_what_leaves_the_library_leaves_the_site(library, out):
    publish(library, out)
    shutil.rmtree(next(path for path in library.rglob("2026-05-20*") if path.is_dir()))
    result = publish(library, out)
    assert len(result.removed) == 1
    assert not [path for path in out.rglob("*") if "2026-05-20" in str(path)]
    assert not (out / "shows").exists()  # a single show needs no list of its own
    assert "Boats" not in "".join(path.read_text() for path in out.rglob("*") if path.is_file())


def test_a_missing_file_is_made_again(library, out):
    publish(library, out)
    lost = [episode_page(out, "Trains"), out / "index.html", next(out.glob("search/terms-*.js"))]
    contents = [path.read_bytes() for path in lost]
    for path in lost:
        path.unlink()
    publish(library, out)
    assert [path.read_bytes() for path in lost] == contents


def test_a_killed_run_is_finished_by_the_next_and_leaves_nothing_behind(library, out, monkeypatch, tmp_path):
    def die(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("inkcast.publish.site.site.list_pages", die)
    with pytest.raises(KeyboardInterrupt):
        publish(library, out)
    monkeypatch.undo()
    shutil.rmtree(next(path for path in library.rglob("2026-05-20*") if path.is_dir()))
    publish(library, out)
    publish(library, tmp_path / "fresh")
    assert snapshot(out).keys() == snapshot(tmp_path / "fresh").keys()


def test_a_damaged_episode_is_a_problem_and_keeps_its_older_page(library, out):
    publish(library, out)
    page = episode_page(out, "Trains").read_bytes()
    next(library.rglob("2026-05-13*.alignment.json")).write_text("{")
    result = publish(library, out)
    assert len(result.problems) == 1 and "Cannot read" in next(iter(result.problems.values()))
    assert episode_page(out, "Trains").read_bytes() == page


def test_a_folder_with_something_else_in_it_is_refused_untouched(library, out):
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(PublishError, match="is not empty"):
        publish(library, out)
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_a_manifest_that_points_outside_removes_nothing(library, out, tmp_path):
    publish(library, out)
    (tmp_path / "mine.txt").write_text("mine")
    manifest = out / ".inkcast-site.json"
    manifest.write_text(manifest.read_text().replace('"files": ["', '"files": ["../mine.txt", "', 1))
    with pytest.raises(PublishError, match="leads out"):
        publish(library, out)
    assert (tmp_path / "mine.txt").exists()


# What other programs read ----------------------------------------------------------------------------


def test_the_feed_is_read_as_a_podcast_with_transcripts(library, out):
    publish(library, out, base_url=BASE, with_audio=True)
    data = (out / "feed.xml").read_bytes()
    parsed = feedparser.parse(data)
    assert not parsed.bozo
    assert parsed.feed.link == BASE and parsed.feed.title == "Library"
    ours = parse_feed(data, f"{BASE}feed.xml")
    assert [episode.title for episode in ours.episodes] == ["Boats", "Trains", "A talk"]
    for episode in ours.episodes:
        local = [episode.link, episode.enclosure.url, *(link.url for link in episode.transcripts)]
        for url in local:
            path = out / unquote(url.removeprefix(BASE))
            assert url.startswith(BASE) and (path / "index.html" if url.endswith("/") else path).is_file()
        types = [link.media_type for link in episode.transcripts]
        assert types == ["text/vtt", "application/x-subrip"], "the one that says most comes first"
        assert episode.enclosure.media_type == "audio/wav"
    assert namespace_problems(data) == []
    items = ET.fromstring(data).findall("channel/item")
    by_machine = "{https://podcastindex.org/namespace/1.0}txt[@purpose='ai-content']"
    assert [item.find(by_machine) is not None for item in items] == [False, False, True]
    own = parse_feed(next(out.glob("shows/*/feed.xml")).read_bytes(), BASE)
    assert len(own.episodes) in (1, 2)


def test_the_feeds_transcripts_name_who_speaks(tmp_path, out):
    blocks = tuple(Block("paragraph", text, speaker=name) for name, text in TURNS)
    publish(write_library(tmp_path / "talks", [Told("Mud", blocks=blocks)]), out, base_url=BASE)
    (episode,) = parse_feed((out / "feed.xml").read_bytes(), BASE).episodes
    spoken = parse_vtt((out / unquote(episode.transcripts[0].url.removeprefix(BASE))).read_text()).segments
    assert list(dict.fromkeys(segment.speaker for segment in spoken)) == ["", "Ada Brown", "Bo Chen"]
    assert [segment.speaker for segment in spoken if "crab" in segment.text] == ["Bo Chen"]


def test_chapters_are_files_that_the_feed_names(tmp_path, out):
    headed = Told(
        "Tea",
        blocks=(Block("heading", "Leaves"), Block("paragraph", "Green. " * 40), Block("heading", "Water")),
    )
    publish(write_library(tmp_path / "library", [headed, BOATS]), out, base_url=BASE)
    data = (out / "feed.xml").read_bytes()
    assert namespace_problems(data) == []
    boats, tea = sorted(parse_feed(data, BASE).episodes, key=lambda episode: episode.title)
    assert boats.chapters is None, "one part needs no list"
    chapters = json.loads((out / unquote(tea.chapters.url.removeprefix(BASE))).read_text(encoding="utf-8"))
    assert [chapter["title"] for chapter in chapters["chapters"]] == ["Leaves", "Water"]
    publish(write_library(tmp_path / "library", [replace(headed, blocks=headed.blocks[:2])]), out)
    assert not list(out.rglob("chapters.json"))


def test_the_feed_has_what_rss_2_requires(library, out):
    publish(library, out, base_url=BASE, with_audio=True)
    channel = ET.parse(out / "feed.xml").getroot().find("channel")
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    atom = channel.find("{http://www.w3.org/2005/Atom}link")
    assert (atom.get("rel"), atom.get("href")) == ("self", f"{BASE}feed.xml")
    guids = [item.findtext("guid") for item in channel.findall("item")]
    assert len(set(guids)) == 3
    for item in channel.findall("item"):
        assert set(item.find("enclosure").attrib) == {"url", "length", "type"}
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+]0000", item.findtext("pubDate"))


def test_the_sitemap_lists_pages_by_their_addresses(library, out):
    publish(library, out, base_url=BASE)
    root = ET.parse(out / "sitemap.xml").getroot()
    assert root.tag == "{http://www.sitemaps.org/schemas/sitemap/0.9}urlset"
    addresses = [loc.text for loc in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert addresses[0] == BASE and len(addresses) == len(set(addresses)) == 6
    assert all(re.fullmatch(r"https://[\x21-\x7e]+", address) for address in addresses)


def test_without_an_address_there_are_no_feeds(library, out):
    publish(library, out, base_url=BASE)
    publish(library, out)
    assert not list(out.rglob("*.xml"))


def test_endless_words_that_begin_alike_are_in_the_index(tmp_path, out):
    """What goes by one letter after the other would end at the thousandth, and so would names of files."""
    words = [first + "w" * n for n in (40, 2_000, 1_000_000) for first in ("", "é" * 50, "文")]
    told = Told("Endless" * 100_000, (" ".join(words) + " end.",), show="S" * 100_000)
    publish(write_library(tmp_path / "library", [told, TRAINS]), out, base_url=BASE)
    shards = "".join(path.read_text(encoding="utf-8") for path in out.glob("search/*.js"))
    assert '"trains"' in shards and f'"{"w" * 64}"' in shards and "w" * 65 not in shards
    assert max(len(path.name.encode()) for path in out.glob("search/*.js")) < 255
    lists = [*out.glob("*.*"), *out.glob("shows/*/*")]
    assert len(lists) > 6 and max(path.stat().st_size for path in lists) < 30_000, "only beginnings"


def test_hostile_texts_stay_texts_everywhere(tmp_path, out):
    library = write_library(tmp_path / "library", [HOSTILE, TRAINS])
    publish(library, out, base_url=BASE, with_audio=True)
    for path in out.rglob("*.html"):
        page = html.parse(str(path)).getroot()
        assert len(page.xpath("//script[not(@type)]")) <= 1
        assert not page.xpath("//i | //b | //img | //*[@onerror]")
        for data in page.xpath("//script[@type]"):
            assert json.loads(data.text)["@context"] == "https://schema.org"
    readers = set(out.glob("*/index.html"))  # these show essays as they are
    for path in {*out.rglob("*.html"), *out.rglob("*.xml"), *out.rglob("*.js")} - readers:
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x07]", path.read_text(encoding="utf-8")), path
    for path in out.rglob("*.xml"):
        ET.parse(path)
    assert not feedparser.parse((out / "feed.xml").read_bytes()).bozo
    titles = [h.text_content() for h in html.parse(str(out / "index.html")).iter("h3")]
    assert titles[0] == '</script><script>alert(1)</script>&"evil'
