"""``inkcast search``: words, times and addresses against a library whose times are known."""

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkcast.alignment.alignment import Extra
from inkcast.cli.app import inkcast
from inkcast.essays.essay import Block
from tests.support.alignments import WORD_MS
from tests.support.conversations import TURNS
from tests.support.libraries import Told, write_library

TRAINS = Told(
    "Night trains",
    ("Nobody planned the café’s return. GPT-4 wrote nothing of it.", "Nobody ever plans a café."),
    unspoken=(5,),
    extra=(Extra(3, "or did they", 1_700, 1_900),),
)
BOATS = Told("Boats", ("Every harbour keeps a boat that never sails. 日本語の本。",), "2026-04-02")
MUD = Told("Mud", blocks=tuple(Block("paragraph", text, speaker=name) for name, text in TURNS), show="Talks")
TALK = Told("A talk", heard="Nobody wrote this down but it was said about trains.", published="2025-12-01")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return write_library(tmp_path_factory.mktemp("shelf") / "library", [TRAINS, BOATS, TALK, MUD])


def run(library, *args):
    return CliRunner().invoke(inkcast, ["search", "--library", str(library), *args], prog_name="inkcast")


def find(library, *query, limit=20):
    result = run(library, "--json", "--limit", str(limit), "--", *query)
    found = json.loads(result.stdout)
    assert result.exit_code == (0 if found else 1), result.output
    return found


def titles(library, *query):
    return {each["title"] for each in find(library, *query)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("harbour", {"Boats"}),
        ("HARBOUR keeps", {"Boats"}),
        ("harb*", {"Boats", "Mud"}),
        ("harb", set()),
        ("nobody", {"Night trains", "A talk"}),
        ("nobody planned", {"Night trains"}),
        ('"nobody planned"', {"Night trains"}),
        ('"planned nobody"', set()),
        ("“nobody plan*”", set()),
        ('"nobody plan"*', {"Night trains"}),
        ("cafe", {"Night trains"}),
        ("CAFÉ", {"Night trains"}),
        ("gpt-4", {"Night trains"}),
        ("gpt 4", {"Night trains"}),
        ("trains", {"Night trains", "A talk"}),
        ("trains harbour", set()),
        ("trains planned", {"Night trains"}),
        ('"did they"', {"Night trains"}),
        ('"they or"', set()),
        ("日本", {"Boats"}),
        ("本日", set()),
        ('"本日"', set()),
    ],
)
def test_what_a_query_finds(library, query, expected):
    assert titles(library, query) == expected


def test_a_hit_is_at_the_time_of_its_word_and_leads_there(library):
    (found,) = find(library, "sails")
    (hit,) = found["hits"]
    index = ["Boats", *BOATS.paragraphs[0].split()].index("sails.")
    assert hit["start_ms"] == index * WORD_MS
    assert [hit["text"].split(" ")[i] for i in hit["marked"]] == ["sails."]
    assert hit["url"] == f"{found['page']}#t={index * WORD_MS // 1000}"
    assert re.match(r"file:///.*%C3%A9\.html$", found["page"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("speaker:bo boot", [("Bo Chen", "boot")]),
        ("boot", [("Bo Chen", "boot"), ("Ada Brown", "boot?")]),
        ('speaker:"ada brown" boot', [("Ada Brown", "boot?")]),
        ("speaker:ada", [("Ada Brown", "Welcome"), ("Ada Brown", "And")]),
        ("speaker:ada nobody", []),
        ("speaker:ada mud boot", [("Ada Brown", "mud?"), ("Ada Brown", "boot?")]),
        ("speaker:bo mud", []),
        ("speaker:chen* speaker:brow* mud", [("Ada Brown", "mud?")]),
        ("brown", []),
        ('speaker:"chen ada"', []),
        ('speaker:"brown bo"', []),
    ],
)
def test_what_one_speaker_says(library, query, expected):
    hits = [hit for each in find(library, query) for hit in each["hits"]]
    firsts = [hit["text"].split(" ")[(hit["marked"] or [0])[0]] for hit in hits]
    assert [(hit["speaker"], first) for hit, first in zip(hits, firsts, strict=True)] == expected


