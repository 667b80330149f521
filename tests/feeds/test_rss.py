from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.errors import FeedError
from inkcast.essays.read import essay_from_content
from inkcast.feeds.address import canonical_address
from inkcast.feeds.episode import Enclosure, Episode
from inkcast.feeds.rss import parse_duration, parse_feed, require_audio

FEEDS = Path(__file__).parents[1] / "data" / "feeds"
URL = "https://lamp.example/podcast/feed.xml"


def rss(*items: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
        ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
        ' xmlns:media="http://search.yahoo.com/mrss/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title>'
        + "".join(f"<item>{item}</item>" for item in items)
        + "</channel></rss>"
    ).encode()


def enclosure(url: str, media_type: str = "audio/mpeg") -> str:
    return f'<enclosure url={quoteattr(url)} length="9" type="{media_type}"/>'


def only(item: str, source: str = URL) -> Episode:
    (episode,) = parse_feed(rss(item), source).episodes
    return episode


def test_reads_a_podcast() -> None:
    feed = parse_feed((FEEDS / "podcast.xml").read_bytes(), URL)
    assert (feed.title, feed.link, feed.language, feed.source) == (
        "The Lamp & the Desk",
        "https://lamp.example/",
        "en-gb",
        URL,
    )
    log, harbour, trains = feed.episodes
    assert log == Episode(
        guid="lamp-3",
        title="On keeping a daily log",
        published=datetime(2024, 3, 5, 6, 30, tzinfo=UTC),
        duration_ms=3_723_000,
        enclosure=Enclosure(
            "https://lamp.example/podcast/audio/daily log.mp3?v=1&auth=s3cret", "audio/mpeg", 1234567
        ),
        link="https://lamp.example/p/daily-log",
        summary="Why a page a day is enough.",
        content_html='<p>Only the first lines. <a href="/p/daily-log">Read more</a></p>',
        essay_source="link",
    )
    assert (harbour.enclosure, harbour.link, harbour.duration_ms) == (None, harbour.guid, 754_000)
    assert trains.enclosure == Enclosure(
        "https://cdn.lamp.example/slow-trains.M4A", "application/octet-stream", None
    )
    # A guid that is no URL is no link, whatever isPermaLink says.
    assert (trains.guid, trains.link, trains.essay_source) == ("lamp-1", None, None)


def test_reads_atom() -> None:
    feed = parse_feed((FEEDS / "atom.xml").read_bytes(), "https://notizen.example/feed")
    second, first = feed.episodes
    assert second.published == datetime(2024, 5, 2, 8, tzinfo=UTC)
    assert second.enclosure == Enclosure("https://notizen.example/2.ogg", "audio/ogg", 42)
    assert second.link == "https://notizen.example/2"
    assert second.summary == "Kurz gesagt."
    assert second.content_html == "<p>Erster Absatz &lt;3.</p><p>Zweiter Absatz.</p>"
    assert first.published == datetime(2024, 4, 1, tzinfo=UTC)
    assert first.enclosure is None and "<em>Betonung</em>" in (first.content_html or "")
    assert feed.language == "de"


def test_accepts_a_broken_feed_and_keeps_its_addresses_intact() -> None:
    feed = parse_feed((FEEDS / "broken.xml").read_bytes(), URL)
    assert [e.guid for e in feed.episodes] == ["one", "two"]
    assert feed.episodes[0].enclosure == Enclosure("https://salt.example/a.mp3?x=1&y=2", "audio/mpeg", 5)
    assert feed.episodes[0].title == "Bare & ampersand here"


def test_every_episode_survives_its_json_form() -> None:
    for name in ("podcast.xml", "atom.xml", "broken.xml"):
        for episode in parse_feed((FEEDS / name).read_bytes(), URL).episodes:
            assert Episode.from_json(episode.to_json()) == episode


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("3600", 3_600_000),
        ("62:03", 3_723_000),
        ("1:02:03", 3_723_000),
        (" 00:00:59 ", 59_000),
        ("12.5", 12_500),
        (":45", 45_000),
        ("45 min", 2_700_000),
        ("1h 2m", 3_720_000),
        ("1 hr, 2 mins 3 sec", 3_723_000),
        ("90 seconds", 90_000),
        ("2H", 7_200_000),
        ("h", None),
        ("0", None),
        ("00:00:00", None),
        ("", None),
        ("-5", None),
        ("1:2:3:4", None),
        ("an hour", None),
        ("٣", None),
    ],
)
def test_parse_duration(text: str, ms: int | None) -> None:
    assert parse_duration(text) == ms


