"""Who may be heard, as feeds say it."""

import pytest

from inkcast.feeds.episode import Episode, Person
from inkcast.feeds.people import heard_in, is_person
from inkcast.feeds.rss import parse_feed


@pytest.mark.parametrize(
    "name",
    ["Nathan Lambert", "Ada B. Lovelace", "Ludwig van Beethoven", "Zoë O’Neil-Smith", "Иван Петров"],
)
def test_names_of_people(name):
    assert is_person(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Nathan",
        "Interconnects AI",
        "Slow Media",
        "The Daily",
        "Ann Elm and Bob Fir",
        "Ann Elm, Bob Fir",
        "Ann Elm & Bob Fir",
        "BBC Radio 4",
        "ann elm",
        "editor@example.org (Ann Elm)",
        "A Podcast of Five Words",
    ],
)
def test_names_of_houses_and_of_several(name):
    assert not is_person(name)


@pytest.mark.parametrize(
    ("title", "notes", "guests"),
    [
        ("Interviewing Ross Oak on clocks", "", ("Ross Oak",)),
        ("An Interview with Dr. Ada Elm", "", ("Ada Elm",)),
        ("Clocks", "<p>Today I talk with <b>Ada Elm</b> of Slow Media about clocks.</p>", ("Ada Elm",)),
        ("Clocks", "We are joined by Ada Elm. She builds clocks.", ("Ada Elm",)),
        ("Clocks (feat. Ada Elm)", "Guests: Ada Elm", ("Ada Elm",)),
        ("How to work with Large Language Models", "With Open Models, we talk about trains.", ()),
        ("Talking to Language Models", "I speak to The Team, and sat down with friends.", ()),
        ("Ada Elm", "by Ada Elm", ()),
    ],
)
def test_guests_are_those_who_are_introduced(title, notes, guests):
    assert heard_in(Episode("1", title, summary=notes)) == guests


def test_persons_of_a_feed_and_of_an_item():
    feed = parse_feed(
        b"""<rss xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>T</title>
        <podcast:person>Ann Elm</podcast:person><podcast:person role="Editor">Dee Yew</podcast:person>
        <item><title>A</title><enclosure url="https://e.example/a.mp3" type="audio/mpeg"/></item>
        <item><title>B</title><enclosure url="https://e.example/b.mp3" type="audio/mpeg"/>
        <podcast:person role="guest">Bob  Fir</podcast:person><podcast:person>Ann Elm</podcast:person>
        </item></channel></rss>""",
        "https://e.example/feed.xml",
    )
    assert feed.about.hosts == ("Ann Elm",)
    plain, talk = feed.episodes
    assert heard_in(plain, feed.about.hosts) == ("Ann Elm",)
    assert heard_in(talk, feed.about.hosts) == ("Bob Fir", "Ann Elm")
    assert heard_in(Episode("1", "C", persons=(Person(""),)), ["Ann Elm"]) == ("Ann Elm",)
