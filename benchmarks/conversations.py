"""Who says what, measured: conversations made from recordings of people, and how well they are told apart.

    python benchmarks/conversations.py make PEOPLE FOLDER    # six conversations with their truth
    python benchmarks/conversations.py score FOLDER          # error rates of what Inkcast makes of them

PEOPLE holds a folder for each person with ``audio.*`` and the ``text.txt`` that is read there. Turns of 1 to
30 seconds are cut between words, a fifth of the gaps between them is shorter than 0.3 s, and now and then
somebody says a word while another speaks or draws breath. Every person has the same loudness.

Truth is where the words are, by Inkcast's own aligner on the recording of that person alone; pauses of less
than 0.3 s belong to the turn, as NIST's evaluations have it. Errors are counted without a collar, speech of
two at once included: what pyannote.metrics' DiarizationErrorRate(collar=0) counts.
"""

from __future__ import annotations

import json
import random
import resource
import time
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

import inkcast
from inkcast.audio.decode import SAMPLE_RATE
from inkcast.audio.recording import Recording
from inkcast.diarization.diarize import diarize
from inkcast.diarization.label import label_speakers
from inkcast.diarization.networks import load_networks
from inkcast.diarization.turns import voice_turns
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord

LOUDNESS = 0.06
ROOM = 3e-4
PAUSE_MS = 300
CUT_MS = 180
CONVERSATION_MS = 240_000


@dataclass(frozen=True)
class Said:
    """A word, its times in ms and who says it."""

    text: str
    start_ms: int
    end_ms: int
    speaker: str


@dataclass(frozen=True)
class Person:
    """Somebody's whole recording: samples of even loudness, and words."""

    name: str
    samples: NDArray[np.float32]
    words: tuple[Said, ...]


def person(folder: Path) -> Person:
    """The recording of one person with its words."""
    audio = next(path for path in folder.iterdir() if path.stem == "audio")
    known = folder / "said.json"
    with Recording(audio) as recording:
        samples = recording.read(0, recording.duration_ms)
        if not known.exists():
            aligned = inkcast.align(recording, folder / "text.txt").alignment
            words = [(w.text, w.start_ms, w.end_ms) for w in aligned.words if w.start_ms is not None]
            known.write_text(json.dumps(sorted(words, key=lambda word: word[1])), encoding="utf-8")
    said = tuple(Said(*word, folder.name) for word in json.loads(known.read_text(encoding="utf-8")))
    heard = np.concatenate([samples[at(w.start_ms) : at(w.end_ms)] for w in said])
    return Person(folder.name, samples * np.float32(LOUDNESS / np.sqrt(np.mean(heard**2))), said)


def at(ms: int) -> int:
    """The sample at a time."""
    return ms * SAMPLE_RATE // 1000