def test_the_terminal_shows_who_speaks(library):
    shown = " ".join(run(library, "eleven").stdout.split())
    assert (
        "… Bo Chen: had measured, so I stayed for eleven years. Ada Brown: And the boot? Bo Chen: Still"
        in shown
    )
    assert "speaker" not in run(library, "harbour").stdout
    assert find(library, "harbour")[0]["hits"][0]["speaker"] is None


def test_an_index_without_speakers_is_made_anew(library):
    with closing(sqlite3.connect(library / "search.sqlite")) as db:
        db.executescript(
            "DROP TABLE terms; ALTER TABLE documents DROP COLUMN turns; PRAGMA user_version = 1;"
        )
    assert titles(library, "speaker:bo") == {"Mud"}


def test_words_that_nobody_reads_have_no_time(library):
    (found,) = find(library, '"café’s return"')
    assert found["hits"][0]["start_ms"] is None and found["hits"][0]["url"] == found["page"]


def test_a_talk_without_essay_has_times_and_no_page(library):
    (found,) = find(library, "said")
    assert found["page"] is None and found["hits"][0]["url"] is None
    assert found["hits"][0]["start_ms"] == TALK.heard.split().index("said") * WORD_MS


def test_the_terminal_shows_title_time_and_address(library):
    lines = run(library, "harbour").stdout.splitlines()
    assert lines[0] == "Boats (Slow ways, 2026-04-02)"
    assert lines[1].startswith("  0:00  … Boats Every harbour keeps")
    assert lines[2].strip().endswith(".html#t=0")


def test_hostile_texts_do_not_reach_the_terminal(tmp_path):
    title = "\u202eevil\x1b[31m\u2066 \ud800title"
    library = write_library(tmp_path / "l", [Told(title, ("Say \u202eit \x1b]0;x\x07 " + "w" * 1_000_000,))])
    result = run(library, "say")
    assert result.exit_code == 0, result.output
    shown = re.sub(r"\x1b\[\d*m", "", result.stdout)
    assert len(shown) < 1_000 and "evil[31m title" in shown and "w" * 80 + "…" in shown
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)


def test_the_limit_counts_episodes(library):
    assert len(find(library, "nobody", limit=1)) == 1


def test_nothing_found_is_exit_1(library):
    result = run(library, "zeppelin")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "Nothing was found.\n")


def test_changes_of_the_library_are_seen(tmp_path):
    library = write_library(tmp_path / "library", [TRAINS, BOATS])
    assert titles(library, "harbour") == {"Boats"}
    write_library(library, [replace(BOATS, paragraphs=("The zeppelin is another matter.",))])
    assert titles(library, "harbour") == set()
    assert titles(library, "zeppelin") == {"Boats"}
    for path in library.rglob("2026-04-02*.wav"):
        path.unlink()
    assert titles(library, "zeppelin") == set()


def test_a_damaged_index_is_made_again(library):
    (library / "search.sqlite").write_bytes(b"rubbish" * 1000)
    assert titles(library, "harbour") == {"Boats"}


def test_where_there_is_no_library_it_says_so(tmp_path):
    result = run(tmp_path / "nowhere", "word")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: There is no library in ")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "query", ['"', '""', "*", "AND", "NEAR(a b)", "title:boats", "a OR", "(", "'; --", "^"]
)
def test_the_syntax_of_the_database_means_nothing(library, query):
    find(library, query)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30))
def test_nothing_that_can_be_typed_is_an_error(library, query):
    find(library, query)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_stretch_of_a_text_is_found_at_its_place(library, data):
    words = ["Boats", *BOATS.paragraphs[0].split()[:-1]]
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    found = find(library, '"' + " ".join(words[start:end]).upper() + '"')
    (boats,) = (each for each in found if each["title"] == "Boats")
    assert [hit["start_ms"] for hit in boats["hits"]] == [start * WORD_MS]
