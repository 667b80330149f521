"""Where an episode's essay may come from, and which of these texts the recording holds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx

from inkcast.alignment.align import align
from inkcast.download.client import Fetched, GoneError, fetch_bytes
from inkcast.errors import AlignmentError, DownloadError, EssayError, redact
from inkcast.essays.candidates import Candidate, SourceName, choose
from inkcast.essays.essay import Essay
from inkcast.essays.part import WHOLE, Part
from inkcast.essays.read import essay_from_content, parse_essay
from inkcast.feeds.content import is_whole_essay
from inkcast.feeds.episode import Episode
from inkcast.settings import FeedSettings
from inkcast.speech.transcript import Transcript

_LOG = logging.getLogger(__name__)


class SharedPage:
    """Keeps the page that was fetched last: a show page has the texts of hundreds of episodes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._address = ""
        self._page: Fetched | None = None

    def fetch(self, client: httpx.Client, address: str, sleep: Callable[[float], None]) -> Fetched:
        """The page at that address or path, as ``fetch_bytes`` gives it. Raises DownloadError."""
        with self._lock:
            if self._page is None or self._address != address:
                self._page = fetch_bytes(client, address, sleep=sleep)
                self._address = address
            return self._page


def essay_candidates(
    episode: Episode,
    feed: FeedSettings,
    client: httpx.Client,
    show_page: SharedPage,
    duration_ms: int | None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Candidate]:
    """The page that the user names for the feed, the feed's own text, the episode's page.

    Each is fetched only when it is asked for. A text in the feed that is too short to be surely the whole
    essay comes last: where the page is gone, or the user wants the feed's text and no other.

    Args:
        duration_ms: the recording's length, if known.

    Raises:
        DownloadError: one of them cannot be read now.
    """
    if feed.names_a_text:
        page = show_page.fetch(client, feed.essay, sleep)
        part = Part(episode=episode.title, published=episode.published.date() if episode.published else None)
        yield _tried("show page", lambda: _parsed(page, part))
    is_whole = _has_whole_text(episode, duration_ms)
    if is_whole and feed.essay != "link":
        yield _from_content(episode)
    is_last = feed.essay == "content"
    if episode.link and not is_last:
        try:
            page = fetch_bytes(client, episode.link, sleep=sleep)
        except GoneError as error:
            is_last = True
            yield Candidate("link", problem=error.message.rstrip("."), is_gone=True)
        else:
            if episode.content_html and not is_whole and feed.essay != "link":
                yield Candidate("content", problem="it is a teaser or notes")
            yield _tried("link", lambda: _parsed(page))
    if episode.content_html and not is_whole and is_last:
        yield _from_content(episode)


def has_source(episode: Episode, feed: FeedSettings, duration_ms: int | None) -> bool:
    """Whether there is anything to look for: ordinary podcasts have notes, and the show's home page."""
    wanted = {"": False, "content": bool(episode.content_html), "link": bool(episode.link)}
    return (
        episode.essay_source is not None
        or wanted.get(feed.essay, True)
        or _has_whole_text(episode, duration_ms)
    )


def _has_whole_text(episode: Episode, duration_ms: int | None) -> bool:
    """Whether the feed has the whole text: of a short one the recording's length tells, where it has none."""
    if episode.essay_source == "content" or episode.duration_ms is not None:
        return episode.essay_source == "content"
    return duration_ms is not None and is_whole_essay(episode.content_html or "", duration_ms)


def choose_essay(
    candidates: Iterator[Candidate], duration_ms: int | None, witness: Transcript | None
) -> Essay:
    """Take the first source that nothing speaks against; a witness speaks against what it does not hold.

    Args:
        candidates: as ``essay_candidates`` gives them.
        duration_ms: the recording's length, if known.
        witness: the publisher's transcript. One that holds none of the texts, since it is in another
            language for example, is not heard.

    Raises:
        EssayError: something speaks against each of them.
    """
    if witness is None:
        return choose(candidates, duration_ms)
    seen: list[Candidate] = []

    def weighed() -> Iterator[Candidate]:
        for candidate in candidates:
            seen.append(candidate)
            yield _with_coverage(candidate, witness)

    try:
        return choose(weighed(), duration_ms)
    except EssayError:
        return choose(seen, duration_ms)


def best_heard(taken: Essay, candidates: Iterator[Candidate], transcript: Transcript) -> Essay | None:
    """The source of whose words the recording has most, if it is another one than was taken.

    Args:
        taken: the text that does not fit the recording. If it is none of the candidates', somebody has
            corrected it, who is not to be corrected.
        candidates: all that there are.
        transcript: what was heard.
    """
    heard: list[Candidate] = []
    try:
        heard = [_with_coverage(candidate, transcript) for candidate in candidates]
        best = choose(heard, transcript.duration_ms)
    except (EssayError, DownloadError) as error:
        _LOG.info("No other text fits the recording: %s", error)
        return None
    known = [_texts(candidate.essay) for candidate in heard if candidate.essay]
    return best if _texts(best) != _texts(taken) in known else None


def _with_coverage(candidate: Candidate, transcript: Transcript) -> Candidate:
    if candidate.essay is None:
        return candidate
    try:
        coverage = align(transcript, candidate.essay).audit.coverage
    except AlignmentError:
        coverage = 0.0
    return replace(candidate, coverage=coverage)


def _texts(essay: Essay) -> list[str]:
    return [block.text for block in essay.blocks]


def _from_content(episode: Episode) -> Candidate:
    html, source = episode.content_html or "", redact(episode.link or "")
    return _tried("content", lambda: essay_from_content(html, episode.title, source))


def _parsed(page: Fetched, part: Part = WHOLE) -> Essay:
    return parse_essay(page.data, redact(page.url), page.media_type, part)


def _tried(name: SourceName, read: Callable[[], Essay]) -> Candidate:
    try:
        return Candidate(name, read())
    except EssayError as error:
        return Candidate(name, problem=str(error))
