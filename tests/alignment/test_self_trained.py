"""The self-trained aligner where there is little, nothing or something else to hear."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf, log
from pathlib import Path

import numpy as np
import pytest

from inkcast.alignment.forced_aligner import ExpectedWord, Located, Sound
from inkcast.alignment.self_trained.best_path import best_path
from inkcast.alignment.self_trained.cepstra import DIMENSIONS, features
from inkcast.alignment.self_trained.phone_model import PhoneModel, seed
from inkcast.alignment.self_trained.pronunciation import pronunciation
from inkcast.alignment.self_trained.self_trained_aligner import SelfTrainedAligner
from inkcast.alignment.self_trained.word_graph import BEGINNING, build_graph
from inkcast.alignment.timing import divide
from inkcast.audio.recording import Recording
from tests.support.example import AUDIO, JFK, sentences
from tests.support.sounds import Sound as Samples
from tests.support.sounds import music, sine, write_wav

TEXT = "And so, my fellow Americans, ask not what your country can do for you"
SAID = TEXT.split()


def expected(words: Sequence[str], start_ms: int, end_ms: int, **more: bool) -> list[ExpectedWord]:
    """Words that were heard one after the other, their times guessed from their letters."""
    spans = divide(start_ms, end_ms, [len(word) + 1 for word in words])
    return [ExpectedWord(word, *span, **more) for word, span in zip(words, spans, strict=True)]


def align(path: Path, words: Sequence[ExpectedWord], language: str = "en") -> Located:
    with Recording(path) as recording:
        return SelfTrainedAligner(language).align(words, recording)


def assert_in_order(found: Located, end_ms: int) -> None:
    spans = [found.spans[at] for at in sorted(found.spans)]
    assert all(0 <= start < end <= end_ms for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@pytest.fixture(scope="module")
def jfk() -> Iterator[Recording]:
    with Recording(JFK) as recording:
        yield recording


def test_a_clip_of_eleven_seconds(jfk: Recording) -> None:
    """Whisper's own example: "ask" follows the pause that ends at 3.3 s."""
    words = expected(SAID, 300, 7_600)
    told: list[tuple[int, int | None]] = []
    found = SelfTrainedAligner("en").align(words, jfk, lambda *done: told.append(done))
    assert told[-1] == (len(words), len(words)) and told == sorted(set(told))
    assert set(found.spans) == set(range(len(words))) and not found.absent
    assert_in_order(found, jfk.duration_ms)
    after_pause = found.spans[SAID.index("ask")][0]
    assert any(abs(after_pause - start) < 150 for start, _ in jfk.speech)


def test_sentences_far_from_where_they_were_heard() -> None:
    """Half a second off, both ways."""
    lines = sentences()[2:12]
    words, starts, ends = [], [], []
    for number, line in enumerate(lines):
        start, end = (round(1000 * line[edge]) for edge in ("start", "end"))
        off = (-1) ** number * 400
        starts.append((len(words), start))
        words += expected(line["spoken"].split(), max(0, start + off), end + off)
        ends.append((len(words) - 1, end))
    words.sort(key=lambda word: word.start_ms)
    found = align(AUDIO, words)
    assert np.median([abs(found.spans[at][0] - start) for at, start in starts]) < 20
    assert np.median([abs(found.spans[at][1] - end) for at, end in ends]) < 25


@pytest.mark.parametrize("sound", ["silence", "noise", "music", "tone", "short"])
def test_where_nobody_speaks(tmp_path: Path, sound: str) -> None:
    made: dict[str, Samples] = {
        "silence": np.zeros(10 * 16_000, np.float32),
        "noise": (0.05 * np.random.default_rng(1).standard_normal(10 * 16_000)).astype(np.float32),
        "music": music(10),
        "tone": sine(440, 10),
        "short": np.zeros(100, np.float32),
    }
    path = write_wav(tmp_path / f"{sound}.wav", made[sound])
    found = align(path, expected(SAID, 1_000, 7_000))
    assert_in_order(found, 10_000)
    if sound in ("silence", "short"):
        assert not found.spans


def test_no_words_and_words_beyond_the_end(jfk: Recording) -> None:
    aligner = SelfTrainedAligner("en")
    assert aligner.align([], jfk) == Located()
    assert aligner.align(expected(["hello"], 10_000_000, 10_000_500), jfk) == Located()
    assert aligner.align(expected(["—", "😀"], 1_000, 1_500), jfk) == Located()
    partly = [*expected(SAID, 300, 7_600), *expected(["hello"], 20_000, 20_500)]
    assert set(aligner.align(partly, jfk).spans) == set(range(len(SAID)))


