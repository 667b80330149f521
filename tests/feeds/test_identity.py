from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.feeds.address import canonical_address
from inkcast.feeds.episode import Enclosure, Episode
from inkcast.feeds.identity import match_known, traits_of

DAY = datetime(2026, 5, 13, 8, tzinfo=UTC)


def episode(n, **changes):
    plain = Episode(
        guid=f"g{n}",
        title=f"Number {n}",
        published=DAY + timedelta(days=n),
        enclosure=Enclosure(f"https://cdn.example/show/{n}.mp3"),
        link=f"https://show.example/p/{n}",
    )
    return replace(plain, **changes)


def match(known, episodes):
    return match_known([traits_of(e) for e in known], [traits_of(e) for e in episodes])


@pytest.mark.parametrize(
    "address",
    [
        "https://cdn.example/show/1.mp3",
        "http://www.CDN.example/show/1.mp3?sig=abc#t=1",
        "https://me:secret@cdn.example//show/1.mp3",
        "https://op3.dev/e/cdn.example/show/1.mp3",
        "https://op3.dev/e,pg=1b9d/https://cdn.example/show/1.mp3?x=1",
        "https://dts.podtrac.com/redirect.mp3/chrt.fm/track/AB12/cdn.example/show/1.mp3",
        "https://pdst.fm/e/chtbl.com/track/4/mgln.ai/e/77/cdn.example/show/1.mp3",
        "https://media.blubrry.com/tides/cdn.example/show/%31.mp3",
    ],
)
def test_the_ways_to_an_address_are_one(address):
    assert canonical_address(address) == "cdn.example/show/1.mp3"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example", "a.example"),
        ("https://a.example/p/on.time", "a.example/p/on.time"),
        ("https://a.example/redirect.ogg/x", "a.example/redirect.ogg/x"),
        ("https://a.example/v1.2/1.mp3", "a.example/v1.2/1.mp3"),
        ("https://a.example:8080/1.mp3", "a.example:8080/1.mp3"),
    ],
)
def test_other_addresses_stay(address, expected):
    assert canonical_address(address) == expected


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_a_canonical_form(text):
    assert isinstance(canonical_address(text), str)


ELSEWHERE = Enclosure("https://new.example/x.mp3")

CHANGES = {
    "guid": {"guid": "new"},
    "guid and title": {"guid": "new", "title": "Renamed"},
    "guid and audio": {"guid": "new", "enclosure": ELSEWHERE},
    "guid, audio and link": {"guid": "new", "enclosure": ELSEWHERE, "link": "https://new.example/x"},
    "guid, and typography": {"guid": "new", "title": "“NUMBER  1!”", "enclosure": None, "link": None},
    "guid and date": {"guid": "new", "published": None},
    "all but the guid": {"title": "x", "published": None, "enclosure": ELSEWHERE, "link": None},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_episode_is_known(change):
    known = [episode(n) for n in range(3)]
    now = [episode(0), episode(1, **CHANGES[change]), episode(2), episode(3)]
    assert match(known, now) == {"g0": "g0", now[1].guid: "g1", "g2": "g2"}


DIFFERENT = {
    "the next hour of a show with one address and title": {"published": DAY + timedelta(hours=1)},
    "another title, no date": {"published": None, "title": "Another"},
    "another title and address on the same day": {
        "title": "Another",
        "enclosure": ELSEWHERE,
        "link": "https://new.example/x",
    },
    "the same title elsewhere, no date": {
        "published": None,
        "enclosure": ELSEWHERE,
        "link": "https://new.example/x",
    },
}


@pytest.mark.parametrize("difference", DIFFERENT)
def test_a_new_episode_is_new(difference):
    known = episode(0)
    assert match([known], [replace(known, guid="new", **DIFFERENT[difference])]) == {}


def test_what_could_be_two_is_neither():
    known = [episode(1), episode(2, published=DAY)]
    one = replace(episode(1), guid="new", published=DAY, title="Number 2")
    # By its address and by its title it could be either; nothing may be lost for that.
    both = [replace(known[0], published=DAY), known[1]]
    assert match(both, [one]) == {}


def test_two_claims_to_one_are_none():
    by_link = episode(1, guid="a", title="One", enclosure=ELSEWHERE)
    by_audio = episode(1, guid="b", title="Two", link=None)
    assert match([episode(1)], [by_link]) == {"a": "g1"}
    assert match([episode(1)], [by_audio]) == {"b": "g1"}
    twice = [by_link, by_audio]
    assert match([episode(1)], twice) == {}


def test_an_address_of_the_whole_show_says_nothing():
    home = {"link": "https://show.example/", "enclosure": Enclosure("https://cdn.example/play?id=1")}
    known = [episode(1, published=DAY, **home), episode(2, published=DAY, **home)]
    now = [episode(3, published=DAY, **home), episode(2, published=DAY, **home)]
    assert match(known, now) == {"g2": "g2"}


SETS = st.sets(st.integers(0, 40), max_size=20)


@settings(deadline=None)
@given(SETS, SETS, st.randoms())
def test_when_all_guids_change_every_episode_is_found(known, now, random):
    order = sorted(now)
    random.shuffle(order)
    moved = [episode(n, guid=f"https://new.example/?p={n}") for n in order]
    expected = {f"https://new.example/?p={n}": f"g{n}" for n in known & now}
    assert match([episode(n) for n in known], moved) == expected


TRAITS = st.builds(
    Episode,
    guid=st.sampled_from("abcdefgh"),
    title=st.sampled_from(["One", "one!", "Two", ""]),
    published=st.sampled_from([None, DAY, DAY + timedelta(days=1)]),
    enclosure=st.sampled_from([None, Enclosure("https://a.example/1"), Enclosure("http://a.example/2?x")]),
    link=st.sampled_from([None, "https://b.example/1", "https://b.example/2"]),
)
GROUPS = st.lists(TRAITS, max_size=6, unique_by=lambda one: one.guid)


@settings(deadline=None)
@given(GROUPS, GROUPS)
def test_no_two_are_one_and_the_same_guid_is_the_same_episode(known, now):
    found = match(known, now)
    known_guids, now_guids = {e.guid for e in known}, {e.guid for e in now}
    assert len(set(found.values())) == len(found)
    assert found.keys() <= now_guids and set(found.values()) <= known_guids
    assert {guid: found[guid] for guid in known_guids & now_guids} == {
        guid: guid for guid in known_guids & now_guids
    }
    assert match(known[::-1], now[::-1]) == found