@settings(deadline=None)
@given(st.integers(1, 359_999))
def test_parse_duration_reads_every_spelling_of_a_length(seconds: int) -> None:
    minutes, s = divmod(seconds, 60)
    hours, m = divmod(minutes, 60)
    spellings = (str(seconds), f"{minutes}:{s:02}", f"{hours}:{m:02}:{s:02}", f"{hours:02}:{m}:{s}")
    assert {parse_duration(text) for text in spellings} == {seconds * 1000}


@settings(deadline=None)
@given(st.text(max_size=20))
def test_parse_duration_never_fails(text: str) -> None:
    ms = parse_duration(text)
    assert ms is None or ms > 0


@pytest.mark.parametrize(
    ("address", "media_type", "is_audio"),
    [
        ("https://a.example/x", "audio/mpeg", True),
        ("https://a.example/x", "Audio/X-M4A; charset=binary", True),
        ("https://a.example/x", "MP3", True),
        ("https://a.example/x.OPUS?y=1", "", True),
        ("https://a.example/x.mp3", "application/octet-stream", True),
        ("https://a.example/x.m3u8", "audio/mpegurl", False),
        ("https://a.example/x.jpg", "image/jpeg", False),
        ("https://a.example/x.mp4", "video/mp4", False),
        ("https://a.example/x", "", False),
        ("javascript:x.mp3", "audio/mpeg", False),
        ("ftp://a.example/x.mp3", "audio/mpeg", False),
        ("https://[broken/x.mp3", "", False),
    ],
)
def test_only_audio_counts_as_an_enclosure(address: str, media_type: str, is_audio: bool) -> None:
    episode = only("<title>x</title>" + enclosure(address, media_type))
    assert (episode.enclosure is not None) == is_audio


def test_a_number_is_no_date() -> None:
    assert only(f"<title>x</title><pubDate>1777622400</pubDate>{enclosure('1.mp3')}").published is None


def test_finds_the_audio_behind_an_image_and_in_media_content() -> None:
    second = only(enclosure("https://a.example/i.png", "image/png") + enclosure("https://a.example/b.mp3"))
    media = only('<title>x</title><media:content url="https://a.example/c.mp3" type="audio/mpeg"/>')
    assert second.enclosure and second.enclosure.url == "https://a.example/b.mp3"
    assert media.enclosure and media.enclosure.url == "https://a.example/c.mp3"


def test_guids_are_made_up_when_missing() -> None:
    by_audio, by_link, by_title, other_title = parse_feed(
        rss(
            "<title>a</title>" + enclosure("https://a.example/1.mp3"),
            "<title>a</title><link>https://a.example/2</link>",
            "<title>a</title>",
            "<title>b</title>",
        ),
        URL,
    ).episodes
    assert by_audio.guid == "https://a.example/1.mp3"
    assert by_link.guid == "https://a.example/2"
    assert by_title.guid and other_title.guid and by_title.guid != other_title.guid
    assert only("<title>a</title>").guid == by_title.guid


def dated(day: int, guid: str, url: str) -> str:
    return (
        f"<title>n</title><guid>{guid}</guid><pubDate>{day:02} Jan 2024 00:00:00 GMT</pubDate>"
        + enclosure(url)
    )


def test_a_reused_guid_keeps_naming_the_oldest_episode() -> None:
    old = dated(1, "same", "https://a.example/1.mp3")
    newer = dated(2, "same", "https://a.example/2.mp3")
    newest = dated(3, "same", "https://a.example/3.mp3")
    two = parse_feed(rss(newer, old), URL).episodes
    three = parse_feed(rss(newest, newer, old), URL).episodes
    assert two[1].guid == "same"
    assert three[1:] == two
    assert len({e.guid for e in three}) == 3