def test_a_word_that_is_not_there(jfk: Recording) -> None:
    words = expected(SAID, 300, 7_600)
    at = SAID.index("ask")
    ghost = ExpectedWord("constitutional", words[at].start_ms - 20, words[at].start_ms, True)
    found = SelfTrainedAligner("en").align([*words[:at], ghost, *words[at:]], jfk)
    assert found.absent == {at}
    assert set(found.spans) == set(range(len(words) + 1)) - {at}


def test_endless_words_keep_their_times_and_the_others_are_found(jfk: Recording) -> None:
    words = expected(SAID, 300, 7_600)
    endless = ExpectedWord("a" * 5_000, 7_700, 7_800)
    found = SelfTrainedAligner("en").align([*words, endless], jfk)
    assert len(words) not in found.spans


def test_which_text_a_sound_is(jfk: Recording) -> None:
    words = expected(SAID, 300, 7_600)
    sound = Sound(
        3_200, 7_600, (("ask", "not", "what", "your", "country"), ("ask", "for", "all", "my", "money"))
    )
    said, unsaid = next(SelfTrainedAligner("en").likelihoods([sound], words, jfk))
    assert said > unsaid
    beyond = Sound(10_000_000, 10_000_500, (("hello",), ("—",)))
    likelihoods = list(SelfTrainedAligner("en").likelihoods([sound, beyond], words, jfk))
    assert likelihoods == [[said, unsaid], [-inf, -inf]]
    late = expected(["hello"], 10_000_000, 10_000_500)
    assert list(SelfTrainedAligner("en").likelihoods([sound], late, jfk)) == [[-inf, -inf]]


def test_words_at_the_very_end(jfk: Recording) -> None:
    end = jfk.duration_ms
    for start in (end - 20, end - 5, end - 1):
        assert_in_order(SelfTrainedAligner("en").align(expected(["you"], start, end + 300), jfk), end)


FOREIGN = {
    "ru": "Не спрашивайте, что ваша страна может сделать для вас",
    "el": "Μη ρωτάτε τι μπορεί να κάνει η πατρίδα σας για εσάς",
    "ar": "لا تسألوا ماذا يمكن أن يقدم لكم بلدكم",
    "he": "אל תשאלו מה המדינה יכולה לעשות למענכם",
    "hi": "यह मत पूछो कि तुम्हारा देश तुम्हारे लिए क्या कर सकता है",
    "zh": "不 要 问 你 的 国家 能 为 你 做 什么",
    "ja": "くに が あなた に なに を できる か",
    "ko": "조국이 여러분을 위해 무엇을 할 수 있는지",
    "th": "อย่า ถาม ว่า ประเทศ ทำ อะไร",
    "xx": "Nekysė kokwla ženka blirtų",
    "de": "Fragt nicht, was 25 Länder 1987 für euch tun",
    "xy": "wakra 1987 domi",
}


@pytest.mark.parametrize("language", FOREIGN)
def test_words_of_any_script_have_a_place(jfk: Recording, language: str) -> None:
    words = expected(FOREIGN[language].split(), 300, 7_600)
    found = SelfTrainedAligner(language).align(words, jfk)
    # A word that falls into one of the speech's pauses keeps its time.
    assert len(found.spans) >= len(words) - 1
    assert_in_order(found, jfk.duration_ms)
    in_english = SelfTrainedAligner("en").align(words, jfk)
    assert len(in_english.spans) >= len(words) - 1


@pytest.mark.parametrize(
    ("language", "word", "phones"),
    [
        ("de", "Schule,", "SH UW L EH"),
        ("de", "25", "F UW N F UW N D T S V AA N T S IY G"),
        ("de", "„Fuß“", "F UW S"),
        ("es", "Año", "AA N Y OW"),
        ("fr", "parlent", "P AA R L"),
        ("fr", "parlent", "P AA R L AA N T"),
        ("ru", "дом", "D OW M"),
        ("el", "Γάτα", "G AA T AA"),
        ("ko", "가", "G AA"),
        ("ja", "か", "K AA"),
        ("hi", "कि", "K AA IY"),
        ("pt-BR", "manhã", "M AA N Y AA"),
        ("en", "дом", "D OW M"),
        ("en-GB", "GPT", "JH IY P IY T IY"),
    ],
)
def test_how_words_may_sound(language: str, word: str, phones: str) -> None:
    (forms,) = pronunciation(language)(word)
    assert phones in forms


@pytest.mark.parametrize("language", ["de", "ru", "zh", "en"])
@pytest.mark.parametrize("word", ["—", "", "…", "“”", "😀", "♪"])
def test_symbols_have_no_sound(language: str, word: str) -> None:
    assert pronunciation(language)(word) == ()


