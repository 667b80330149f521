"""Names of voices in a library: from a text's labels, from other episodes of the show, from its feed."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field, replace

import pytest

from inkcast.download.client import open_client
from inkcast.feeds.episode import Episode, Person
from inkcast.files import write_text
from inkcast.library.check import check
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.steps.name_evidence import known_voices, name_evidence
from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.schema import FILE_NAME
from inkcast.library.store.status import status_of
from inkcast.library.subscriptions import Subscriptions
from inkcast.library.sync import Plan, sync
from inkcast.publish.data_file import json_text
from inkcast.settings import Settings
from inkcast.speech.transcript import Transcript, Voice
from tests.support.shows import BOATS, TRAINS, WORD_MS, Ears, feed, item, page, tone

ANN, BOB, CYD = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
LIKE_ANN = (0.8, 0.0, 0.6)
QUESTIONS = [sentence.strip() for sentence in TRAINS.split(".") if sentence.strip()]
ANSWERS = [sentence.strip() for sentence in BOATS.split(".") if sentence.strip()]
TALK = [line for pair in zip(QUESTIONS, ANSWERS, strict=False) for line in pair]
PERSON = '<podcast:person role="guest">Cyd &lt;b&gt;Oak&lt;/b&gt;</podcast:person>'


@dataclass
class KeenEars(Ears):
    """Ears that tell voices apart: by file, the embedding of each, and how many words each turn has."""

    voices: dict[str, tuple[tuple[float, ...], ...]] = field(default_factory=dict)
    turns: dict[str, list[int]] = field(default_factory=dict)

    def __call__(self, recording, *rest) -> Transcript:
        heard, name = super().__call__(recording, *rest), recording.path.stem.split(" ", 1)[1]
        voices = self.voices[name]
        if len(voices) == 1:
            return replace(heard, voices=(Voice("", 1000, voices[0]),))
        (segment,) = heard.segments
        words, first = list(segment.words), 0
        for turn, length in enumerate(self.turns.get(name, [1] * len(words))):
            speaker = f"Speaker {turn % len(voices) + 1}"
            words[first : first + length] = [
                replace(word, speaker=speaker) for word in words[first : first + length]
            ]
            first += length
        listed = tuple(Voice(f"Speaker {n}", 1000, sound) for n, sound in enumerate(voices, 1))
        return replace(heard, segments=(replace(segment, words=tuple(words)),), voices=listed)


@pytest.fixture
def ears() -> KeenEars:
    return KeenEars(
        voices={"Alone": (ANN,), "Talk": (BOB, LIKE_ANN), "Chat": (CYD, LIKE_ANN), "Strangers": (ANN, BOB)},
        turns={"Talk": [1, *(len(line.split()) for line in TALK)]},
    )


@pytest.fixture
def shows(tmp_path):
    """Folder of two shows' pages and sounds, and what writes a feed of some of the episodes."""
    folder = tmp_path / "shows"
    folder.mkdir()
    lengths = {"alone": TRAINS, "talk": " ".join(TALK), "chat": "No one.", "strangers": "Nor two."}
    for n, (slug, text) in enumerate(lengths.items()):
        seconds = WORD_MS * len(text.split()) / 1000
        (folder / f"{slug}.wav").write_bytes(tone(seconds, 200 + 10 * n))
    (folder / "alone.html").write_bytes(page("Alone", TRAINS))
    labelled = [f"{('Ann Elm', 'Bob Fir')[n % 2]}: {line}." for n, line in enumerate(TALK)]
    (folder / "talk.html").write_bytes(page("Talk", *labelled))

    def write(title: str, *slugs: str) -> str:
        extra = {"chat": PERSON}
        items = [
            item(slug, slug.title(), day, link="" if (folder / f"{slug}.html").exists() else None,
                 extra=extra.get(slug, ""))
            for day, slug in enumerate(slugs, 10)
        ]  # fmt: skip
        text = feed(*items, title=title).decode().replace("<channel>", f"<channel>{AUTHOR}", 1)
        (folder / f"{title}.xml").write_text(text.replace("<rss ", f"<rss {NAMESPACES} ", 1))
        return str(folder / f"{title}.xml")

    return write


NAMESPACES = (
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0"'
)
AUTHOR = "<itunes:author>Ann Elm</itunes:author>"