def test_without_dates_the_last_of_equal_guids_is_the_oldest() -> None:
    old, newer = (f"<guid>same</guid><title>{name}</title>" for name in ("old", "newer"))
    assert [(e.title, e.guid == "same") for e in parse_feed(rss(newer, old), URL).episodes] == [
        ("newer", False),
        ("old", True),
    ]


def test_a_repeated_item_is_one_episode() -> None:
    item = dated(1, "same", "https://a.example/1.mp3")
    assert len(parse_feed(rss(item, item), URL).episodes) == 1


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab "), st.sampled_from("xyz"), st.integers(1, 3)), min_size=1))
def test_guids_are_unique_and_never_empty(items: list[tuple[str, str, int]]) -> None:
    data = rss(*(dated(day, guid, f"https://a.example/{name}.mp3") for guid, name, day in items))
    episodes = parse_feed(data, URL).episodes
    guids = [e.guid for e in episodes]
    assert all(guids) and len(set(guids)) == len(guids)
    assert {e.enclosure.url[-5] for e in episodes if e.enclosure} == {name for _, name, _ in items}


def test_newest_first_and_undated_items_keep_their_place() -> None:
    feed = parse_feed(
        rss(
            dated(1, "old", "https://a.example/1.mp3"),
            "<title>u</title><guid>undated</guid>",
            dated(3, "new", "https://a.example/3.mp3"),
        ),
        URL,
    )
    assert [e.guid for e in feed.episodes] == ["new", "old", "undated"]


def words(count: int) -> str:
    return "<p>" + " ".join(f"word{n}" for n in range(count)) + "</p>"


def body(markup: str, *, duration: str = "", link: bool = True) -> str:
    return (
        "<title>t</title>"
        + ("<link>https://a.example/p</link>" if link else "")
        + f"<itunes:duration>{duration}</itunes:duration>"
        + f"<content:encoded>{escape(markup)}</content:encoded>"
    )


@pytest.mark.parametrize(
    ("markup", "duration", "expected"),
    [
        (words(400), "", "content"),
        (words(400), "200", "content"),
        (words(100), "", "link"),
        (words(400), "3600", "link"),  # notes on a conversation of an hour
        (words(2500), "3600", "content"),
        (words(400) + '<p><a href="/p">Read more</a></p>', "", "link"),
        (words(400) + "<p>This post is for paid subscribers</p>", "", "link"),
        (words(400) + "<p>and so on […]</p>", "", "link"),
        ("<p>Read more books.</p>" + words(400), "", "content"),
        (f"<ul>{'<li><a>one two three</a></li>' * 120}</ul>", "", "link"),
        (f"<script>{words(400)}</script>", "", "link"),
        ("<p>" + "書" * 400 + "</p>", "", "content"),
        ("<!-- nothing -->", "", "link"),
    ],
)
def test_where_the_essay_is(markup: str, duration: str, expected: str) -> None:
    assert only(body(markup, duration=duration)).essay_source == expected


@pytest.mark.parametrize(
    ("n_words", "duration", "expected"),
    [(280, "2:30", "content"), (200, "2:00", "content"), (150, "2:30", "link"), (280, "4:00", "link")],
)
def test_a_short_text_is_the_essay_where_it_fills_the_recording(
    n_words: int, duration: str, expected: str
) -> None:
    assert only(body(words(n_words), duration=duration)).essay_source == expected


def test_no_link_and_no_whole_text_means_no_essay() -> None:
    assert only(body(words(5), link=False)).essay_source is None


def test_a_whole_essay_as_description_is_content() -> None:
    episode = only(f"<title>t</title><description>{escape(words(400))}</description>")
    assert (episode.content_html, episode.essay_source) == (words(400), "content")


def test_a_whole_essay_as_description_comes_before_a_teaser_as_content() -> None:
    texts = (
        f"<description>{escape(words(400))}</description>",
        f"<content:encoded>{escape(words(9))}</content:encoded>",
    )
    for tags in permutations(texts):
        episode = only("".join(tags))
        assert (episode.content_html, episode.essay_source) == (words(400), "content")


