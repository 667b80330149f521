"""Pages with many episodes' essays: each episode gets its own, or a clear no."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkcast.errors import EssayError
from inkcast.essays.essay import Essay
from inkcast.essays.pages.dates import Day, read_fact_line
from inkcast.essays.pages.showpage import essay_from_show_page, likeness, split_entries
from inkcast.essays.part import Part
from inkcast.essays.read import parse_essay, read_essay

PAGES = Path(__file__).parents[1] / "data" / "pages"
FORMS = ("show.html", "show.txt")

# Title, date, first words, last words.
EPISODES = (
    ("The ferry that waits", date(2026, 3, 26), "The evening ferry", "look like arithmetic."),
    ("Why my grandmother salted the snow", date(2026, 3, 19), "Every January", "a report about it."),
    ("A short defence of long queues", date(2026, 3, 12), "There is a bakery", "survey will find."),
    ("Five maps of one valley", date(2026, 3, 5), "The archive in our valley", "enough to draw it."),
    ("The ferry that waits, again", date(2026, 2, 26), "Several readers wrote", "see the whole hill."),
)


def spoken(essay: Essay) -> list[str]:
    return [block.text for block in essay.blocks if block.kind not in ("title", "boilerplate")]


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(("title", "day", "first", "last"), EPISODES, ids=[e[0] for e in EPISODES])
def test_each_episode_has_its_own_essay(name: str, title: str, day: date, first: str, last: str) -> None:
    for asked in (title, title.upper(), f"#12: {title}", f"  {title.replace(',', ' –')}!"):
        for published in (None, day):
            essay = essay_from_show_page((PAGES / name).read_bytes(), name, asked, published)
            assert essay.title == title
            assert essay.blocks[0].kind == "title"
            text = spoken(essay)
            assert len(text) == 3
            assert text[0].startswith(first) and text[-1].endswith(last)


@pytest.mark.parametrize("title", [episode[0] for episode in EPISODES])
def test_page_and_saved_text_agree(title: str) -> None:
    html, text = (essay_from_show_page((PAGES / name).read_bytes(), name, title) for name in FORMS)
    assert spoken(html) == spoken(text)


def test_promotion_is_kept_apart() -> None:
    essay = essay_from_show_page((PAGES / "show.txt").read_bytes(), "show.txt", EPISODES[2][0])
    assert [b.text[:20] for b in essay.blocks if b.kind == "boilerplate"] == ["Tidal Desk is a read"]


def test_a_part_of_a_file_is_chosen_by_title() -> None:
    part = Part(episode="five maps of one valley", published=date(2026, 3, 5))
    assert read_essay(PAGES / "show.html", part).title == "Five maps of one valley"


def test_a_title_with_a_slip_is_found_by_its_date() -> None:
    data = (PAGES / "show.txt").read_bytes()
    assert essay_from_show_page(data, "p", "Five map of one valey", date(2026, 3, 4)).title == EPISODES[3][0]
    with pytest.raises(EssayError, match="no episode"):
        essay_from_show_page(data, "p", "Five map of one valey", date(2026, 3, 20))


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    ("title", "day"), [("A long defence", None), ("Five maps of one valley", date(2025, 3, 5)), ("?!", None)]
)
def test_what_is_missing_is_said_with_what_is_there(name: str, title: str, day: date | None) -> None:
    with pytest.raises(EssayError, match="no episode") as caught:
        essay_from_show_page((PAGES / name).read_bytes(), name, title, day)
    for there, *_ in EPISODES:
        assert there in caught.value.message
    assert "2026-03-26" in caught.value.message


WORDS = "Nobody in the village could say when the clock had stopped or who had been the last to wind it."
TEXT = " ".join([WORDS] * 4)


def page(order: str, episodes: list[tuple[str, str]]) -> str:
    parts = {"title": "{0}", "facts": "{1}\n12 min", "text": f"{TEXT}\n\n{{2}}"}
    entries = ["\n".join(parts[part] for part in order.split(", ")) for _ in episodes]
    body = "\n\n".join(
        entry.format(title, day, f"This one is about {title}.")
        for entry, (title, day) in zip(entries, episodes, strict=True)
    )
    return f"The show\nBy somebody\nA show about villages, told slowly.\n\n{body}\n"


@pytest.mark.parametrize("order", ["title, facts, text", "facts, title, text", "title, text, facts"])
@pytest.mark.parametrize("style", ["%b %d, %Y", "%d %B %Y", "%Y-%m-%d", "%A, %d. %b %Y", "%m/%d/%Y", "%d %b"])
def test_every_order_of_title_date_and_text(order: str, style: str) -> None:
    days = [date(2026, 5, 27), date(2026, 5, 20), date(2026, 5, 13)]
    titles = ["Clocks", "What the baker knew", "Bells and other weather"]
    text = page(order, [(t, d.strftime(style)) for t, d in zip(titles, days, strict=True)])
    for title, day in zip(titles, days, strict=True):
        essay = essay_from_show_page(text.encode(), "show.txt", title, day)
        assert (essay.title, spoken(essay)) == (title, [TEXT, f"This one is about {title}."])


@pytest.mark.parametrize("order", ["title, facts, text", "facts, title, text", "title, text, facts"])
def test_headings_of_the_text_are_no_titles(order: str) -> None:
    days = [date(2026, 5, 27), date(2026, 5, 20)]
    text = page(order, [("Clocks", f"{days[0]:%b %d, %Y}"), ("Bells", f"{days[1]:%b %d, %Y}")])
    text = text.replace("This one is about", f"What follows\n\n{TEXT}\n\nThis one is about")
    for title, day in zip(("Clocks", "Bells"), days, strict=True):
        essay = essay_from_show_page(text.encode(), "show.txt", title, day)
        assert spoken(essay) == [TEXT, "What follows", TEXT, f"This one is about {title}."]


def test_the_shows_name_in_each_entry_is_no_title() -> None:
    entries = "\n".join(
        f"{title}\nThe Show\nMar {day}, 2026\nPlay\n12 min\n{title} first. {TEXT}\n"
        for title, day in (("Clocks", 5), ("Bells", 4), ("Bread", 3))
    )
    for title in ("Clocks", "Bells", "Bread"):
        essay = essay_from_show_page(f"The Show\n{entries}".encode(), "p", title)
        assert spoken(essay) == [f"{title} first. {TEXT}"]


def test_episodes_of_one_title_need_a_date() -> None:
    days = [date(2026, 5, 27), date(2026, 5, 20)]
    text = page("title, facts, text", [("Letters", f"{day:%b %d, %Y}") for day in days])
    text = text.replace("about Letters.", "about May 27.", 1)
    with pytest.raises(EssayError, match=r"several .*2026-05-27.*2026-05-20"):
        essay_from_show_page(text.encode(), "p", "Letters")
    assert "about May 27." in spoken(essay_from_show_page(text.encode(), "p", "Letters", days[0]))[-1]
    assert "about Letters." in spoken(essay_from_show_page(text.encode(), "p", "Letters", days[1]))[-1]


@pytest.mark.parametrize("ending", ["…", "... more", "Show more", "[…]"])
def test_a_teaser_is_not_taken_for_the_essay(ending: str) -> None:
    text = f"Show\n\nClocks\nMay 5, 2026\n{WORDS} And then {ending}\n\nBells\nMay 1, 2026\n{TEXT}\n"
    with pytest.raises(EssayError, match="only the beginning") as caught:
        essay_from_show_page(text.encode(), "p", "Clocks")
    assert "Unfold" in caught.value.hint


def test_a_page_without_episodes_says_so() -> None:
    with pytest.raises(EssayError, match="lists no episodes"):
        parse_essay(TEXT.encode(), "p", part=Part(episode="Clocks"))


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Mar 5, 2026", Day(3, 5, 2026)),
        ("March 5th 2026", Day(3, 5, 2026)),
        ("5 March 2026", Day(3, 5, 2026)),
        ("Thu, 05 Mar 2026 · 12 min", Day(3, 5, 2026)),
        ("MAR 5", Day(3, 5)),
        ("2026-03-05T08:00:00Z", Day(3, 5, 2026)),
        ("S2 E14 • Mar 5 • 1 hr 12 min", Day(3, 5)),
        ("Published on 5.3.2026 | 12:34", Day(3, 5, 2026)),
        ("3/5/2026", Day(3, 5, 2026, True)),
    ],
)
def test_lines_of_facts(line: str, day: Day) -> None:
    fact = read_fact_line(line)
    assert fact is not None and fact.day == day and fact.has_date


@pytest.mark.parametrize(
    "line", ["12 mins.", "12 min", "1 hr 5 min", "1:02:03", "45 minutes", "12m 30s left"]
)
def test_durations_are_facts_without_a_date(line: str) -> None:
    fact = read_fact_line(line)
    assert fact is not None and not fact.has_date


@pytest.mark.parametrize(
    "line",
    ["On March 5 we left", "May I?", "2026", "12", "In 12 minutes", "Play", "March", "", "Today’s bread"],
)
def test_sentences_are_no_facts(line: str) -> None:
    assert read_fact_line(line) is None


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.sampled_from(["%b %d, %Y", "%d %B %Y", "%Y-%m-%d"]))
def test_any_date_is_read_back(day: date, style: str) -> None:
    fact = read_fact_line(day.strftime(style))
    assert fact is not None and fact.day is not None
    assert fact.day.distance(day) == 0


def test_a_date_without_a_year_is_near_across_new_year() -> None:
    assert Day(12, 31).distance(date(2026, 1, 1)) == 1
    assert Day(3, 5, 2026, True).distance(date(2026, 5, 3)) == 0


def test_likeness_is_of_words() -> None:
    assert likeness("Ep. 3 – On Clocks!", "on clocks") == 1
    assert likeness("On clocks", "On locks") < 1
    assert likeness("On clocks", "Bread") == 0


_LINE = st.sampled_from(["Mar 5, 2026", "12 min", "Clocks", "Bells", "", "Play", WORDS, "5 May", "…", "·"])


@settings(deadline=None)
@given(st.lists(_LINE, max_size=25))
def test_entries_are_disjoint_and_in_order(lines: list[str]) -> None:
    entries = split_entries(lines, "Clocks")
    for entry in entries:
        assert 0 <= entry.start <= entry.end <= len(lines)
    for one, two in itertools.pairwise(entry for entry in entries if entry.start < entry.end):
        assert one.end <= two.start


@settings(deadline=None)
@given(st.binary(max_size=150) | st.lists(_LINE, max_size=20).map(lambda lines: "\n".join(lines).encode()))
def test_any_bytes_give_an_essay_or_an_error(data: bytes) -> None:
    try:
        essay_from_show_page(data, "p", "Clocks", date(2026, 3, 5))
    except EssayError:
        return
