"""Podcasting 2.0: what the feeds in tests/feeds say, and any address in any feed."""

import json
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.errors import FeedError
from inkcast.feeds.episode import ChapterMark, ChaptersLink, Episode, Person, Soundbite, TranscriptLink
from inkcast.feeds.rss import parse_feed

FEEDS = Path(__file__).parents[1] / "data" / "feeds"
URL = "https://tides.example/feed.xml"


def read(name):
    return parse_feed((FEEDS / name).read_bytes(), URL)


def feed(item, declaration='xmlns:podcast="https://podcastindex.org/namespace/1.0"'):
    return (
        f'<rss version="2.0" {declaration}><channel><title>T</title>'
        f"<item><title>t</title><guid>g</guid>{item}</item></channel></rss>"
    ).encode()


def test_every_tag_of_an_item_is_kept_in_its_order():
    high, low = read("podcasting.xml").episodes
    assert high.transcripts == (
        TranscriptLink("https://tides.example/2.vtt?a=1&b=2", "text/vtt", "en", "captions"),
        TranscriptLink("https://tides.example/2.srt", "application/x-subrip", "en", None),
        TranscriptLink("https://tides.example/2.json", "application/json", None, None),
    )
    assert high.chapters == ChaptersLink("https://tides.example/2.chapters.json", "application/json+chapters")
    assert high.chapter_marks == (
        ChapterMark(0, "Opening"),
        ChapterMark(187_000, "The moon", "https://tides.example/moon"),
    )
    assert high.soundbites == (
        Soundbite(73_000, 60_500),
        Soundbite(1_234_500, 42_250, "Why the sea & the moon agree"),
    )
    assert high.persons == (Person("Ines Calder"), Person("Ada & Bo <Lind>", "guest", "cast"))
    assert (low.transcripts, low.chapters, low.chapter_marks, low.soundbites, low.persons) == (
        (),
        None,
        (),
        (),
        (),
    )


def test_the_show_has_a_guid_and_persons_of_its_own():
    show = read("podcasting.xml")
    assert (show.title, show.guid) == ("Tide tables", "917393e3-1b1e-5cef-ace4-edaa54e1f810")
    assert show.persons == (
        Person("Ines Calder", "host", "cast", "https://tides.example/ines", "https://tides.example/ines.jpg"),
    )
    assert read("substack.xml").guid is None


def test_a_broken_feed_gives_each_episode_its_own_and_whole_addresses():
    three, two, one = read("podcasting-broken.xml").episodes
    assert [link.url for link in three.transcripts] == [
        "https://salt.example/3.vtt?x=1&copy=2&y=3",
        "https://salt.example/3.srt",
    ]
    assert (two.persons, two.transcripts) == ((Person("Zoë & Co", "guest"),), ())
    assert one.transcripts == (TranscriptLink("https://salt.example/1.vtt", "text/vtt"),)


@pytest.mark.parametrize(
    ("declaration", "prefix"),
    [
        ('xmlns:podcast="https://podcastindex.org/namespace/1.0"', "podcast"),
        ('xmlns:p20="http://podcastindex.org/namespace/1.0"', "p20"),
        (
            "xmlns:podcast='https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md'",
            "podcast",
        ),
        (
            'xmlns:x="http://www.github.com/podcastindex-org/podcast-namespace/blob/master/docs/1.0.md"',
            "x",
        ),
        ("", "podcast"),
    ],
)
def test_the_namespace_has_several_spellings(declaration, prefix):
    item = f'<{prefix}:transcript url="https://a.example/1.vtt" type="TEXT/VTT; charset=utf-8"/>'
    (episode,) = parse_feed(feed(item, declaration), URL).episodes
    assert episode.transcripts == (TranscriptLink("https://a.example/1.vtt", "text/vtt"),)


def test_another_namespaces_transcript_is_none():
    declaration = (
        'xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:other="https://other.example/"'
    )
    (episode,) = parse_feed(
        feed('<other:transcript url="https://a.example/1.vtt"/>', declaration), URL
    ).episodes
    assert episode.transcripts == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252", "shift_jis"])
def test_every_encoding(encoding):
    name = "ソ能" if encoding == "shift_jis" else "Zoë"
    text = feed(f"<podcast:person>{name}</podcast:person>").decode()
    data = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
    (episode,) = parse_feed(data, URL).episodes
    assert [person.name for person in episode.persons] == [name]


QUERY = st.text("abcopy019=&;.%+/#?'", max_size=30).filter(lambda text: "&#" not in text)


@settings(deadline=None)
@given(QUERY, st.booleans())
def test_an_address_survives_whether_its_ampersands_are_escaped_or_bare(query, bare):
    address = f"https://a.example/t.vtt?{query}"
    # With a semicolon behind it a bare ampersand may be a reference: nobody can tell.
    written = f'"{address}"' if bare and ";" not in query else quoteattr(address)
    item = f'<podcast:transcript url={written} type="text/vtt"/>'
    (episode,) = parse_feed(feed(item), URL).episodes
    assert [link.url for link in episode.transcripts] == [address]


def test_a_local_feed_reaches_only_its_own_folder(tmp_path):
    source = str(tmp_path / "feed.xml")
    (episode,) = parse_feed(feed('<podcast:transcript url="1.vtt"/>'), source).episodes
    assert episode.transcripts[0].url == str(tmp_path / "1.vtt")
    for name in ("transcript", "chapters"):
        for outside in ("../1.vtt", "/etc/passwd", "file:///etc/passwd"):
            with pytest.raises(FeedError, match="outside its own folder"):
                parse_feed(feed(f'<podcast:{name} url="{outside}"/>'), source)
    person = '<podcast:person href="../ines.html" img="/etc/passwd">Ines</podcast:person>'
    (episode,) = parse_feed(feed(person), source).episodes
    assert episode.persons == (Person("Ines"),)


def test_everything_survives_its_json_form():
    for name in ("podcasting.xml", "podcasting-broken.xml", "substack.xml"):
        for episode in read(name).episodes:
            assert Episode.from_json(json.loads(json.dumps(episode.to_json()))) == episode


def test_records_of_older_versions_are_read():
    episode = read("podcasting.xml").episodes[0]
    data = episode.to_json()
    new = ("transcripts", "chapters", "chapter_marks", "soundbites", "persons")
    assert data["transcripts"][0] == {
        "url": "https://tides.example/2.vtt?a=1&b=2",
        "type": "text/vtt",
        "language": "en",
        "rel": "captions",
    }
    for key in new:
        del data[key]
    plain = replace(episode, transcripts=(), chapters=None, chapter_marks=(), soundbites=(), persons=())
    assert Episode.from_json(data) == plain