def test_a_podcast_feed_of_substack() -> None:
    whole, preview = parse_feed((FEEDS / "substack-podcast.xml").read_bytes(), URL).episodes
    assert (whole.guid, whole.duration_ms, whole.essay_source) == (
        "substack:post:1840021",
        149_000,
        "content",
    )
    assert whole.enclosure == Enclosure(
        "https://api.example/feed/podcast/1840021/0f3a77c19b2e41d5.mp3", "audio/mpeg", 2391234
    )
    essay = essay_from_content(whole.content_html or "", whole.title, whole.link or "")
    assert [block.kind for block in essay.blocks] == ["title", *["paragraph"] * 5, "boilerplate"]
    assert essay.blocks[1].text.startswith("A weir is a wall")
    assert essay.blocks[-1].text.startswith("This is a public episode.")
    assert (preview.essay_source, preview.link) == ("link", "https://www.weir.example/p/the-last-ferry")


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(
            """<title>Ep &amp;amp; more</title><link></link><itunes:duration>3125</itunes:duration>
            <guid isPermaLink="false"><![CDATA[1b2c3d4e-0000-11ef]]></guid>
            <enclosure url="https://pts.example/redirect.mp3/cdn.example/VMP1.mp3?updated=17" length="0"
            type="audio/mpeg"/>""",
            ("1b2c3d4e-0000-11ef", "Ep & more", 3_125_000, None, "cdn.example/VMP1.mp3", None),
            id="megaphone: no link, a prefix that counts",
        ),
        pytest.param(
            """<title>012: Slow &#8211; water</title><itunes:duration>01:04:00</itunes:duration>
            <guid isPermaLink="false"><![CDATA[9f8e7d6c]]></guid>
            <link><![CDATA[http://traffic.example/secure/x/012.mp3]]></link>
            <enclosure length="30720000" type="audio/mpeg"
            url="https://traffic.example/secure/x/012.mp3?dest-id=123456"/>""",
            ("9f8e7d6c", "012: Slow – water", 3_840_000, None, "traffic.example/secure/x/012.mp3", None),
            id="libsyn: the link is the recording",
        ),
        pytest.param(
            """<itunes:title>One</itunes:title><title>One</title><itunes:duration>1872</itunes:duration>
            <guid isPermaLink="false">Buzzsprout-1501</guid>
            <enclosure url="https://www.buzz.example/20/episodes/1501-one.mp3" length="1"
            type="audio/mpeg"/>""",
            ("Buzzsprout-1501", "One", 1_872_000, None, "buzz.example/20/episodes/1501-one.mp3", None),
            id="buzzsprout",
        ),
        pytest.param(
            """<title><![CDATA[Été à l’île]]></title><itunes:duration>00:30:12</itunes:duration>
            <guid isPermaLink="false">6b1e3c1e-1111</guid><link>https://pod.example/show/Ete-e2ab</link>
            <enclosure url="https://anchor.example/s/1a/podcast/play/88/https%3A%2F%2Fcdn.example%2Fab-44.m4a"
            length="29384756" type="audio/x-m4a"/>""",
            (
                *("6b1e3c1e-1111", "Été à l’île", 1_812_000, "https://pod.example/show/Ete-e2ab"),
                *("anchor.example/s/1a/podcast/play/88/https://cdn.example/ab-44.m4a", "link"),
            ),
            id="anchor: the address of a file inside another",
        ),
    ],
)
def test_items_in_the_shape_of_large_hosts(item: str, expected: tuple[object, ...]) -> None:
    episode = only(item)
    assert episode.enclosure is not None
    assert expected == (
        *(episode.guid, episode.title, episode.duration_ms, episode.link),
        *(canonical_address(episode.enclosure.url), episode.essay_source),
    )


def test_summary_and_content_do_not_depend_on_the_order_of_tags() -> None:
    texts = ("<description>About it</description>", "<itunes:summary>About</itunes:summary>")
    content = "<content:encoded>&lt;p&gt;Body&lt;/p&gt;</content:encoded>"
    for tags in permutations((*texts, content)):
        episode = only("".join(tags))
        assert episode.content_html == "<p>Body</p>" and episode.summary.startswith("About")
    for tags in permutations(texts):
        episode = only("".join(tags))
        assert (episode.summary, episode.content_html) == ("About it", None)


