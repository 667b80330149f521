"""How an interview fares with the text that was published of it: edited a little, much, or another one's.

    python benchmarks/interviews.py FOLDER ONE OTHER [--model tiny.en] [--keep FOLDER]

ONE and OTHER are folders in FOLDER with a reading each (audio.*, text.txt). Their readers take turns of one
to three sentences; beginnings of sentences are repeated in the sound, and words and sentences are dropped,
put in and replaced in the text. Prints for each text what share of it was heard and what share of what was
said is in it, whether the audit passes, and whose names the voices get if a share of the words is given to
the wrong one. The table in docs/speakers.md is made of it.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkcast.alignment.name_voices import name_voices
from inkcast.api import AlignedEpisode, align
from inkcast.audio.decode import read_samples
from inkcast.essays.essay import Block, Essay
from inkcast.speech.load import load_model
from inkcast.speech.transcript import Transcript, Voice

RATE = 16_000
LONGEST_MS = 160_000
"""Of each reader, in each conversation."""
VOCABULARY = (
    "that which really quite simply perhaps always never under house river people great small ideas working"
)
WRONG_SHARES = (0.0, 0.05, 0.2, 0.5)

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Edit:
    """Shares: of sentences that begin twice; of words dropped, replaced and put in; of sentences left out and
    written anew."""

    name: str
    repeated: float = 0.0
    dropped: float = 0.0
    replaced: float = 0.0
    added: float = 0.0
    left_out: float = 0.0
    anew: float = 0.0


EDITS = (
    Edit("as said"),
    Edit("lightly edited", 0.15, 0.04, 0.01, 0.01),
    Edit("edited", 0.25, 0.08, 0.03, 0.02, 0.03),
    Edit("edited heavily", 0.3, 0.15, 0.06, 0.04, 0.08, 0.05),
    Edit("written anew", 0.3, 0.25, 0.15, 0.08, 0.2, 0.15),
)
USUAL = EDITS[2]


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words as written, with their times (ms) in a reader's recording."""

    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader: sentences that are whole, and the sound."""

    name: str
    sentences: tuple[Sentence, ...]
    sound: Samples


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation: its sound, its edited text, and who speaks from when on (ms)."""

    sound: Samples
    essay: Essay
    turns: tuple[tuple[int, str], ...]


def read(folder: Path, model: object) -> Reading:
    """Find the sentences of a reading by its own alignment."""
    audio = next(folder.glob("audio.*"))
    words = align(audio, folder / "text.txt", model).alignment.words  # type: ignore[arg-type]
    sentences, run = [], []
    for word in words:
        if word.start_ms is None or word.end_ms is None:
            run = []
            continue
        run.append((word.text, (word.start_ms, word.end_ms)))
        if re.search(r"[.?!][\"”’']?$", word.text):
            texts, spans = zip(*run, strict=True)
            if 4 <= len(run) <= 60:
                sentences.append(Sentence(texts, spans))
            run = []
    return Reading(folder.name, tuple(sentences), read_samples(audio))


