"""WebVTT (.vtt): subtitles of the web and of podcast apps.

Source: W3C WebVTT, sections 4 (syntax) and 6 (parsing).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby

from inkcast.errors import PublishError
from inkcast.publish.subtitles.cues import Cue
from inkcast.publish.subtitles.highlight import Moment, WordMarks, separator, shown, voice
from inkcast.publish.subtitles.rolling import Shown, said_once
from inkcast.publish.words import clean_text, join_lines
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord
from inkcast.timecode import CUE_TIME, CUE_TIMES, parse_time, vtt_time

_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]+([^<>]*)>|</v>")
_INLINE_TIME = re.compile(rf"<({CUE_TIME})>")
_TAG = re.compile(r"</?(?:[cibuv]|ruby|rt|lang)(?:[.\s][^<>]*)?>", re.IGNORECASE)
_NO_CUE = ("NOTE", "STYLE", "REGION")


def write_vtt(cues: Sequence[Cue], marks: WordMarks = "plain") -> str:
    """WebVTT text; each voice of a cue stands in a tag, ``&``, ``<`` and ``>`` are escaped.

    Args:
        cues: in the order of time.
        marks: ``timed`` puts its time before each word whose time is known, strictly inside the
            cue; ``highlighted`` underlines the current word.
    """
    return "WEBVTT\n\n" + "".join(
        f"{vtt_time(moment.start_ms)} --> {vtt_time(moment.end_ms)}\n{_payload(cue, moment, marks)}\n\n"
        for cue in cues
        for moment in shown(cue, marks == "highlighted")
    )


def _payload(cue: Cue, moment: Moment, marks: WordMarks) -> str:
    parts = _with_times(cue) if marks == "timed" else moment.voices(_escaped)
    payload = ""
    for thrown_in, group in groupby(parts, key=lambda part: part[0]):
        text = "".join(part for _, part in group)
        speaker = _escaped(clean_text(thrown_in or cue.speaker))
        start = len(text) - len(text.lstrip())
        payload += f"{text[:start]}<v {speaker}>{text[start:]}</v>" if speaker else text
    return payload


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _with_times(cue: Cue) -> Iterator[tuple[str, str]]:
    """As ``Moment.voices``, with a time before each word that has one."""
    latest_ms = cue.end_ms - 2
    last_ms = cue.start_ms
    at, firsts = 0, {0, *accumulate(map(len, cue.rows))}
    for row in cue.rows:
        n_times = 0
        for word in row:
            text = separator(word, at, firsts)
            if word.timed and last_ms < word.start_ms <= latest_ms:
                last_ms = word.start_ms
                text += f"<{vtt_time(last_ms)}>"
                n_times += 1
            text += _escaped(word.text)
            at += 1
            # pysubs2 takes a line that holds just two times for the beginning of a cue. Where the last word
            # ends is a third.
            if at in firsts and n_times == 2:
                last_ms = max(last_ms + 1, min(word.end_ms - 1, latest_ms))
                text += f"<{vtt_time(last_ms)}>"
            yield voice(word), text


def parse_vtt(text: str) -> Transcript:
    """Read WebVTT: voices become speakers, inline times become words; comments and styles go.

    Raises:
        PublishError: neither the WEBVTT header nor one line of times is there.
    """
    lines = text.lstrip("\ufeff").splitlines()
    cues = [
        Shown(parse_time(times[1]), parse_time(times[2]), tuple(payload)) for times, payload in _cues(lines)
    ]
    segments = [
        segment
        for cue in said_once(cues, _plain)
        for segment in _segments(cue.start_ms, cue.end_ms, cue.lines)
    ]
    if not segments and lines and not lines[0].startswith("WEBVTT"):
        raise PublishError(
            "This is not a WebVTT file: it has no header and no cue.", "Check that it is a .vtt file."
        )
    return Transcript("", tuple(segments), max((segment.end_ms for segment in segments), default=0))


def _cues(lines: Sequence[str]) -> Iterator[tuple[re.Match[str], list[str]]]:
    """Each line of times with the lines below it, up to an empty one."""
    times: re.Match[str] | None = None
    payload: list[str] = []
    commenting = False
    for line in [*lines, ""]:
        if times is not None and line.isspace() and not payload:
            continue  # the empty upper row of captions that roll
        if not line.strip():
            if times is not None:
                yield times, payload
            times, payload, commenting = None, [], False
        elif times is not None:
            payload.append(line)
        elif not commenting:
            commenting = line.split()[0] in _NO_CUE
            times = None if commenting else CUE_TIMES.match(line)


def _segments(start_ms: int, end_ms: int, payload: Sequence[str]) -> Iterator[Segment]:
    """One segment for each voice; voices that share a cue share its time by length."""
    turns = [(clean_text(html.unescape(name)), turn) for name, turn in _turns("\n".join(payload))]
    spoken = [(name, turn, _plain(turn)) for name, turn in turns]
    total = sum(len(plain) for _, _, plain in spoken)
    length_ms, before = max(0, end_ms - start_ms), 0
    for name, turn, plain in spoken:
        if not plain:
            continue
        after = before + len(plain)
        first, last = (start_ms + length_ms * n // total for n in (before, after))
        yield Segment(first, last, " " + plain, _timed_words(turn, first, last), name)
        before = after


def _turns(text: str) -> Iterator[tuple[str, str]]:
    """What is said inside each voice's tag; behind its end, who it stands in is heard again."""
    names, cursor = [""], 0
    for tag in _VOICE.finditer(text):
        yield names[-1], text[cursor : tag.start()]
        cursor = tag.end()
        if tag[1] is not None:
            names.append(tag[1])
        elif len(names) > 1:
            names.pop()
    yield names[-1], text[cursor:]


def _plain(turn: str) -> str:
    lines = _TAG.sub("", _INLINE_TIME.sub("", turn)).split("\n")
    return join_lines([line for line in (clean_text(html.unescape(line)) for line in lines) if line])


def _timed_words(turn: str, start_ms: int, end_ms: int) -> tuple[TranscriptWord, ...]:
    """Words between inline times, as karaoke captions and YouTube's have them."""
    parts = _INLINE_TIME.split(turn)
    if len(parts) == 1:
        return ()
    starts = [start_ms, *map(parse_time, parts[1::2])]
    ends = [*starts[1:], end_ms]
    return tuple(
        TranscriptWord(" " + plain, first, max(first, last), 1.0)
        for plain, first, last in zip(map(_plain, parts[0::2]), starts, ends, strict=True)
        if plain
    )