def test_summary_is_plain_text() -> None:
    text = "<p>One &amp;amp; <b>tw</b>o.</p><p>Three</p><script>x()</script>"
    assert (
        only(f"<title>t</title><description>{escape(text)}</description>").summary == "One &amp; two. Three"
    )


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        (b"", "is empty", ""),
        (b" \n", "is empty", ""),
        (b"ID3\x04\x00\x00", "is not a feed", "RSS or Atom"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "has no items", ""),
        (b'{"items": []}', "is JSON, but no JSON Feed", "JSON feed"),
        (
            b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id',
            "damaged or cut off",
            "JSON feed",
        ),
        (b'<rss version="2.0"><channel><title>x</title><ite', "cut off before its first item", "again"),
        (b"<!DOCTYPE html><html><body>Hi</body></html>", "a web page, not a feed", "RSS link"),
        (
            b'\xef\xbb\xbf<html><head><link href="/rss?a=1" type="application/rss+xml" rel="alternate">',
            "a web page, not a feed",
            "https://lamp.example/rss?a=1",
        ),
        (b'<rss version="2.0"><channel><title>x</title></channel></rss>', "has no items", ""),
        (b'<rss version="2.0"><channel><item></item></channel></rss>', "has no items", ""),
    ],
)
def test_says_what_is_wrong(data: bytes, message: str, hint: str) -> None:
    with pytest.raises(FeedError) as caught:
        parse_feed(data, URL)
    assert message in caught.value.message and URL in caught.value.message
    assert hint in caught.value.hint and caught.value.hint


def test_require_audio() -> None:
    silent = parse_feed(rss("<title>t</title>"), URL)
    with pytest.raises(FeedError, match="no audio"):
        require_audio(silent)
    heard = parse_feed(rss(enclosure("https://a.example/1.mp3")), URL)
    assert require_audio(heard) is heard


@pytest.mark.parametrize(
    "prolog", ["", '<?xml version="1.0"?>', '<?xml version="1.0"?>\n<!-- <!DOCTYPE> -->']
)
@pytest.mark.parametrize("depth", [1, 2, 9])
def test_entities_do_not_reach_files_or_grow(tmp_path: Path, prolog: str, depth: int) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("s3cret")
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, depth + 1))
    doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY l0 "<b>lol</b>">{lol}]>'
    item = f"<item><title>a &x; &l{depth};</title><guid>g</guid></item>"
    data = f'{prolog}{doctype}<rss version="2.0"><channel>{item}</channel></rss>'.encode()
    (episode,) = parse_feed(data, URL).episodes
    assert episode.guid == "g" and "s3cret" not in str(episode) and "lol" not in episode.title


def test_a_document_type_is_no_hindrance() -> None:
    doctype = b'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://x.example/rss-0.91.dtd">'
    data = rss(enclosure("https://a.example/1.mp3")).replace(b"<rss", doctype + b"<rss", 1)
    assert (
        parse_feed(data, URL).episodes == parse_feed(rss(enclosure("https://a.example/1.mp3")), URL).episodes
    )


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_feed_or_a_clear_error(data: bytes) -> None:
    try:
        assert parse_feed(data, URL).episodes
    except FeedError as error:
        assert error.hint


def test_thousands_of_items_keep_their_order() -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    items = [
        f"<guid>{n}</guid><pubDate>{start - timedelta(days=n):%a, %d %b %Y %H:%M:%S GMT}</pubDate>"
        for n in range(1000)
    ]
    assert [e.guid for e in parse_feed(rss(*items), URL).episodes] == [str(n) for n in range(1000)]


@pytest.mark.parametrize("reference", ["&#xD800;", "&#xdfff;", "&#55296;", "&#57343;", "&#x00D9AB;"])
def test_a_reference_to_half_a_character_is_no_crash(reference: str) -> None:
    episode = only(f"<title>a{reference}b</title>" + enclosure("https://a.example/1.mp3"))
    assert episode.title == "a\ufffdb"
    episode.title.encode()


@pytest.mark.parametrize("reference", ["&#55295;", "&#57344;", "&#x1F600;", "&#553;"])
def test_references_to_whole_characters_stay(reference: str) -> None:
    number = reference[2:-1]
    character = chr(int(number[1:], 16) if number.startswith("x") else int(number))
    assert only(f"<title>a{reference}b</title>").title == f"a{character}b"


