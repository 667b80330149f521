from __future__ import annotations

import ntpath
import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast.download.naming import (
    FIELDS,
    MAX_STEM_BYTES,
    check_template,
    episode_stems,
    file_stem,
    file_suffix,
    unique_stems,
)
from inkcast.errors import SettingsError
from inkcast.feeds.episode import Episode, Feed


def is_reserved(name: str) -> bool:
    if sys.version_info >= (3, 13):
        return ntpath.isreserved(name)
    return PureWindowsPath(name).is_reserved()


LONGEST_SUFFIX = ".transcript.json.part.json"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Slow trains", "Slow trains"),
        (" AC/DC: live?\n", "AC-DC- live"),
        ("...hidden", "hidden"),
        ("e.g.", "e.g"),
        ("", "Untitled"),
        ("?*/", "Untitled"),
        ("con", "_con"),
        ("Aux.tape", "_Aux.tape"),
        ("COM1 .x", "_COM1 .x"),
        ("Contact", "Contact"),
        ("e\u0301", "\u00e9"),
        ("\u202etxt.exe\u200b\x00\x1b", "txt.exe"),
        ("\ud800x", "x"),
    ],
)
def test_file_stem(title: str, name: str) -> None:
    assert file_stem(title) == name


def test_the_date_comes_first() -> None:
    assert file_stem("Con", datetime(824, 3, 5, tzinfo=UTC)) == "0824-03-05 Con"


titles = st.text(max_size=300) | st.from_regex(r"(con|NUL|lpt1|\.| |é|👩‍👩‍👧){1,80}", fullmatch=True)


@given(titles, st.none() | st.datetimes())
def test_every_name_is_safe_everywhere(title: str, published: datetime | None) -> None:
    stem = file_stem(title, published)
    assert 0 < len(stem.encode()) <= MAX_STEM_BYTES
    assert len(f"{stem} #12345678{LONGEST_SUFFIX}".encode()) <= 255
    assert not set(stem) & set('<>:"/\\|?*') and stem.isprintable()
    assert stem == stem.strip(" .") and unicodedata.is_normalized("NFC", stem)
    assert not is_reserved(stem) and not is_reserved(f"{stem}.mp3")
    assert file_stem(stem) == stem


@given(
    st.lists(
        st.tuples(st.sampled_from(["Dawn", "dawn", "DAWN ", "Dusk"]), st.integers()), unique_by=lambda p: p[1]
    )
)
def test_unique_stems(episodes: list[tuple[str, int]]) -> None:
    stems, guids = [stem for stem, _ in episodes], [str(guid) for _, guid in episodes]
    unique = unique_stems(stems, guids)
    assert len({stem.casefold() for stem in unique}) == len(stems)
    assert all(new.startswith(old) for new, old in zip(unique, stems, strict=True))
    # A newer episode renames no older one.
    assert unique_stems(["dawn", *stems], ["new", *guids])[1:] == unique


def test_no_title_takes_the_name_that_a_mark_gives_another() -> None:
    mark = unique_stems(["a", "a"], ["new", "old"])[0]
    again = unique_stems(["a", mark, "a"], ["new", "evil", "old"])
    assert again[1:] == (mark, "a")
    assert (
        len({stem.casefold() for stem in unique_stems(["a", again[0], mark, "A"], ["new", "x", "evil", "o"])})
        == 4
    )


def test_a_stem_without_twin_stays() -> None:
    assert unique_stems(["a", "b", "A"], ["1", "2", "3"])[1:] == ("b", "A")


@pytest.mark.parametrize(
    ("url", "media_type", "suffix"),
    [
        ("https://a.example/x.MP3?y=1.wav", None, ".mp3"),
        ("https://a.example/x.m4a", "audio/mpeg", ".m4a"),
        ("https://a.example/download.php", "audio/ogg", ".ogg"),
        ("https://a.example/download", "audio/mpeg", ".mp3"),
        ("https://[broken", None, ".mp3"),
        ("/feeds/a b.flac", None, ".flac"),
    ],
)
def test_file_suffix(url: str, media_type: str | None, suffix: str) -> None:
    assert file_suffix(url, media_type) == suffix


DAY = datetime(2024, 3, 5, 23, 59, tzinfo=UTC)


