"""Whether a word that was heard otherwise was read as written, on a recording with known sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from functools import cache
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import pytest

from inkcast.alignment.confirm import confirm
from inkcast.alignment.heard_words import HeardWord
from inkcast.alignment.refine import refine
from inkcast.alignment.self_trained.self_trained_aligner import SelfTrainedAligner
from inkcast.alignment.timing import Placed, divide
from inkcast.audio.recording import Recording
from inkcast.wording.match import Match

RECORDING = Path(__file__).parents[2] / "examples" / "what-small-labs-are-for.mp3"


@cache
def recording() -> Recording:
    return Recording(RECORDING)


@pytest.fixture(scope="module", autouse=True)
def _close() -> Iterator[None]:
    yield
    recording().close()


@cache
def sentences() -> tuple[tuple[HeardWord, ...], ...]:
    """The words of each sentence of the recording at their times."""
    found = json.loads(RECORDING.with_suffix(".truth.json").read_text("utf-8"))["sentences"]
    texts = [(sentence["published"] or sentence["spoken"]).split() for sentence in found]
    words = [word for text in texts for word in text]
    crude = [
        span
        for sentence, text in zip(found, texts, strict=True)
        for span in divide(
            round(1000 * sentence["start"]), round(1000 * sentence["end"]), [len(word) + 1 for word in text]
        )
    ]
    placed = [Placed(at, *span, "spoken", 0.9) for at, span in enumerate(crude)]
    sizes = [len(word) for word in words]
    refined = refine(placed, words, sizes, [], recording(), SelfTrainedAligner("en"))
    times = iter(
        HeardWord(word, at.start_ms, at.end_ms, 0.9) for word, at in zip(words, refined, strict=True)
    )
    return tuple(tuple(islice(times, len(text))) for text in texts)


def hear(sentence: int, spoken_as: Mapping[str, str]) -> list[HeardWord]:
    """A transcript of the recording that has other words for some of one sentence."""
    heard = []
    for at, words in enumerate(sentences()):
        for word in words:
            texts = spoken_as.get(word.text, word.text).split() if at == sentence else [word.text]
            spans = divide(word.start_ms, word.end_ms, [len(text) for text in texts])
            heard += [HeardWord(text, *span, 0.9) for text, span in zip(texts, spans, strict=True)]
    return heard


def match_equal(essay: list[str], heard: list[HeardWord]) -> list[Match]:
    """Words with the same text on both sides."""
    blocks = SequenceMatcher(None, essay, [word.text for word in heard], autojunk=False).get_matching_blocks()
    return [
        Match(block.a + step, range(block.b + step, block.b + step + 1), 0.0, 1.0, 1.0)
        for block in blocks
        for step in range(block.size)
    ]


def confirmed(
    sentence: int,
    written: Mapping[str, str] = MappingProxyType({}),
    heard: Mapping[str, str] = MappingProxyType({}),
    sound: Recording | None = None,
) -> dict[str, str]:
    """Essay words that were matched besides, with what was heard for them.

    ``written`` and ``heard`` say what essay and transcript have for words that were spoken.
    """
    words = " ".join(
        written.get(word.text, word.text) if at == sentence else word.text
        for at, spoken in enumerate(sentences())
        for word in spoken
    ).split()
    said = hear(sentence, heard)
    matches = match_equal(words, said)
    found = confirm(
        matches, said, words, [len(word) for word in words], sound or recording(), SelfTrainedAligner("en")
    )
    assert [match.heard.start for match in found] == sorted(match.heard.start for match in found)
    return {
        words[match.essay]: " ".join(said[index].text for index in match.heard)
        for match in found
        if match not in matches
    }


@pytest.mark.parametrize(
    ("sentence", "written", "heard"),
    [
        (5, "labs", "lapse"),
        (5, "would", "wood"),
        (7, "Olmo", "almost"),
        (7, "Olmo", "all more"),
        (13, "where", "wear"),
        (20, "rest", "wrist"),
    ],
)
def test_a_misheard_word_is_found(sentence: int, written: str, heard: str) -> None:
    assert confirmed(sentence, heard={written: heard}) == {written: heard}


@pytest.mark.parametrize(
    ("sentence", "said", "written"),
    [
        (5, "small", "big"),
        (5, "never", "always"),
        (5, "case", "argument"),
        (5, "win.", "lose."),
        (7, "student", "teacher"),
        (7, "Olmo", "Qwen"),
        (13, "honest", "useful"),
        (20, "rest", "best"),
    ],
)
def test_a_replaced_word_is_not(sentence: int, said: str, written: str) -> None:
    assert confirmed(sentence, written={said: written}) == {}


def test_of_two_words_each_is_judged_by_itself() -> None:
    assert confirmed(5, written={"small": "big"}, heard={"labs": "lapse"}) == {"labs": "lapse"}


def test_what_is_compared_holds_no_aside() -> None:
    compared = []

    class Listener(SelfTrainedAligner):
        def likelihoods(self, sounds, words, recording):
            compared.extend(sounds)
            return iter([[0.0] * len(sound.texts) for sound in compared])

    spoken = [sentence for at, sentence in enumerate(sentences()) if at != 4]
    words = [{"case": "tale"}.get(word.text, word.text) for sentence in spoken for word in sentence]
    said = hear(5, {})
    confirm(match_equal(words, said), said, words, [1] * len(words), recording(), Listener("en"))
    assert [sound.texts[0][:3] for sound in compared] == [("The", "case", "for")]
    assert compared[0].start_ms > sentences()[4][-1].end_ms


@pytest.mark.parametrize("written", ["", "small brave labs"])
def test_without_words_on_both_sides_the_recording_is_not_opened(written: str) -> None:
    assert confirmed(5, written={"labs": written}, sound=Recording(Path("there is no such file.mp3"))) == {}


def test_times_that_run_backwards_are_left_alone() -> None:
    words = [word.text for word in sentences()[5]]
    said = [word for word in hear(5, {"labs": "lapse"}) if word.start_ms >= sentences()[5][0].start_ms]
    said = said[: len(words)]
    said[3:6] = said[5:2:-1]
    matches = match_equal(words, said)
    assert (
        confirm(
            matches,
            said,
            words,
            [len(word) for word in words],
            Recording(Path("none.mp3")),
            SelfTrainedAligner("en"),
        )
        == matches
    )
