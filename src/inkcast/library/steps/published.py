"""A publisher's transcript: in place of our own, if its times belong to the recording, or as a witness."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from inkcast.audio.recording import Recording
from inkcast.audio.spans import Span, joined, shared_ms, total_ms
from inkcast.download.client import fetch_bytes
from inkcast.errors import InkcastError
from inkcast.feeds.episode import Episode, TranscriptLink
from inkcast.library.store.record import StoppedError
from inkcast.publish.subtitles.transcript_files import read_transcript
from inkcast.speech.transcript import Transcript

_LOG = logging.getLogger(__name__)

_TYPES = ("text/vtt", "application/x-subrip", "application/srt", "text/srt", "application/json")
_LEAST_OVERLAP = 0.8
_SLACK_MS = 2000
# Cues run on through pauses of a breath.
_BREATH_MS = 500


Sleep = Callable[[float], None]


def published_transcript(
    client: httpx.Client, episode: Episode, recording: Recording, sleep: Sleep = time.sleep
) -> Transcript | None:
    """The first of the episode's transcripts with times that fit the recording; None if there is none."""
    for transcript in _transcripts(client, episode, sleep):
        if problem := _misfit(transcript, list(recording.speech)):
            _LOG.info("%s: the publisher's transcript is not used: %s", episode.title, problem)
        else:
            return transcript
    return None


def witness_of(client: httpx.Client, episode: Episode, sleep: Sleep = time.sleep) -> Transcript | None:
    """The first of the episode's transcripts that can be read, to tell which text was read aloud."""
    return next(_transcripts(client, episode, sleep), None)


def _transcripts(client: httpx.Client, episode: Episode, sleep: Sleep) -> Iterator[Transcript]:
    for link in sorted((link for link in episode.transcripts if link.media_type in _TYPES), key=_rank):
        try:
            yield _read(client, link, sleep)
        except StoppedError:
            raise
        except InkcastError as error:
            _LOG.info("%s: the publisher's transcript cannot be used: %s", episode.title, error)


def _rank(link: TranscriptLink) -> int:
    return _TYPES.index(link.media_type or "")


def _read(client: httpx.Client, link: TranscriptLink, sleep: Sleep) -> Transcript:
    fetched = fetch_bytes(client, link.url, sleep=sleep)
    with TemporaryDirectory() as folder:
        path = Path(folder, "transcript")
        path.write_bytes(fetched.data)
        return read_transcript(path)


def _misfit(transcript: Transcript, speech: list[Span]) -> str:
    """Why a transcript is of another recording, another cut of it say; empty if nothing speaks for that."""
    spans = [(segment.start_ms, segment.end_ms) for segment in transcript.segments]
    if not spans or not speech:
        return "it has no words, or the recording has no speech"
    end_ms = max(end for _, end in spans)
    if end_ms > speech[-1][1] + _SLACK_MS:
        return f"it ends {(end_ms - speech[-1][1]) // 1000} s after the speech"
    spoken, said = joined(speech, _BREATH_MS), joined(spans)
    share = shared_ms(spoken, said) / max(1, total_ms(spoken), total_ms(said))
    return "" if share > _LEAST_OVERLAP else f"{share:.0%} of its times are those of speech"
