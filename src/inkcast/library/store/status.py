"""How far a library is, from its catalogue alone: no folder is looked into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inkcast.library.store.catalogue import Catalogue, StoredFeed
from inkcast.library.store.record import within

_COUNTS = """
SELECT feed, state, count(*) FROM (
    SELECT feed, CASE WHEN max(state = 'failed') THEN 'failed'
                      WHEN max(step = 'publish') AND min(key <> '') THEN 'done'
                      ELSE 'pending' END AS state
    FROM episodes LEFT JOIN steps ON steps.episode = episodes.id GROUP BY episodes.id
) GROUP BY 1, 2
"""
_BYTES = "SELECT feed, sum(size) FROM files JOIN episodes ON episodes.id = files.episode GROUP BY feed"
_FAILURES = """
SELECT feed, guid, title, step, reason, attempts, finished_at, next_attempt
FROM steps JOIN episodes ON episodes.id = steps.episode
WHERE state = 'failed' ORDER BY published DESC, episodes.id, finished_at
"""
_DOUBTFUL = """
SELECT feed, guid, title, folder, doubts, reason FROM steps JOIN episodes ON episodes.id = steps.episode
WHERE doubts > 0 AND step = 'align' AND state = 'done' ORDER BY doubts DESC, published DESC, episodes.id
"""
_SPEED = """
SELECT step, count(*), sum(seconds), sum(audio_ms) FROM steps
WHERE state = 'done' AND seconds > 0 GROUP BY step
"""
_AUDIO_BYTES = """
SELECT sum(size), sum(audio_ms) FROM steps
JOIN files ON files.episode = steps.episode AND files.step = 'download'
WHERE steps.step = 'transcribe' AND audio_ms > 0
"""


@dataclass(frozen=True, slots=True)
class FailedStep:
    """A step that failed.

    Times are ISO 8601 in UTC; without ``next_attempt`` it is tried again when what goes in has changed.
    """

    guid: str
    title: str
    step: str
    reason: str
    attempts: int
    finished_at: str
    next_attempt: str | None


@dataclass(frozen=True, slots=True)
class DoubtfulEpisode:
    """An episode with places that a person should look at, and how many.

    ``folder`` is within that of its feed; ``lost`` says which corrections have lost their place, if any.
    """

    guid: str
    title: str
    folder: str
    doubts: int
    lost: str


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """A feed and how far its episodes are; ``size`` is bytes of all their files.

    ``doubtful`` begins with the worst.
    """

    feed: StoredFeed
    done: int
    failed: int
    pending: int
    size: int
    failures: tuple[FailedStep, ...]
    doubtful: tuple[DoubtfulEpisode, ...] = ()


@dataclass(frozen=True, slots=True)
class Pace:
    """What the steps that are done took.

    Attributes:
        audio_ms: how much was transcribed.
        transcribe_s: how long that took.
        other_s: seconds for each episode beside transcription and download.
        bytes_per_s: of audio files, by the length of what they hold; 0 if nothing was heard yet.
    """

    audio_ms: int
    transcribe_s: float
    other_s: float
    bytes_per_s: float

    @property
    def speed(self) -> float | None:
        """Hours of audio transcribed in an hour; None if none were."""
        return self.audio_ms / 1000 / self.transcribe_s if self.audio_ms and self.transcribe_s else None


def total_of(feeds: Sequence[FeedStatus]) -> tuple[int, int, int, int]:
    """Episodes that are done, that failed and that are to do; bytes."""
    return (
        sum(feed.done for feed in feeds),
        sum(feed.failed for feed in feeds),
        sum(feed.pending for feed in feeds),
        sum(feed.size for feed in feeds),
    )


def next_attempt(failure: FailedStep, now: datetime) -> str:
    """When a step that failed is tried again, in words."""
    if failure.next_attempt is None:
        return "waits for its input to change"
    minutes = (datetime.fromisoformat(failure.next_attempt) - now).total_seconds() / 60
    if minutes < 1:
        return "next try: now"
    if minutes < 90:
        return f"next try in {minutes:.0f} min"
    return f"next try in {minutes / 60:.0f} h"


def counted(number: int, noun: str) -> str:
    """``1 episode``, ``2,000 episodes``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def size_in_words(size: int) -> str:
    """Bytes as MB, GB or TB."""
    for unit, bytes_ in (("TB", 1e12), ("GB", 1e9)):
        if size >= bytes_:
            return f"{size / bytes_:,.1f} {unit}"
    return f"{size / 1e6:,.1f} MB"


def status_of(catalogue: Catalogue) -> tuple[FeedStatus, ...]:
    """Every feed with its counts and failures, in the order they were added."""
    counts = {(feed, state): count for feed, state, count in catalogue.rows(_COUNTS)}
    sizes: dict[int, int] = dict(catalogue.rows(_BYTES))
    failures: dict[int, list[FailedStep]] = {}
    for feed, *rest in catalogue.rows(_FAILURES):
        failures.setdefault(feed, []).append(FailedStep(*rest))
    doubtful: dict[int, list[DoubtfulEpisode]] = {}
    for feed, guid, title, folder, *rest in catalogue.rows(_DOUBTFUL):
        doubtful.setdefault(feed, []).append(DoubtfulEpisode(guid, title, within(folder), *rest))
    return tuple(
        FeedStatus(
            feed=feed,
            done=counts.get((feed.id, "done"), 0),
            failed=counts.get((feed.id, "failed"), 0),
            pending=counts.get((feed.id, "pending"), 0),
            size=sizes.get(feed.id, 0),
            failures=tuple(failures.get(feed.id, ())),
            doubtful=tuple(doubtful.get(feed.id, ())),
        )
        for feed in catalogue.feeds()
    )


def pace_of(catalogue: Catalogue) -> Pace:
    """How quickly the library's episodes were worked through."""
    steps = {step: (count, seconds, ms) for step, count, seconds, ms in catalogue.rows(_SPEED)}
    _, transcribe_s, audio_ms = steps.get("transcribe", (0, 0.0, 0))
    size, length_ms = catalogue.rows(_AUDIO_BYTES)[0]
    others = [steps[step] for step in ("essay", "align", "publish") if step in steps]
    return Pace(
        audio_ms=audio_ms,
        transcribe_s=transcribe_s,
        other_s=sum(seconds / count for count, seconds, _ in others),
        bytes_per_s=1000 * size / length_ms if size and length_ms else 0.0,
    )
