"""Make the model of phones that every recording starts from.

    python benchmarks/train_seed.py FOLDER... [--out seed.npz] [--model tiny.en]

Each folder has a recording, audio.*, and its text, text.txt, read in English by one voice. Nothing else is
given: Whisper's attention says roughly where the words are. Each word's states are first spread evenly over
the sound in its time; then the best paths are found and the Gaussians estimated anew, nine times, while
their number grows to two a state.

``alignment/self_trained/seed.npz`` was made of public-domain readers: LibriVox (The Crimson Fairy Book,
chapters 6 and 17; Moby Dick, chapter 12 and the end of 16; Shakespeare's sonnet 1) and LJ Speech (32 clips),
34 minutes by five readers. Nothing that accuracy is measured on was among them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import inkcast
from inkcast.alignment.forced_aligner import ExpectedWord
from inkcast.alignment.lexicon import dictionary
from inkcast.alignment.self_trained import self_trained_aligner as aligner
from inkcast.alignment.self_trained.adaptation import LEAST_VARIANCE, UNUSED, PathStatistics
from inkcast.alignment.self_trained.cepstra import DIMENSIONS, FRAME_MS, Scale
from inkcast.alignment.self_trained.listener import Listener
from inkcast.alignment.self_trained.phone_model import SILENCE, STATES, PhoneModel
from inkcast.alignment.self_trained.pronunciation import first_form, pronunciation
from inkcast.alignment.self_trained.word_chunks import chunks_of
from inkcast.audio.recording import Recording

# How many Gaussians each state has, round by round, and how many frames of 10 ms each needs.
ROUNDS = (1, 1, 1, 1, 2, 2, 2, 2, 2)
FRAMES_A_GAUSSIAN = 24
# Frames of the average sound that keep what was hardly seen near it.
PRIOR_FRAMES = 2.0
PRIOR_LENGTH, PRIOR_VISITS = 8, 4
# Deviations by which the halves of a Gaussian that is cut in two move apart.
SHIFT = 0.3
FIRST_LENGTH = 5
LEAST_SOUND_FRAMES = 3

PRONOUNCE = pronunciation("en")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=Path("seed.npz"))
    parser.add_argument("--model", default="tiny.en")
    arguments = parser.parse_args()
    whisper = inkcast.load_model(arguments.model, device="cpu")
    passages = [passage for folder in arguments.folders for passage in passages_of(folder, whisper)]
    trained(passages).save(arguments.out)


def passages_of(folder: Path, whisper: inkcast.Transcriber) -> Iterator[aligner.Passage]:
    """A reader's words as attention heard them, and their sound."""
    unrefined = inkcast.AlignOptions(refine=False)
    audio = next(folder.glob("audio.*"))
    found = inkcast.align(audio, folder / "text.txt", whisper, align_options=unrefined).alignment
    words = [
        ExpectedWord(word.text, word.start_ms, word.end_ms)
        for word in found.words
        if word.start_ms is not None and word.end_ms is not None and PRONOUNCE(word.text)
    ]
    for extra in found.extra:
        words += spread_words(extra.text.split(), extra.start_ms, extra.end_ms)
    words.sort(key=lambda word: (word.start_ms, word.end_ms))
    with Recording(audio) as recording:
        listener = Listener(recording)
        heard = {chunk: aligner.listen(words, chunk, listener) for chunk in chunks_of(words)}
    scale = Scale.of(np.concatenate([sound.raw for sound in heard.values()]))
    for chunk, sound in heard.items():
        own = words[chunk.kept : chunk.kept_stop]
        yield aligner.passage_of(own, sound, scale, aligner.LEARNING_STEP)
    print(f"{folder}: {len(words)} words", file=sys.stderr)