def feed_of(*episodes: Episode, title: str = "Slow ways") -> Feed:
    return Feed(title, "https://feeds.example/rss", None, None, episodes)


def test_the_default_template_is_the_plain_name() -> None:
    titles = ("AC/DC: live?", "", "con", "x" * 300, "AC/DC: live?")
    episodes = [Episode(str(place), title, DAY) for place, title in enumerate(titles)] + [
        Episode("g", "No date")
    ]
    stems = [file_stem(episode.title, episode.published) for episode in episodes]
    expected = unique_stems(stems, [episode.guid for episode in episodes])
    assert tuple(episode_stems(feed_of(*episodes)).values()) == expected


@pytest.mark.parametrize(
    ("template", "stem"),
    [
        ("{podcast}/{year}/{month}-{day} {title}", "Slow ways/2024/03-05 AC-DC"),
        ("{index} {title}", "002 AC-DC"),
        ("{date}_{guid}", "2024-03-05_https-example.org-p=1&token="),
        ("{{{title}}}", "{AC-DC}"),
        ("con/{title}", "_con/AC-DC"),
        ("{podcast}\\{title}", "Slow ways/AC-DC"),
    ],
)
def test_templates(template: str, stem: str) -> None:
    newest = Episode("https://example.org/?p=1&token=s3cret", "AC/DC", DAY)
    feed = feed_of(newest, Episode("2", "Older"))
    assert episode_stems(feed, template)[newest.guid] == stem


def test_what_is_not_known_leaves_no_gap() -> None:
    feed = feed_of(Episode("1", "Trains"))
    assert episode_stems(feed, "{date} - {title}") == {"1": "Trains"}
    assert episode_stems(feed, "{year}/{title}") == {"1": "Untitled/Trains"}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{titel}", "{titel}"),
        ("{title.__class__}", "{title.__class__}"),
        ("{title[0]}", "{title[0]}"),
        ("{}", "{}"),
        ("{title!r}", "{title!r}"),
        ("{index:>300}", "{index:>300}"),
        ("{title", "is not valid"),
        ("episode", "no field"),
        ("../{title}", "outside"),
        ("/{title}", "outside"),
        ("{title}/", "outside"),
        ("a/./{title}", "outside"),
        ("..\\{title}", "outside"),
    ],
)
def test_templates_that_make_no_sense(template: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check_template(template)
    assert said in caught.value.message
    if "{" in said or said == "no field":
        assert all(f"{{{field}}}" in caught.value.hint for field in FIELDS)


def test_a_long_title_gives_way_to_what_tells_files_apart() -> None:
    feed = feed_of(Episode("guid-2", "ä" * 200, DAY), Episode("guid-1", "ä" * 200, DAY))
    stems = episode_stems(feed, "{date} {title} {guid}")
    assert {stem[-6:] for stem in stems.values()} == {"guid-1", "guid-2"}
    assert all(len(stem.encode()) <= MAX_STEM_BYTES for stem in stems.values())


FIELD = st.sampled_from([f"{{{field}}}" for field in FIELDS])
PIECE = st.text(st.characters(exclude_characters="{}/\\", exclude_categories=["Cs"]), max_size=5)


@given(
    st.lists(st.tuples(PIECE, FIELD), min_size=1, max_size=4),
    st.lists(st.tuples(st.text(max_size=150), st.text(max_size=80)), min_size=1, max_size=5),
    st.text(max_size=60),
)
def test_every_template_gives_safe_and_different_names(
    pieces: list[tuple[str, str]], episodes: list[tuple[str, str]], podcast: str
) -> None:
    template = "/".join(before + field for before, field in pieces)
    feed = feed_of(
        *(Episode(f"{place}{guid}", title, DAY) for place, (title, guid) in enumerate(episodes)),
        title=podcast,
    )
    stems = episode_stems(feed, template)
    assert len({stem.casefold() for stem in stems.values()}) == len(episodes)
    for part in (part for stem in stems.values() for part in stem.split("/")):
        name = part + LONGEST_SUFFIX
        assert 0 < len(name.encode()) <= 255 and part not in (".", "..")
        assert not set(name) & set('<>:"/\\|?*') and not is_reserved(name)
        assert part == part.strip(" ") and not part.startswith(".")