@pytest.fixture
def run(library, ears):
    def run(source, feeds=None, **settings):
        with open_client(allow_private=True) as client:
            tools = Tools(client, Settings(model="ears", **settings), ears)
            summary = sync(Plan([source]), library, tools, subscriptions=Subscriptions(client, feeds or {}))
        assert not summary.failed, summary
        return {result.title for result in summary.episodes if result.state == "done"}

    return run


def read(library, pattern) -> dict:
    (path,) = library.glob(pattern)
    return json.loads(path.read_text("utf-8"))


def speakers(library, pattern):
    return [(one["speaker"], one.get("known_by", "")) for one in read(library, pattern)["speakers"]]


def test_names_go_from_text_and_reader_to_other_episodes_and_to_no_other_show(
    shows, run, library, ears, caplog
):
    caplog.set_level(logging.INFO)
    assert run(shows("Slow ways", "alone")) == {"Alone"}
    assert speakers(library, "Slow ways/*Alone/*.transcript.json") == [("", "")]

    assert run(shows("Slow ways", "alone", "talk")) == {"Talk"}
    aligned = read(library, "Slow ways/*Talk/*.alignment.json")
    assert aligned["audit"] == {**aligned["audit"], "passed": True, "problems": []}
    named = [block["speaker"] for block in aligned["blocks"][1:]]
    assert named == [("Ann Elm", "Bob Fir")[n % 2] for n, _ in enumerate(TALK)]
    heard = read(library, "Slow ways/*Talk/*.transcript.json")
    # The recording's first voice says the title, and all that Bob says.
    assert speakers(library, "Slow ways/*Talk/*.transcript.json") == [
        ("Bob Fir", "text"),
        ("Ann Elm", "text"),
    ]
    assert {word["speaker"] for word in heard["segments"][0]["words"]} == {"Ann Elm", "Bob Fir"}
    assert "Talk: Speaker 1 is Bob Fir: 100% of its words are labelled so in the text." in caplog.text

    assert run(shows("Slow ways", "alone", "talk", "chat")) == {"Chat"}
    assert speakers(library, "Slow ways/*Chat/*.transcript.json") == [
        ("Cyd Oak", "elimination"),
        ("Ann Elm", "voice"),
    ]
    evidence = read(library, "Slow ways/*Chat/*.transcript.json")["speakers"][1]["evidence"]
    assert evidence == "it sounds like Ann Elm (1.00), known from 1 conversation"

    assert run(shows("Other ways", "strangers")) == {"Strangers"}
    assert speakers(library, "Other ways/*/*.transcript.json") == [("Speaker 1", ""), ("Speaker 2", "")]

    heard_by_now = list(ears.heard)
    assert run(shows("Slow ways", "alone", "talk", "chat")) == set()
    assert ears.heard == heard_by_now
    assert check(library).findings == []


def test_what_is_heard_anew_gets_its_names_even_if_its_words_are_the_same(shows, run, library):
    source, pattern = shows("Slow ways", "alone", "talk"), "Slow ways/*Talk/*.transcript.json"
    run(source)
    named = speakers(library, pattern)
    assert {known for _, known in named} == {"text"}
    assert run(source, prompt="On trains.") == {"Alone", "Talk"}
    assert speakers(library, pattern) == named
    assert run(source, prompt="On trains.") == set()


def test_a_transcript_that_a_person_has_edited_stays(shows, run, library):
    source = shows("Slow ways", "talk")
    run(source)
    (path,) = library.glob("Slow ways/*Talk/*.transcript.json")
    edited = path.read_text("utf-8").replace("dignity", "comfort")
    path.write_text(edited, "utf-8")
    assert run(source, {"Slow ways": {"speaker_names": {"Bob Fir": "Robert Fir"}}}) == {"Talk"}
    assert path.read_text("utf-8") == edited
    blocks = read(library, "Slow ways/*Talk/*.alignment.json")["blocks"]
    assert [block["speaker"] for block in blocks[1:3]] == ["Ann Elm", "Robert Fir"]