def spread_words(texts: Sequence[str], start_ms: int, end_ms: int) -> Iterator[ExpectedWord]:
    """Words whose times nobody knows, by their letters."""
    ends = np.cumsum([len(text) + 1 for text in texts])
    borders = [start_ms, *(start_ms + (end_ms - start_ms) * ends // ends[-1]).tolist()]
    for text, start, end in zip(texts, borders, borders[1:], strict=False):
        if PRONOUNCE(text):
            yield ExpectedWord(text, start, end)


def trained(passages: Sequence[aligner.Passage]) -> PhoneModel:
    """A model of the dictionary's phones."""
    model = blank()
    seen = PathStatistics(model)
    for passage in passages:
        seen.add(passage.x, first_path(passage, model))
    model = estimated(model, seen)
    for wanted in ROUNDS:
        split(model, wanted)
        seen = PathStatistics(model)
        fit = 0
        for passage in passages:
            states = aligner.states_on_path(passage, model, PRONOUNCE)
            seen.add(passage.x, states)
            fit += bool((states != UNUSED).any())
        model = estimated(model, seen)
        print(f"{wanted} Gaussians a state: {fit} of {len(passages)} passages fit", file=sys.stderr)
    return model


def blank() -> PhoneModel:
    """A model that has seen nothing: all its Gaussians are the recording's."""
    phones = sorted({phone for line in dictionary() for phone in line.split()[1:]})
    n_states = 1 + len(phones) * STATES
    shape = n_states, ROUNDS[-1], DIMENSIONS
    weights = np.zeros(shape[:2], np.float32)
    weights[:, 0] = 1
    return PhoneModel(
        tuple(phones),
        means=np.zeros(shape, np.float32),
        variances=np.ones(shape, np.float32),
        weights=weights,
        length=np.full(n_states, FIRST_LENGTH, np.float32),
        visits=np.zeros(n_states, np.float32),
    )


def first_path(passage: aligner.Passage, model: PhoneModel) -> NDArray[np.int64]:
    """Silence where it is quiet, each word's states evenly over the sound in its time."""
    frame_ms = FRAME_MS * passage.step
    is_sound = passage.is_sound
    state = np.where(is_sound, UNUSED, SILENCE)
    for word in passage.words:
        first = max(0, (word.start_ms - passage.start_ms) // frame_ms)
        frames = np.arange(first, min(len(state), (word.end_ms - passage.start_ms) // frame_ms))
        heard = frames[is_sound[frames]]
        heard = heard if len(heard) >= LEAST_SOUND_FRAMES else frames
        phones = first_form(PRONOUNCE, word.text)
        states = np.array([at for phone in phones for at in model.states_of(phone)])
        state[heard] = states[np.arange(len(heard)) * len(states) // max(1, len(heard))]
    return state


def estimated(model: PhoneModel, seen: PathStatistics) -> PhoneModel:
    """Maximum likelihood; states that were hardly seen stay near the recording's own Gaussian."""
    occupancy = seen.occupancy[..., None]
    mean = seen.sums / (occupancy + PRIOR_FRAMES)
    variance = (seen.squares + PRIOR_FRAMES) / (occupancy + PRIOR_FRAMES) - mean**2
    weights = np.where(model.weights > 0, seen.occupancy + 1e-3, 0)
    return replace(
        model,
        means=mean.astype(np.float32),
        variances=np.maximum(variance, LEAST_VARIANCE).astype(np.float32),
        weights=(weights / weights.sum(1, keepdims=True)).astype(np.float32),
        length=((seen.frames + PRIOR_LENGTH) / (seen.visits + PRIOR_VISITS)).astype(np.float32),
        visits=seen.visits.astype(np.float32),
    )


def split(model: PhoneModel, wanted: int) -> None:
    """Cut each state's heaviest Gaussians in two until there are as many as wanted and its frames allow."""
    for state in range(len(model.means)):
        frames = float(model.length[state] * model.visits[state])
        limit = min(wanted, max(1, int(frames // FRAMES_A_GAUSSIAN)))
        for new in range(int(np.count_nonzero(model.weights[state])), limit):
            old = int(np.argmax(model.weights[state]))
            shift = SHIFT * np.sqrt(model.variances[state, old])
            model.means[state, new] = model.means[state, old] + shift
            model.means[state, old] -= shift
            model.variances[state, new] = model.variances[state, old]
            model.weights[state, old] /= 2
            model.weights[state, new] = model.weights[state, old]


if __name__ == "__main__":
    main()
