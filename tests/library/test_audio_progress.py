"""What the bar of a run claims, against the audio that was heard by then: only the order of things counts."""

import threading
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkcast.library.steps.audio_progress import AudioProgress
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.sync import Plan, plan_sync, sync
from inkcast.settings import Settings
from tests.support.shows import TRAINS, WORD_MS, Ears, feed, item, page, tone

MOST_POINTS = 10


class Bars:
    """Takes the place of the command's: what each says last, and ``claims`` of the feed's, in per cent."""

    def __init__(self):
        self.shown = {}
        self.labels = []
        self.claims = []
        self.watch = lambda percent: self.claims.append(percent)

    @contextmanager
    def task(self, label, unit=""):
        self.labels.append(label)

        def show(done, total):
            self.shown[label] = (done, total)
            if label == "Slow ways" and total:
                self.watch(100 * done / total)

        yield show
        self.shown.pop(label, None)


@st.composite
def runs(draw):
    """Lengths, and in which order pieces of them are heard and episodes end, each as a part of its length."""
    lengths = draw(st.lists(st.integers(1_000, 10_000_000), min_size=1, max_size=10))
    waiting, events = list(range(len(lengths))), []
    heard = []
    while waiting or heard:
        if heard and (not waiting or draw(st.booleans())):
            events.append((heard.pop(0), None))
        else:
            number = waiting.pop(0)
            events += [(number, part) for part in sorted(draw(st.lists(st.floats(0, 1), max_size=4)))]
            events.append((number, 1.0))
            heard.append(number)
    return lengths, events


@given(runs())
def test_a_bar_is_within_ten_points_of_what_was_heard(run):
    lengths, events = run
    bars, audio = Bars(), AudioProgress()
    folders = [Path(str(number)) for number in range(len(lengths))]
    audio.begin(dict(zip(folders, lengths, strict=True)), bars.task("Slow ways"))
    heard = [0.0] * len(lengths)
    for number, part in events:
        if part is None:
            audio.end(folders[number], counts=True)
        else:
            heard[number] = part * lengths[number]
            audio.heard(folders[number], int(heard[number]), lengths[number])
        assert abs(bars.claims[-1] - 100 * sum(heard) / sum(lengths)) <= MOST_POINTS + 0.2
    assert bars.claims[-1] == 100
    assert not bars.shown


def test_what_is_heard_of_the_first_tells_how_long_the_others_are():
    bars, audio = Bars(), AudioProgress()
    sizes = {Path("a"): 100, Path("b"): 300, Path("c"): None}  # the third is taken for an average one: 200
    audio.begin(sizes, bars.task("Slow ways"))
    audio.heard(Path("a"), 0, 60_000)
    assert bars.shown["Slow ways"] == (0, 360_000)
    audio.end(Path("b"), counts=False)  # there was nothing to be done
    assert bars.shown["Slow ways"] == (0, 180_000)
    audio.end(Path("a"), counts=True)
    assert bars.shown["Slow ways"] == (60_000, 180_000)
    audio.heard(Path("elsewhere"), 1, 1)
    audio.close()
    assert not bars.shown


@pytest.fixture
def show(tmp_path):
    """Ten episodes whose audio is from one to ten times as long, and what their files are called."""
    (tmp_path / "show").mkdir()
    items = []
    for number in range(10):
        text = " ".join([TRAINS] * (1 + number * 7 % 10)).split()[: 8 * (1 + number * 7 % 10)]
        (tmp_path / f"show/e{number}.wav").write_bytes(tone(WORD_MS * len(text) / 1000, 200 + number))
        (tmp_path / f"show/e{number}.html").write_bytes(page(f"E{number}", " ".join(text)))
        items.append(item(f"e{number}", f"E{number}", 28 - number))
    (tmp_path / "show/feed.xml").write_bytes(feed(*items))
    return tmp_path / "show"


class HalvesOfEars(Ears):
    """Tells half-way, and keeps what ``bars`` claim then beside what has been heard.

    Nobody else hears, so that no other thread changes the second in between.
    """

    def __init__(self, bars):
        super().__init__()
        self.bars, self.seen, self.heard_ms = bars, [], {}

    def __call__(self, recording, essay, checkpoint, progress, *rest):
        length = recording.duration_ms
        for done in (length // 2, length):
            self.heard_ms[recording.path.name] = done
            progress(done, length)
            self.seen.append((self.bars.claims[-1], sum(self.heard_ms.values())))
        return super().__call__(recording, essay, checkpoint, lambda done, total: None, *rest)


def test_a_sync_of_ten_claims_what_it_has_heard_and_names_what_it_does(show, tmp_path):
    bars = Bars()
    ears = HalvesOfEars(bars)
    total_ms = sum((path.stat().st_size - 44) // 16 for path in show.glob("*.wav"))
    with httpx.Client() as client:
        tools = Tools(client, Settings(refine=False), ears, bars.task, threading.Event())
        plan = Plan([str(show / "feed.xml")])
        plan_sync(plan, tmp_path / "library", tools)
        assert bars.labels == ["Slow ways"]
        assert set(bars.claims) <= {0}
        assert not bars.shown
        summary = sync(plan, tmp_path / "library", tools)
        assert summary.count("done") == 10
        assert len(ears.seen) == 20
        assert all(abs(claim - 100 * heard / total_ms) <= MOST_POINTS + 1 for claim, heard in ears.seen)
        assert bars.claims[-1] == 100
        phases = {label.partition(": ")[2] for label in bars.labels}
        assert phases == {"", "downloading", "transcribing", "telling speakers apart", "aligning", "writing"}
        assert not bars.shown
        bars.labels.clear()
        sync(plan, tmp_path / "library", tools)  # nothing is left to be done
    assert bars.labels == []