class Conversation:
    """Samples and words so far."""

    def __init__(self, noise: np.random.Generator) -> None:
        self.samples = (noise.standard_normal(at(CONVERSATION_MS + 120_000)) * ROOM).astype(np.float32)
        self.words: list[Said] = []

    @property
    def end_ms(self) -> int:
        return max((word.end_ms for word in self.words), default=0)

    def add(self, who: Person, words: Sequence[Said], start_ms: int, margin_ms: int = 60) -> None:
        """Lay words of a person so that the first begins at a time."""
        first, last = words[0].start_ms, words[-1].end_ms
        piece = who.samples[at(max(0, first - margin_ms)) : at(last + margin_ms)].copy()
        fade = np.linspace(0, 1, at(margin_ms // 2), dtype=np.float32)
        piece[: len(fade)] *= fade
        piece[len(piece) - len(fade) :] *= fade[::-1]
        begin = at(start_ms) - (at(first) - at(max(0, first - margin_ms)))
        cut = max(0, -begin)
        self.samples[begin + cut : begin + len(piece)] += piece[cut:]
        shift = start_ms - first
        self.words += [replace(w, start_ms=w.start_ms + shift, end_ms=w.end_ms + shift) for w in words]


def turns_of(who: Person, random_: random.Random) -> Iterator[list[Said]]:
    """Endless turns, cut at pauses, of 1 to 30 seconds."""
    words, index = who.words, random_.randrange(len(who.words))
    while True:
        while index < len(words) and index and words[index].start_ms - words[index - 1].end_ms < CUT_MS:
            index += 1
        wanted = 1000 * 30 ** random_.random()
        turn: list[Said] = []
        while index < len(words) and len(turn) < 400:
            turn.append(words[index])
            index += 1
            is_cut = index == len(words) or words[index].start_ms - words[index - 1].end_ms >= CUT_MS
            if is_cut and turn[-1].end_ms - turn[0].start_ms >= wanted:
                break
        if index >= len(words):
            index = 0
        if turn and 800 <= turn[-1].end_ms - turn[0].start_ms <= 32_000:
            yield turn


def lone_words(who: Person) -> list[Said]:
    """Words that somebody might throw in: short, and not joined to those beside them."""
    return [
        word
        for before, word, after in zip(who.words, who.words[1:], who.words[2:], strict=False)
        if 180 <= word.end_ms - word.start_ms <= 700
        and word.start_ms - before.end_ms >= 40
        and after.start_ms - word.end_ms >= 40
    ]


def conversation(people: Sequence[Person], seed: int) -> Conversation:
    """Four minutes of people who take turns."""
    random_ = random.Random(seed)
    made = Conversation(np.random.default_rng(seed))
    turns = {who.name: turns_of(who, random_) for who in people}
    cursor, before = 500, None
    while cursor < CONVERSATION_MS:
        who = random_.choice([person_ for person_ in people if person_ is not before])
        turn = next(turns[who.name])
        made.add(who, turn, cursor)
        shift = cursor - turn[0].start_ms
        if random_.random() < 0.3:
            other = random_.choice([person_ for person_ in people if person_ is not who])
            throw_in(
                made, other, [(a.end_ms + shift, b.start_ms + shift) for a, b in pairwise(turn)], random_
            )
        cursor = turn[-1].end_ms + shift
        cursor += random_.randint(80, 290) if random_.random() < 0.2 else random_.randint(310, 1200)
        before = who
    made.words.sort(key=lambda word: word.start_ms)
    made.samples = made.samples[: at(made.end_ms + 800)]
    return made


def throw_in(
    made: Conversation, who: Person, gaps: Sequence[tuple[int, int]], random_: random.Random
) -> None:
    """One word of somebody else, in a pause if there is one that is long enough, else over a word."""
    words = lone_words(who)
    if not words or not gaps:
        return
    word = random_.choice(words)
    length = word.end_ms - word.start_ms
    free = [start + 60 for start, end in gaps if end - start >= length + 120]
    made.add(who, [word], random_.choice(free) if free else random_.choice(gaps)[0], margin_ms=20)


def rttm(words: Sequence[Said]) -> list[tuple[int, int, str]]:
    """Turns with pauses of less than 0.3 s filled, by start."""
    spans: list[tuple[int, int, str]] = []
    for name in sorted({word.speaker for word in words}):
        own: list[tuple[int, int, str]] = []
        for word in words:
            if word.speaker != name:
                continue
            if own and word.start_ms - own[-1][1] < PAUSE_MS:
                own[-1] = (own[-1][0], max(own[-1][1], word.end_ms), name)
            else:
                own.append((word.start_ms, word.end_ms, name))
        spans += own
    return sorted(spans)


@click.group()
def main() -> None:
    """Make conversations, and score what Inkcast says of them.

    \b
    python benchmarks/conversations.py make PEOPLE FOLDER
    python benchmarks/conversations.py score FOLDER
    """


@main.command()
@click.argument("people_folder", type=click.Path(path_type=Path, exists=True))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--seed", default=1, show_default=True)
@click.option("--number", "n", default=6, show_default=True)
def make(people_folder: Path, folder: Path, seed: int, n: int) -> None:
    """Write conversations of two to four people: WAV, RTTM and words."""
    folder.mkdir(parents=True, exist_ok=True)
    people = [person(path) for path in sorted(people_folder.iterdir()) if path.is_dir()]
    random_ = random.Random(seed)
    for index in range(n):
        present = random_.sample(people, (2, 3, 4)[index % 3])
        made = conversation(present, seed * 100 + index)
        stem = folder / f"{index}-{len(present)}"
        with wave.open(str(stem.with_suffix(".wav")), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframes((np.clip(made.samples, -1, 1) * 32767).astype("<i2").tobytes())
        lines = [
            f"SPEAKER {stem.name} 1 {start / 1000:.3f} {(end - start) / 1000:.3f} <NA> <NA> {name} <NA> <NA>"
            for start, end, name in rttm(made.words)
        ]
        stem.with_suffix(".rttm").write_text("\n".join(lines) + "\n", encoding="utf-8")
        words = [(word.text, word.start_ms, word.end_ms, word.speaker) for word in made.words]
        stem.with_suffix(".words.json").write_text(json.dumps(words), encoding="utf-8")
        print(stem.name, [who.name for who in present], f"{made.end_ms / 1000:.0f} s")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.option("--transcribed", is_flag=True, help="Also count wrong voices at the words that a model hears.")
def score(folder: Path, transcribed: bool) -> None:
    """Diarisation error rate, number of speakers, words with the wrong voice, seconds a second of audio."""
    networks = load_networks()
    rates, wrong = [], []
    for path in sorted(folder.glob("*.rttm")):
        truth = read_rttm(path)
        words = [Said(*word) for word in json.loads(path.with_suffix(".words.json").read_text("utf-8"))]
        with Recording(path.with_suffix(".wav")) as recording:
            length = recording.duration_ms / 1000
            start, used = time.perf_counter(), processor_seconds()
            found = diarize(recording, networks)
            turns = voice_turns(found, recording)
            seconds, used = time.perf_counter() - start, processor_seconds() - used
            labelled = label_speakers(as_transcript(words, recording.duration_ms), found, turns)
            heard = label_speakers(inkcast.transcribe(recording), found, turns) if transcribed else None
        guess = [(*span, str(voice)) for voice, spans in enumerate(turns) for span in spans]
        missed, false_, confused, _ = error_rate(truth, guess)
        rates.append(missed + false_ + confused)
        wrong.append(wrong_words(words, labelled))
        print(
            f"{path.stem}: {len(turns)} speakers of {len({name for *_, name in truth})}, DER {rates[-1]:.3f} "
            f"(missed {missed:.3f}, false {false_:.3f}, confused {confused:.3f}), words {wrong[-1]:.3f}"
            + (f", as heard {wrong_words(words, heard):.3f}" if heard else "")
            + f", {seconds / length:.3f} s a second, {used / length:.3f} of a processor",
            flush=True,
        )
    print(f"mean DER {np.mean(rates):.3f}, words {np.mean(wrong):.3f}")


def processor_seconds() -> float:
    """Processor time of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def as_transcript(words: Sequence[Said], duration_ms: int) -> Transcript:
    """The words as if they had been heard."""
    said = tuple(TranscriptWord(f" {word.text}", word.start_ms, word.end_ms, 1.0) for word in words)
    text = "".join(word.text for word in said)
    return Transcript("en", (Segment(said[0].start_ms, said[-1].end_ms, text, said),), duration_ms)


def read_rttm(path: Path) -> list[tuple[int, int, str]]:
    """Turns of an RTTM file: start and end in ms, and who."""
    turns = []
    for line in path.read_text(encoding="utf-8").splitlines():
        _, _, _, start, length, _, _, name, *_ = line.split()
        begin = round(1000 * float(start))
        turns.append((begin, begin + round(1000 * float(length)), name))
    return turns


def error_rate(
    truth: Sequence[tuple[int, int, str]], guess: Sequence[tuple[int, int, str]]
) -> tuple[float, float, float, dict[str, str]]:
    """Shares of the truth's speech that are missed, added and given to the wrong one, and who is who."""
    n_ms = max(end for _, end, _ in (*truth, *guess)) + 1

    def grid(turns: Sequence[tuple[int, int, str]]) -> tuple[list[str], NDArray[np.bool_]]:
        names = sorted({name for *_, name in turns})
        heard = np.zeros((len(names), n_ms), np.bool_)
        for start, end, name in turns:
            heard[names.index(name), max(0, start) : end] = True
        return names, heard

    true_names, true = grid(truth)
    names, guessed = grid(guess)
    shared = np.array([[np.count_nonzero(one & other) for other in guessed] for one in true])

    @cache
    def best(index: int, used: int) -> tuple[int, tuple[int, ...]]:
        """Milliseconds that agree under the best mapping of the speakers from ``index`` on."""
        if index == len(true_names):
            return 0, ()
        agreed, rest = best(index + 1, used)
        choice = agreed, (-1, *rest)
        for other in range(len(names)):
            if not used >> other & 1:
                agreed, rest = best(index + 1, used | 1 << other)
                choice = max(choice, (agreed + int(shared[index, other]), (other, *rest)))
        return choice

    agreed, mapping = best(0, 0)
    n_true, n_guessed = true.sum(axis=0), guessed.sum(axis=0)
    missed = np.maximum(n_true - n_guessed, 0).sum()
    false_ = np.maximum(n_guessed - n_true, 0).sum()
    confused = np.minimum(n_true, n_guessed).sum() - agreed
    whole = n_true.sum()
    known = {names[other]: true_names[index] for index, other in enumerate(mapping) if other >= 0}
    return missed / whole, false_ / whole, confused / whole, known


def wrong_words(truth: Sequence[Said], labelled: Transcript) -> float:
    """Share of words with the wrong voice, each judged by who says the word that it overlaps most."""
    said = [word for segment in labelled.segments for word in segment.words]
    spans = [(word.start_ms, max(word.end_ms, word.start_ms + 1), word.speaker) for word in said]
    *_, known = error_rate([(w.start_ms, w.end_ms, w.speaker) for w in truth], spans)
    judged = []
    for start, end, speaker in spans:
        near = [word for word in truth if word.start_ms < end and word.end_ms > start]
        if near:
            likeliest = max(near, key=lambda word: min(word.end_ms, end) - max(word.start_ms, start))
            judged.append(known.get(speaker) != likeliest.speaker)
    return float(np.mean(judged))


if __name__ == "__main__":
    main()