def test_features_have_a_row_for_each_five_milliseconds() -> None:
    assert features(np.zeros(16_000, np.float32)).shape == (200, DIMENSIONS)
    assert features(np.zeros(79, np.float32)).shape == (0, DIMENSIONS)


def test_louder_recordings_sound_the_same(tmp_path: Path, jfk: Recording) -> None:
    """Features are normalised: what is half as loud is found within a frame or two."""
    quiet = write_wav(tmp_path / "quiet.wav", 0.5 * jfk.read(0, jfk.duration_ms))
    words = expected(SAID, 300, 7_600)
    loud_spans, quiet_spans = align(JFK, words).spans, align(quiet, words).spans
    assert np.median([abs(loud_spans[at][0] - quiet_spans[at][0]) for at in loud_spans]) <= 10


def test_a_model_survives_its_file(tmp_path: Path) -> None:
    model = seed()
    model.save(tmp_path / "model.npz")
    again = PhoneModel.load(tmp_path / "model.npz")
    assert again.phones == model.phones
    assert np.array_equal(again.means, model.means) and np.array_equal(again.visits, model.visits)


@pytest.mark.parametrize("n_mixtures", [1, 2, 3])
def test_the_best_path_is_the_one_that_a_plain_search_finds(n_mixtures: int) -> None:
    """Viterbi's algorithm over all nodes and frames, in float64."""
    rng = np.random.default_rng(n_mixtures)
    shape = (len(seed().means), n_mixtures, DIMENSIONS)
    weights = rng.dirichlet(np.ones(n_mixtures), shape[0]).astype(np.float32)
    weights[::2, 1:] = 0
    means, variances = rng.normal(0, 1, shape), rng.uniform(0.5, 2, shape)
    model = replace(
        seed(), means=means.astype(np.float32), variances=variances.astype(np.float32), weights=weights
    )
    words = expected(["ask", "not"], 0, 600)
    x = rng.normal(0, 1, (60, DIMENSIONS)).astype(np.float32)
    anywhere = np.tile([0, 0, 600, 600], (len(words), 1))
    graph = build_graph(words, anywhere, pronunciation("en"), model)
    path = best_path(graph, x, 0, model, 2, border_nats=0, beam_nats=1e6)

    parts = -0.5 * (np.square(x[:, None, None] - means) / variances + np.log(variances)).sum(-1)
    with np.errstate(divide="ignore"):
        likelihood = np.logaddexp.reduce(parts + np.log(weights.astype(float)), -1)
    ground = -0.25 * np.square(x).sum(1) - 0.5 * DIMENSIONS * log(2) - 40
    stay, leave = model.stay_and_leave(1)
    score = np.full(len(graph.state), -inf)
    for t, sounds in enumerate(np.maximum(likelihood, ground[:, None])):
        arrived = score + stay[graph.state]
        for node, (first, stop) in enumerate(pairwise(graph.first_entry)):
            for before, cost in zip(graph.entries[first:stop], graph.costs[first:stop], strict=True):
                at_start = 0 if t == 0 else -inf
                come = at_start if before == BEGINNING else score[before] + leave[graph.state[before]]
                arrived[node] = max(arrived[node], come - cost)
        score = arrived + sounds[graph.state]
    assert path.score == pytest.approx(score[graph.exits].max(), rel=1e-4)
    assert len(path.nodes) == len(x)


ALONE = """
import os, sys
from pathlib import Path
if sys.argv[1] == "1":
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
from inkcast.alignment.forced_aligner import ExpectedWord
from inkcast.alignment.self_trained.self_trained_aligner import SelfTrainedAligner
from inkcast.audio.recording import Recording
words = [
    ExpectedWord(word, 11_000 * time + 500 * at, 11_000 * time + 500 * at + 500)
    for time in range(4)
    for at, word in enumerate(sys.argv[3].split())
]
with Recording(Path(sys.argv[2])) as recording:
    print(SelfTrainedAligner("en").align(words, recording))
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no way to choose cores")
def test_one_core_finds_what_two_find(tmp_path: Path, jfk: Recording) -> None:
    several_chunks = write_wav(tmp_path / "again.wav", np.tile(jfk.read(0, 11_000), 4))
    outputs = set()
    for cores in ("1", "2"):
        threads = {"OMP_NUM_THREADS": cores, "OPENBLAS_NUM_THREADS": cores}
        done = subprocess.run(
            [sys.executable, "-c", ALONE, cores, str(several_chunks), TEXT],
            env={**os.environ, **threads},
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1 and outputs != {""}


def test_importing_compiles_nothing() -> None:
    script = (
        "import inkcast.alignment.self_trained.self_trained_aligner as a\n"
        "from inkcast.alignment.self_trained import best_path\n"
        "assert not best_path._viterbi.signatures\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], check=True)