def test_tags_that_nothing_reads_change_nothing() -> None:
    """They are taken out before the feed is read; whatever else is beside them stays."""
    start = '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>T</title>'
    read = (
        "<item><title>A</title><guid>g</guid><description>D %s E</description>",
        "<itunes:duration>1:02</itunes:duration><itunes:subtitle>S</itunes:subtitle>",
        '<enclosure url="https://a.example/1.mp3" type="audio/mpeg"/></item></channel></rss>',
    )
    unread = (
        "<itunes:author>Ann &amp; Bo</itunes:author >",
        '<itunes:image href="https://a.example/a>b.png"/><itunes:explicit/>',
        "<itunes:owner><itunes:name>Ann</itunes:name></itunes:owner><slash:comments>1</slash:comments>",
        "<itunes:author>not closed & <itunes:keywords><![CDATA[<item>]]></itunes:keywords>",
    )
    inner = "<![CDATA[<itunes:author>x</itunes:author>]]>"
    plain = start + "".join(read) % inner
    full = start + read[0] % inner + unread[0] + unread[1] + read[1] + unread[2] + read[2]
    broken = start + read[0] % inner + read[1] + unread[3] + read[2]
    source = "https://a.example/feed"
    expected = parse_feed(plain.encode(), source)
    (episode,) = expected.episodes
    assert episode.duration_ms == 62_000
    assert episode.summary == "S"
    assert parse_feed(full.encode(), source) == expected
    assert parse_feed(broken.encode(), source).episodes[0].enclosure == episode.enclosure


def test_a_saved_feed_with_links_to_pages_it_does_not_have(tmp_path: Path) -> None:
    """A blog's relative links mean nothing beside a file."""
    items = [f"<link>/../{name}</link><title>{name}</title><guid>{name}</guid>" for name in ("a", "b")]
    found = parse_feed(rss(*items), str(tmp_path / "feed.xml"))
    assert [(episode.title, episode.link, episode.essay_source) for episode in found.episodes] == [
        ("a", None, None),
        ("b", None, None),
    ]


@pytest.mark.parametrize(
    "home", ["https://lamp.example", "http://www.lamp.example/", "https://lamp.example/?utm=1"]
)
def test_the_shows_own_page_is_no_episodes_essay(home: str) -> None:
    item = "<item><title>a</title><link>https://lamp.example/</link></item>"
    data = f"<rss version='2.0'><channel><link>{home}</link>{item}</channel></rss>".encode()
    (episode,) = parse_feed(data, URL).episodes
    assert (episode.link, episode.essay_source) == ("https://lamp.example/", None)


def test_items_that_have_only_a_text_stay_apart() -> None:
    items = ["<description>One.</description>", "<description>Two.</description>"]
    assert len({episode.guid for episode in parse_feed(rss(*items), URL).episodes}) == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
def test_a_whole_feed_of_any_encoding_is_not_cut_off(encoding: str, caplog: pytest.LogCaptureFixture) -> None:
    text = rss("<title>a</title><guid>a</guid>").decode().replace("UTF-8", encoding)
    assert parse_feed(text.encode(encoding) + b"\n", URL).episodes[0].guid == "a"
    assert not caplog.records


def test_a_feed_that_is_cut_off_says_so(caplog: pytest.LogCaptureFixture) -> None:
    whole = rss("<title>a</title><guid>a</guid>", "<title>b</title><guid>b</guid>")
    assert len(parse_feed(whole, URL).episodes) == 2 and not caplog.records
    assert parse_feed(whole[: whole.index(b"<guid>b")], URL).episodes[0].guid == "a"
    assert "is cut off" in caplog.text


@pytest.mark.parametrize("encoding", ["idna", "no-such"])
def test_an_encoding_that_stands_there_once_tags_are_gone_is_passed_over(encoding: str) -> None:
    declared = f'<?xml version="1.0" encod<psc:chapter start=\'0\'/>ing="{encoding}"?>'.encode()
    data = declared + rss("<guid>a</guid><title>A</title>").partition(b"?>")[2]
    assert [episode.guid for episode in parse_feed(data, URL).episodes] == ["a"]