def half(reading: Reading, second: bool) -> Reading:
    """The first or second half of what somebody reads, as much as is wanted of it."""
    at = len(reading.sentences) // 2 if second else 0
    first = reading.sentences[at].spans[0][0]
    chosen = [
        one
        for one in reading.sentences[at : at + (len(reading.sentences) + 1) // 2]
        if one.spans[-1][1] < first + LONGEST_MS
    ]
    return replace(reading, sentences=tuple(chosen))


def talk(readers: Sequence[Reading], edit: Edit) -> Talk:
    """Two readers in turns, and the text of it as it might be published."""
    rng = random.Random(f"{[one.name for one in readers]} {edit.name}")
    left = [list(reader.sentences) for reader in readers]
    sound: list[Samples] = []
    blocks, turns, number = [], [], 0
    while all(left):
        reader, rest = readers[number % 2], left[number % 2]
        turns.append((sum(map(len, sound)) * 1000 // RATE, reader.name))
        text: list[str] = []
        for sentence in [rest.pop(0) for _ in range(min(len(rest), rng.choice([1, 1, 2, 3])))]:
            if rng.random() < edit.repeated:
                sound += [_cut(reader, sentence, rng.choice([1, 2, 3])), _silence(rng.choice([60, 150, 300]))]
            sound += [_cut(reader, sentence), _silence(rng.choice([80, 200, 350]))]
            text += _edited(sentence.words, edit, rng)
        if text:
            blocks.append(Block("paragraph", " ".join(text), speaker=reader.name))
        sound.append(_silence(rng.choice([100, 250, 600])))
        number += 1
    return Talk(np.concatenate(sound), Essay(edit.name, tuple(blocks), "", "en"), tuple(turns))


def _cut(reader: Reading, sentence: Sentence, words: int = 1000) -> Samples:
    spans = sentence.spans[:words]
    start, end = max(0, spans[0][0] - 60), spans[-1][1] + 50
    return reader.sound[start * RATE // 1000 : end * RATE // 1000]


def _silence(ms: int) -> Samples:
    return np.zeros(ms * RATE // 1000, np.float32)


def _edited(words: Sequence[str], edit: Edit, rng: random.Random) -> list[str]:
    if rng.random() < edit.left_out:
        return []
    others = VOCABULARY.split()
    if rng.random() < edit.anew:
        return [rng.choice(others) for _ in words[: max(3, len(words) * 2 // 3)]]
    text: list[str] = []
    skip = 0
    for word in words:
        what = rng.random()
        if skip:
            skip -= 1
        elif what < edit.dropped / 2:  # two words at a time, on the average
            skip = rng.choice([0, 1, 2])
        elif what < edit.dropped / 2 + edit.replaced:
            text.append(rng.choice(others))
        else:
            text += [rng.choice(others)] if rng.random() < edit.added else []
            text.append(word)
    return text


def texts(usual: Talk, other: Talk) -> Iterator[tuple[str, Essay]]:
    """Texts that are not of the conversation, or not of all of it."""
    own, foreign = usual.essay.blocks, other.essay.blocks
    yield "another conversation of the two", other.essay
    for share in (0.25, 0.5, 0.75):
        at = round(share * len(own))
        yield f"another one after {share:.0%}", replace(usual.essay, blocks=(*own[:at], *foreign[at:]))
    yield "its first quarter", replace(usual.essay, blocks=own[: max(2, len(own) // 4)])


def voiced(transcript: Transcript, turns: Sequence[tuple[int, str]], wrong: float) -> Transcript:
    """The transcript with the true voice of each word, but for a share of them."""
    rng, names = random.Random(1), list(dict.fromkeys(name for _, name in turns))

    def speaker(ms: int) -> str:
        name = [name for start, name in turns if start <= ms or start == turns[0][0]][-1]
        return f"Speaker {1 + (names.index(name) + (rng.random() < wrong)) % 2}"

    segments = tuple(
        replace(
            one,
            words=tuple(
                replace(word, speaker=speaker((word.start_ms + word.end_ms) // 2)) for word in one.words
            ),
        )
        for one in transcript.segments
    )
    return replace(transcript, segments=segments, voices=(Voice("Speaker 1", 1), Voice("Speaker 2", 1)))


def row(name: str, result: AlignedEpisode, turns: Sequence[tuple[int, str]]) -> str:
    """A line of the table: the audit, and whether both voices get their names."""
    audit, right = result.alignment.audit, list(dict.fromkeys(name for _, name in turns))
    named = []
    for wrong in WRONG_SHARES:
        trusted = result.alignment if audit.passed else None
        names = name_voices(voiced(result.transcript, turns, wrong), result.essay, trusted)
        got = [voice.name for voice in names.voices]
        named.append("right" if got == right else "none" if not any(got) else "one" if "" in got else "WRONG")
    lost = 1 - audit.accounted_ms / max(1, audit.speech_ms)
    shares = f"{audit.coverage:.3f} | {audit.verified_share:.3f} | {lost:.3f}"
    verdict = "passes" if audit.passed else "fails"
    return f"| {name} | {shares} | {verdict}, {len(audit.problems)} | {' | '.join(named)} |"


def main() -> None:
    """Make the conversations, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("readers", nargs=2, metavar="READER")
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--keep", type=Path, help="where the recordings go")
    args = parser.parse_args()
    model = load_model(args.model)
    readings = [read(args.folder / name, model) for name in args.readers]
    wrong = " | ".join(f"{share:.0%} wrong" for share in WRONG_SHARES)
    print(f"| the text | heard of it | of what is said in it | lost | audit, problems | {wrong} |")
    print(f"|{'---|' * (5 + len(WRONG_SHARES))}")
    with tempfile.TemporaryDirectory() as made:
        folder = args.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)

        def try_out(name: str, spoken: Talk, essay: Essay) -> None:
            path = folder / f"{spoken.essay.title}.wav"
            _write(path, spoken.sound)
            print(row(name, align(path, essay, model), spoken.turns), flush=True)

        first = [half(reading, False) for reading in readings]
        for edit in EDITS:
            spoken = talk(first, edit)
            try_out(edit.name, spoken, spoken.essay)
        usual, other = talk(first, USUAL), talk([half(one, True) for one in readings], USUAL)
        for name, essay in texts(usual, other):
            try_out(name, usual, essay)


def _write(path: Path, sound: Samples) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    main()