def test_stated_names_are_put_in_without_hearing_anything_again(shows, run, library, ears):
    source = shows("Slow ways", "talk", "chat")
    assert run(source) == {"Talk", "Chat"}
    heard = list(ears.heard)
    feeds = {"Slow ways": {"speaker_names": {"Bob Fir": "Robert Fir", "2": "Ann E."}}}
    assert run(source, feeds) == {"Talk", "Chat"}
    assert ears.heard == heard
    talk, chat = "Slow ways/*Talk/*.transcript.json", "Slow ways/*Chat/*.transcript.json"
    assert speakers(library, talk) == [("Robert Fir", "stated"), ("Ann E.", "stated")]
    assert speakers(library, chat)[1] == ("Ann E.", "stated")
    assert "Ann E." in next(library.glob("Slow ways/*Talk/*.html")).read_text("utf-8")
    essay = read(library, "Slow ways/*Talk/*.corrected-essay.json")
    assert [block["speaker"] for block in essay["blocks"][1:3]] == ["Ann E.", "Robert Fir"]
    assert run(source, feeds) == set()
    # Taken back, they are gone.
    assert run(source) == {"Talk", "Chat"}
    assert speakers(library, talk) == [("Bob Fir", "text"), ("Ann Elm", "text")]
    assert not list(library.glob("Slow ways/*Talk/*.corrected-essay.json"))
    with Catalogue(library / FILE_NAME) as catalogue:
        (status,) = status_of(catalogue)
        assert catalogue.steps(status.feed, "chat")["align"].state == "skipped"


# --- what teaches ---


def named(name, embedding, known_by):
    return Voice(name, 1, embedding, known_by=known_by, evidence="x")


def write(show, name, *voices):
    folder = show / name
    folder.mkdir(parents=True)
    write_text(folder / f"{name}.transcript.json", json_text(Transcript("en", (), 1000, voices=voices)))
    return folder


def test_most_readers_alone_are_the_host(tmp_path):
    for n in range(3):
        write(tmp_path, f"alone {n}", Voice("", 1000, ANN))
    write(tmp_path, "stand-in", Voice("", 1000, BOB))
    (known,) = known_voices(tmp_path, tmp_path / "new", "Ann Elm")
    assert (known.name, known.embedding, known.known_from) == (
        "Ann Elm", ANN, "3 episodes that it reads alone",
    )  # fmt: skip
    assert known_voices(tmp_path, tmp_path / "new", "") == ()
    write(tmp_path, "stand-in 2", Voice("", 1000, BOB))
    write(tmp_path, "stand-in 3", Voice("", 1000, BOB))
    assert known_voices(tmp_path, tmp_path / "new", "Ann Elm") == (), "two readers, half and half"


def test_only_what_is_sure_teaches(tmp_path):
    write(
        tmp_path, "sure", named("Ann Elm", ANN, "text"), named("Bob Fir", BOB, "stated")
    )  # fmt: skip
    write(
        tmp_path, "unsure", named("Cy Oak", BOB, "elimination"), named("Di Yew", CYD, "voice")
    )  # fmt: skip
    write(tmp_path, "roles", named("Host", ANN, "text"), named("Guest", CYD, "text"))
    write(tmp_path, "numbers", Voice("Speaker 1", 1, ANN), Voice("Speaker 2", 1, CYD))
    write(tmp_path, "one label", named("Eli Ash", ANN, "text"), named("Eli Ash", CYD, "text"))
    mute = write(tmp_path, "no embedding", named("Fay Bay", (), "text"), named("G", (), "text"))
    (mute / "broken.transcript.json").write_text("{")
    (mute / "odd.transcript.json").write_text('{"speakers": 7}')
    own = write(tmp_path, "own", named("Ida Nut", ANN, "text"), named("Hal", CYD, "text"))
    known = known_voices(tmp_path, own, "")
    assert [(voice.name, voice.known_from) for voice in known] == [
        ("Ann Elm", "1 conversation"),
        ("Bob Fir", "1 conversation"),
    ]


def test_people_of_the_item_stand_in_place_of_the_shows(tmp_path):
    show = tmp_path / "show"
    (show / "episode").mkdir(parents=True)
    write_text(show / "show.json", json.dumps({"author": "Slow Media", "hosts": ["Ann Elm", "Bob Fir"]}))

    def people(*persons, title="Talk", summary=""):
        return name_evidence(show / "episode", Episode("1", title, persons=persons, summary=summary)).people

    assert people() == ("Ann Elm", "Bob Fir")
    assert people(Person("Cyd Oak", "guest")) == ("Cyd Oak",)
    assert people(Person("Dee Yew", "audio editor"), Person("Eli Ash", "host", "writing")) == (
        "Ann Elm",
        "Bob Fir",
    )
    assert people(title="Interviewing Cyd Oak on clocks") == ("Ann Elm", "Bob Fir", "Cyd Oak")
    assert people(summary="<p>We talk to <b>Cyd Oak</b>.</p>") == ("Ann Elm", "Bob Fir", "Cyd Oak")
